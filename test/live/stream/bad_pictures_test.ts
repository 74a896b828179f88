/** Picture files that are too large, or are none. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Buffer } from "node:buffer";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { make } from "../../support/media.ts";
import { startWrongWeb } from "../../support/wrong_web.ts";
import { failureOf, firstFrame, SLOW, TemporaryDirectory } from "../reading.ts";

/** The pictures are made first, once. */
const MAKING = { timeout: 120_000 };
const TYPES = ["png", "jpg", "bmp", "webp", "tiff", "gif", "ppm"] as const;

function picture(type: string, size: string): Promise<string> {
  return make(`picture-${size}.${type}`, [
    "-f",
    "lavfi",
    "-i",
    `color=s=${size}`,
    "-frames:v",
    "1",
  ]);
}

/** What is needed to make a picture of 60000x60000 out of another one. */
const ENLARGED: Readonly<Record<string, (bytes: Buffer) => void>> = {
  png: (bytes) => {
    bytes.writeUInt32BE(60_000, 16);
    bytes.writeUInt32BE(60_000, 20);
  },
  bmp: (bytes) => {
    bytes.writeInt32LE(60_000, 18);
    bytes.writeInt32LE(60_000, 22);
  },
  gif: (bytes) => {
    bytes.writeUInt16LE(60_000, 6);
    bytes.writeUInt16LE(60_000, 8);
  },
  jpg: (bytes) => {
    const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
    bytes.writeUInt16BE(60_000, frame + 5);
    bytes.writeUInt16BE(60_000, frame + 7);
  },
};

test("a picture file that is too large is told by its size", MAKING, async () => {
  await using directory = await TemporaryDirectory.make();
  const files: [string, string][] = [];
  for (const type of ["png", "jpg", "webp", "tiff", "gif"]) {
    files.push([await picture(type, "8000x5000"), "8000x5000"]);
  }
  for (const [type, enlarge] of Object.entries(ENLARGED)) {
    const bytes = await readFile(await picture(type, "320x180"));
    enlarge(bytes);
    const path = directory.file(`bomb.${type}`);
    await writeFile(path, bytes);
    files.push([path, "60000x60000"]);
  }
  await writeFile(directory.file("bomb.ppm"), "P6\n60000 60000\n255\n0000000000000000000000000000");
  files.push([directory.file("bomb.ppm"), "60000x60000"]);
  await using web = await startWrongWeb({
    "/": async (exchange) => {
      const bytes = await readFile(exchange.path);
      exchange.head(200, { "Content-Length": bytes.length });
      await exchange.write(bytes);
    },
  });
  for (const [path, size] of files) {
    for (const url of [path, web.at(path)]) {
      const error = await failureOf(url, { decode: { threads: url === path ? 1 : 4 } });
      assertEquals([error.code, error.retryable], ["UNSUPPORTED_CODEC", false], error.message);
      assertStringIncludes(error.message, `its pictures are ${size}, and more than 33177600`);
    }
  }
});

test("a picture file of which nothing can be decoded is INVALID_DATA", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  for (const [type, length] of [["png", 60], ["jpg", 200]] as const) {
    const path = directory.file(`cut.${type}`);
    await writeFile(path, (await readFile(await picture(type, "320x180"))).subarray(0, length));
    const error = await failureOf(path);
    assertEquals(error.code, "INVALID_DATA", error.message);
    assertMatch(error.message, /there was no frame in it that could be decoded$/);
  }
});

test("a picture file of a usual size gives its frame", MAKING, async () => {
  for (const type of TYPES) {
    const { width, height } = await firstFrame(await picture(type, "320x180"));
    assertEquals([width, height], [320, 180], type);
  }
});
