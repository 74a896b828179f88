import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { pictureFileSize } from "../../../src/core/frame/picture_file.ts";
import { forAll } from "../property.ts";

const SIZE = { width: 700, height: 300 };

function bytes(...parts: (string | number[])[]): Uint8Array {
  return Buffer.concat(parts.map((part) => {
    return typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part);
  }));
}

const uint16 = (value: number, little = false) => {
  const pair = [value >> 8, value & 255];
  return little ? pair.reverse() : pair;
};
const uint32 = (value: number, little = false) => {
  const four = [value >> 24, value >> 16, value >> 8, value].map((byte) => byte & 255);
  return little ? four.reverse() : four;
};

/** One entry of a TIFF's directory: of 16 bits, or of 32. */
function entry(tag: number, value: number, little: boolean, short: boolean): number[] {
  const at = short ? [...uint16(value, little), 0, 0] : uint32(value, little);
  return [...uint16(tag, little), ...uint16(short ? 3 : 4, little), ...uint32(1, little), ...at];
}

function tiff(little: boolean, short: boolean): Uint8Array {
  return bytes(
    little ? "II*\0" : "MM\0*",
    uint32(10, little),
    [7, 7],
    uint16(3, little),
    entry(254, 1, little, false),
    entry(256, SIZE.width, little, short),
    entry(257, SIZE.height, little, short),
  );
}

const FILES: Readonly<Record<string, Uint8Array>> = {
  PNG: bytes("\x89PNG\r\n\x1a\n", uint32(13), "IHDR", uint32(700), uint32(300)),
  GIF: bytes("GIF89a", uint16(700, true), uint16(300, true)),
  BMP: bytes("BM", new Array(16).fill(0), uint32(700, true), uint32(300, true)),
  "BMP upside down": bytes("BM", new Array(16).fill(0), uint32(700, true), [0xd4, 0xfe, 255, 255]),
  "WebP, lossy": bytes(
    "RIFF0000WEBPVP8 0000",
    new Array(6).fill(0),
    uint16(700, true),
    uint16(300, true),
  ),
  "WebP, lossless": bytes("RIFF0000WEBPVP8L0000/", uint32(699 + 299 * 16_384, true)),
  "WebP, extended": bytes("RIFF0000WEBPVP8X0000\0\0\0\0", [0xbb, 2, 0], [0x2b, 1, 0]),
  JPEG: bytes("\xff\xd8\xff\xc0", uint16(17), [8], uint16(300), uint16(700)),
  "JPEG, other segments first": bytes(
    ...["\xff\xd8\xff\xe1", uint16(6), "Exif", "\xff\xff\xc4", uint16(3), "x"],
    ...["\xff\x01\xff\xc2", uint16(17), [8], uint16(300), uint16(700)],
  ),
  TIFF: tiff(true, true),
  "TIFF, big endian, 32 bits": tiff(false, false),
  PPM: bytes("P6\n# a comment\n700 300\n255\n"),
};

for (const [name, file] of Object.entries(FILES)) {
  test(`the size of a picture file: ${name}`, () => {
    assertEquals(pictureFileSize(file), SIZE);
    for (let length = 0; length < file.length - 4; length++) {
      assertEquals(pictureFileSize(file.subarray(0, length)), undefined, `${length} bytes`);
    }
  });
}

test("what is no picture file has no size", () => {
  for (const text of ["", "P6 is no picture", "\0\0\0\x01gB\0", "RIFF0000AVI LIST", "\xff\xd8"]) {
    assertEquals(pictureFileSize(bytes(text)), undefined, text);
  }
});

test("no damage of a picture file is worse than no size", () => {
  forAll(500, (drawn) => {
    const file = Uint8Array.from(drawn.pick(Object.values(FILES)));
    for (let i = 0; i < 4; i++) file[drawn.integer(0, file.length - 1)] = drawn.integer(0, 255);
    pictureFileSize(file.subarray(0, drawn.integer(0, file.length)));
  });
});
