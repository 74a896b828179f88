/** Which FFmpeg a stream runs on is said by itself. */

import { assert, assertEquals, assertExists, assertMatch, assertStringIncludes } from "@std/assert";
import { existsSync } from "node:fs";
import { isAbsolute } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { type Libraries, VideoStream, VideoWriter } from "../../../mod.ts";
import { makeVideo } from "../../support/media.ts";
import { freePort } from "../../support/port.ts";
import { rejection } from "../../support/waiting.ts";
import { Notes, QUICK } from "../lifecycle.ts";
import { TemporaryDirectory } from "../reading.ts";

const LIMIT = { timeout: 30_000 };

function assertTold(libraries: Libraries | undefined, notes: Notes): void {
  assertExists(libraries);
  const { version, release, paths } = libraries;
  assertMatch(release, /^\d+\.\d+$/);
  assertEquals(
    Object.keys(paths).sort(),
    ["avcodec", "avformat", "avutil", "swresample", "swscale"],
  );
  if (process.platform === "linux") {
    for (const [name, path] of Object.entries(paths)) {
      assert(isAbsolute(path) && existsSync(path), `${name}: ${path}`);
    }
  }
  const told = notes.find(/^info: .*FFmpeg/);
  assertEquals(told.length, 1, told.join("\n"));
  for (const part of [version, release, paths.avformat!]) assertStringIncludes(told[0]!, part);
}

test("a reader's stats() and log tell the libraries, the log once", LIMIT, async () => {
  const logger = new Notes();
  await using stream = new VideoStream(await makeVideo({ width: 320, height: 180 }), { logger });
  assertEquals([stream.stats().libav, stream.stats().libraries], [undefined, undefined]);
  await stream.next();
  const { libav, libraries } = stream.stats();
  assertEquals(libav, libraries?.version);
  assertTold(libraries, logger);
});

test("a reader that never connects tells them too, and once for all attempts", LIMIT, async () => {
  const logger = new Notes();
  await using stream = new VideoStream(`rtsp://127.0.0.1:${await freePort()}/stream`, {
    ...QUICK,
    logger,
    reconnect: { delay: 20, maxAttempts: 2 },
  });
  await rejection(stream.start().ready);
  assertTold(stream.stats().libraries, logger);
});

test("a writer's stats() and log tell the libraries", LIMIT, async () => {
  const logger = new Notes();
  await using directory = await TemporaryDirectory.make();
  const size = { width: 64, height: 48 };
  const writer = new VideoWriter(directory.file("film.mp4"), { ...size, logger });
  assertEquals(writer.stats().libraries, undefined);
  writer.write(new Uint8Array(size.width * size.height * 3));
  await writer.close();
  assertEquals(writer.stats().libav, writer.stats().libraries?.version);
  assertTold(writer.stats().libraries, logger);
});
