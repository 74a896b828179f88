import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { isKeyPicture } from "../../../src/core/bitstream/key_pictures.ts";

const cases: readonly (readonly [string, number[], boolean])[] = [
  ["vp9", [0b1000_0010], true],
  ["vp9", [0b1000_0110], false],
  ["vp9", [0b1000_1000], false],
  ["vp9", [0b1011_0001], true],
  ["vp9", [0b1011_0010], false],
  ["vp9", [0b0100_0000], false],
  ["vp9", [], false],
  ["theora", [0b0011_0000], true],
  ["theora", [0b0111_0000], false],
  ["theora", [0x80], false],
  ["theora", [], false],
  ["vp8", [0], false],
];

for (const [codec, data, key] of cases) {
  test(`${codec} ${data.map((byte) => byte.toString(2))}: ${key ? "a" : "no"} keyframe`, () => {
    assertEquals(isKeyPicture(codec, Uint8Array.from(data)), key);
  });
}
