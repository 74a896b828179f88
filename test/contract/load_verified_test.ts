/** Libraries that one thread has tested are opened by the others. */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { loadBackend, openLibav } from "../../ffi/mod.ts";
import { loadVerified } from "../../ffi/load/mod.ts";
import { LIBRARIES, SYMBOLS } from "../../ffi/symbols/mod.ts";

const backend = loadBackend();
const { verified, release, versions } = openLibav();

test("what was tested is opened again, as it was opened before, with all of its functions", () => {
  const again = loadVerified(backend, structuredClone(verified));
  assertEquals([again?.release.name, again?.paths], [release, verified.paths]);
  const functions = LIBRARIES.flatMap((library) => Object.keys(SYMBOLS[library]));
  assertEquals(Object.keys(again!.symbols).sort(), functions.sort());
  const [major] = versions.avformat.split(".");
  assertEquals(again!.symbols.avformat_version() >> 16, Number(major));
});

const CHANGED: Readonly<Record<string, Partial<typeof verified>>> = {
  "the variable names another directory now": { override: "/nowhere" },
  "the release is not known": { release: "1.0" },
  "a file is gone": { paths: { ...verified.paths, avcodec: "/nowhere/libavcodec.so" } },
  "a file is another library": { paths: { ...verified.paths, avcodec: verified.paths.avutil! } },
  "a library is not named": { paths: { avutil: verified.paths.avutil! } },
};
for (const [name, change] of Object.entries(CHANGED)) {
  test(`they are searched for again when ${name}`, () => {
    assertEquals(loadVerified(backend, { ...verified, ...change }), undefined);
  });
}
