import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { spropParameterSets } from "../../../src/core/rtsp/sprop.ts";

const sets = (...pairs: [string, string][]) => {
  const bytes = spropParameterSets(new Map(pairs));
  return bytes && [...bytes];
};
const base64 = (...bytes: number[]) => btoa(String.fromCharCode(...bytes));

test("the sets of H.264 and of HEVC, with start codes, in the order of decoders", () => {
  assertEquals(sets(["sprop-parameter-sets", `${base64(0x67, 1)},${base64(0x68, 2)}`]), [
    ...[0, 0, 0, 1, 0x67, 1],
    ...[0, 0, 0, 1, 0x68, 2],
  ]);
  assertEquals(
    sets(
      ["sprop-pps", base64(0x44, 3)],
      ["sprop-sps", base64(0x42, 2)],
      ["sprop-vps", base64(0x40, 1)],
    ),
    [0x40, 0x42, 0x44].flatMap((type, i) => [0, 0, 0, 1, type, i + 1]),
  );
});

test("what is no base64, empty, or too long is left out", () => {
  assertEquals(sets(), undefined);
  assertEquals(sets(["sprop-parameter-sets", ""]), undefined);
  assertEquals(sets(["sprop-parameter-sets", `${base64(0x67)},`]), [0, 0, 0, 1, 0x67]);
  assertEquals(sets(["sprop-parameter-sets", `!!!,${base64(0x68)}`]), [0, 0, 0, 1, 0x68]);
  assertEquals(sets(["sprop-sps", base64(...new Array(20_000).fill(1))]), undefined);
});
