/** Which FFmpeg the tests of this folder's table really ran with. */

import { assert, assertEquals } from "@std/assert";
import process from "node:process";
import { test } from "node:test";
import { RELEASES } from "../../ffi/load/releases.ts";
import { openLibav } from "../../ffi/mod.ts";

const libav = openLibav();
/** The release that this run is meant for; undefined outside of the table. */
const meant = process.env.RTSP_STREAM_COMPAT;

test("the libraries are of the release that the run is for", () => {
  assertEquals(libav.release, meant ?? libav.release);
  assert(libav.version.includes(`${libav.release}`), libav.version);
});

test("all five libraries are of one release", () => {
  const row = RELEASES.find(({ name }) => name === libav.release);
  for (const [library, major] of Object.entries(row?.majors ?? {})) {
    const version = libav.versions[library as keyof typeof libav.versions];
    assertEquals(version.split(".")[0], String(major), `${library} ${version}`);
  }
  assertEquals(Object.keys(row?.majors ?? {}).length, 5);
});
