/** What is said of containers that the installed FFmpeg does not have. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { test } from "node:test";
import { openLibav } from "../../ffi/mod.ts";
import { noDemuxer, noMuxer } from "../../src/av/containers.ts";

const libav = openLibav();

test("a demuxer that is not there is answered with the closest that is", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["mpegtss", '; did you mean "mpegts"?'],
    ["webn", '; did you mean "webm"?'],
    ["nothing at all is like this", ' has no demuxer "nothing at all is like this"'],
  ];
  for (const [name, end] of rows) {
    const { code, operation, reason = "" } = noDemuxer(libav, name);
    assertEquals([code, operation], ["UNSUPPORTED_CONTAINER", "open"]);
    assertEquals(reason.slice(-end.length), end);
  }
});

test("a device is not taken for a misspelt container", () => {
  for (const name of ["v4l2", "dshow", "avfoundation", "x11grab"]) {
    assertStringIncludes(noDemuxer(libav, name).reason ?? "", "is a device of libavdevice");
  }
});

test("a muxer that is not there is answered with those that are", () => {
  const { code, reason = "" } = noMuxer(libav, "matrosca");
  assertEquals(code, "UNSUPPORTED_CONTAINER");
  assertEquals(reason, 'the installed FFmpeg has no muxer "matrosca"; did you mean "matroska"?');
  const other = noMuxer(libav, "completely other").reason ?? "";
  for (const muxer of ["mp4", "mpegts", "flv"]) assertStringIncludes(other, muxer);
});
