import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { hasMpeg4Header } from "../../../src/core/bitstream/mpeg4_header.ts";

const SEQUENCE = [0, 0, 1, 0xb0, 1, 0, 0, 1, 0xb5, 9, 0, 0, 1, 0];
const LAYER = [0, 0, 1, 0x20, 0, 0x84, 1];
const PICTURE = [0, 0, 1, 0xb6, 0x10, 0, 0, 1, 0x20];

test("MPEG-4: a header counts that stands before the picture", () => {
  assertEquals(hasMpeg4Header(Uint8Array.from([...SEQUENCE, ...LAYER, ...PICTURE])), true);
  assertEquals(hasMpeg4Header(Uint8Array.from(PICTURE)), false);
  assertEquals(hasMpeg4Header(Uint8Array.from([...SEQUENCE, ...PICTURE])), false);
  assertEquals(hasMpeg4Header(Uint8Array.from([1, 0x20, 0, 0, 1])), false);
  assertEquals(hasMpeg4Header(new Uint8Array()), false);
});
