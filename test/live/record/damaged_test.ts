/** Recordings of streams that a container cannot take as they are. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Buffer } from "node:buffer";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { type StreamError, VideoStream } from "../../../mod.ts";
import { makeVideo } from "../../support/media.ts";
import { probe } from "../../support/probe.ts";
import { within } from "../../support/waiting.ts";
import { GRAY, SLOW, TemporaryDirectory } from "../reading.ts";

/** An FLV file in which one picture is announced as longer than it is. */
async function damagedFlv(): Promise<Buffer> {
  const data = await readFile(await makeVideo({ container: "flv", frames: 50, fps: 25 }));
  let pictures = 0;
  // Tags follow the header of 9 bytes, each behind the length of the one before (Annex E.3).
  for (let at = 13; at < data.length; at += 15 + data.readUIntBE(at + 1, 3)) {
    const isPicture = data[at] === 9 && data[at + 12] === 1;
    if (isPicture && ++pictures === 20) data.writeInt32BE(0x7fff_ffff, at + 16);
  }
  return data;
}

test(
  "a damaged packet that the container does not take does not end the recording",
  SLOW,
  async () => {
    await using directory = await TemporaryDirectory.make();
    const file = directory.file("damaged.flv");
    await writeFile(file, await damagedFlv());
    await using stream = new VideoStream(file, GRAY);
    const path = directory.file("damaged.ts");
    const recording = stream.record(path);
    for await (const _ of stream);
    await within("end", recording.finished);
    const { packets, skipped } = recording.stats();
    assertEquals([packets, skipped], [49, 1]);
    assertEquals((await probe(path)).pictures.length, 49);
  },
);

test(
  "MPEG-4 whose header is beside it is refused for MPEG-TS, and taken with it",
  SLOW,
  async () => {
    await using directory = await TemporaryDirectory.make();
    for (const container of ["mp4", "ts"] as const) {
      await using stream = new VideoStream(
        await makeVideo({ codec: "mpeg4", container, frames: 30, fps: 25 }),
        GRAY,
      );
      const paths = ["ts", "mkv"].map((kind) => directory.file(`${container}.${kind}`));
      const [ts, mkv] = paths.map((path) => stream.record(path));
      const ended = ts!.finished.then(() => undefined, (error: StreamError) => error);
      for await (const _ of stream);
      const error = await within("end", ended);
      await within("end", mkv!.finished);
      if (container === "mp4") {
        assertEquals(error?.code, "UNSUPPORTED_CODEC");
        assertStringIncludes(error!.message, "header beside it");
      } else {
        assertEquals(error, undefined);
        assertEquals((await probe(paths[0]!)).frames, 30);
      }
      assertEquals((await probe(paths[1]!)).frames, 30);
    }
  },
);
