/** Files that are truncated, are no media, or are no files. */

import {
  assert,
  assertArrayIncludes,
  assertEquals,
  assertGreater,
  assertLess,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { Buffer } from "node:buffer";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { StreamError, VideoStream } from "../../../mod.ts";
import { make, makeVideo, truncated } from "../../support/media.ts";
import { upTo } from "../../support/numbers.ts";
import { countingVideo, readCounter } from "../../support/patterns.ts";
import { runScript } from "../../support/process.ts";
import { within } from "../../support/waiting.ts";
import { failureOf, GRAY, look, SLOW, SMALL, streamError, TemporaryDirectory } from "../reading.ts";

const PEAK_MEMORY = fileURLToPath(new URL("../fixtures/peak_memory.ts", import.meta.url));

test("a truncated file gives what it has and then an end", SLOW, async () => {
  const whole = [
    await countingVideo(60, { ...SMALL, container: "ts" }),
    await countingVideo(60, { ...SMALL, codec: "mjpeg", container: "avi" }),
  ];
  for (const file of whole) {
    await using stream = new VideoStream(await truncated(file, 0.6), GRAY);
    const counters: number[] = [];
    const read = async () => {
      // The picture that was cut may be damaged.
      for await (const { data, width, height } of stream) {
        counters.push(readCounter(data, width, height, 1) ?? -1);
      }
    };
    const failure = await within("end", read().then(() => undefined, (error) => error));
    if (failure) assertEquals(failure.code, "INVALID_DATA", String(failure));
    assertGreater(counters.length, 20);
    assertLess(counters.length, 60);
    assertEquals(counters.slice(0, 20), upTo(20));
  }
});

test("a truncated MP4 file, whose index is lost, is an error", SLOW, async () => {
  const file = await truncated(await countingVideo(60, SMALL), 0.6);
  const error = await failureOf(file);
  assertEquals(error.code, "INVALID_DATA", error.message);
  assert(error.averror !== undefined);
});

test("what is not a media file fails at once and says so", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const [text, empty, noise] = ["text.mp4", "empty.mp4", "noise.bin"].map((name) =>
    directory.file(name)
  );
  await writeFile(text!, "This is not a film.\n".repeat(2_000));
  await writeFile(empty!, "");
  await writeFile(noise!, Uint8Array.from({ length: 50_000 }, (_, i) => (i * i * 31 + i * 7) >> 3));
  await mkdir(directory.file("folder.mp4"));
  for (const path of [text, empty, noise, directory.file("folder.mp4")]) {
    const begin = performance.now();
    const error = await failureOf(path!, { openTimeout: 5_000 });
    assertArrayIncludes(["INVALID_DATA", "NO_VIDEO"], [error.code], error.message);
    assert(error.message.startsWith(`Cannot open ${path}: `), error.message);
    assertLess(performance.now() - begin, 4_000);
  }
});

test("a file that does not exist is NOT_FOUND and is not waited for", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const failures: StreamError[] = [];
  await using stream = new VideoStream(directory.file("missing.mp4"), {
    reconnect: { delay: 10 },
    onReconnectFailure: (error) => void failures.push(error),
  });
  const error = await assertRejects(() => within("failure", stream.next()), StreamError);
  assertEquals(error.code, "NOT_FOUND", error.message);
  assertEquals([stream.state, stream.reconnectCount], ["failed", 0]);
  assertEquals(failures, [error]);
  const again = await streamError("loop", look(stream, 1));
  assert(again === error);
});

test("a file that must not be read is an error that says so", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("secret.mp4");
  await writeFile(path, "nothing");
  await chmod(path, 0);
  const error = await failureOf(path);
  // The administrator may read everything; then it is only not a film.
  if (process.getuid?.() === 0) assertEquals(error.code, "INVALID_DATA", error.message);
  else assert(/EACCES|permission denied/i.test(error.message), error.message);
});

test(
  "pictures that are too large are named, and no memory is taken for them",
  { timeout: 90_000 },
  async () => {
    const measure = async (file: string) => {
      const { stdout, stderr, code } = await runScript(PEAK_MEMORY, [file]);
      assertEquals(code, 0, stderr);
      return JSON.parse(stdout) as { code: string; message: string; megabytes: number };
    };
    const small = await measure(await countingVideo(30, SMALL));
    assertEquals(small.code, "ok");
    const film = await makeVideo({
      ...{ name: "large", width: 16_384, height: 8_192, fps: 1, frames: 1, source: "color" },
      extra: ["-preset", "ultrafast", "-threads", "1"],
    });
    const others = ["large.ts", "large.h264"].map((name) => make(name, ["-i", film, "-c", "copy"]));
    for (const file of [film, ...await Promise.all(others)]) {
      const large = await measure(file);
      assertEquals(large.code, "UNSUPPORTED_CODEC", large.message);
      assertStringIncludes(
        large.message,
        "its pictures are 16384x8192, and more than 33177600 pixels",
      );
      // One such picture has 200 MB.
      assertLess(large.megabytes, small.megabytes + 120, file);
    }
  },
);

test("a file of which no frame can be decoded is an error, not an end", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const whole = await readFile(await makeVideo({ frames: 20, container: "h264" }));
  // Behind the parameter sets and the keyframe.
  const noKeyframe = directory.file("rest.h264");
  await writeFile(noKeyframe, whole.subarray(whole.indexOf(Buffer.from([0, 0, 1, 0x41])) - 1));
  const jpeg = await readFile(
    await make("one.mjpeg", [
      ...["-f", "lavfi", "-i", "testsrc2=size=64x64", "-frames:v", "1"],
    ]),
  );
  const noPicture = directory.file("head.mjpeg");
  await writeFile(noPicture, Buffer.concat([jpeg.subarray(0, 100), jpeg.subarray(-2)]));
  for (const [path, words] of [[noKeyframe, "no keyframe"], [noPicture, "no frame"]] as const) {
    const error = await failureOf(path);
    assertEquals(error.code, "INVALID_DATA", path);
    assertStringIncludes(error.message, words);
  }
});
