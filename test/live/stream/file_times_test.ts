/** Files whose times begin late, jump or are missing. */

import {
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
} from "@std/assert";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { VideoStream, type VideoStreamOptions } from "../../../mod.ts";
import { longGop } from "../../support/elementary.ts";
import { lateStart, timeJump } from "../../support/odd_files.ts";
import { within } from "../../support/waiting.ts";
import { GRAY, SLOW, streamError, TemporaryDirectory } from "../reading.ts";

/** The times of so many frames, and how long they took. */
async function timesOf(file: string, count: number, options: VideoStreamOptions = {}) {
  await using stream = new VideoStream(file, { ...GRAY, ...options });
  const times: number[] = [];
  let begin = 0;
  const read = async () => {
    for await (const { pts } of stream) {
      begin ||= performance.now();
      times.push(pts ?? NaN);
      if (times.length === count) break;
    }
  };
  await within(`${count} frames of ${file}`, read(), 30_000);
  return { times, seconds: (performance.now() - begin) / 1_000 };
}

test("loop and pace: times that begin late make no gap at the turn", SLOW, async () => {
  const file = await lateStart();
  const { times: once } = await timesOf(file, Infinity);
  const { times } = await timesOf(file, 2 * once.length + 1, { loop: true, pace: true });
  times.forEach((time, i) => assertAlmostEquals(time, once[0]! + i / 25, 1e-6, `frame ${i}`));
});

test("pace goes on after a jump in a file's times", SLOW, async () => {
  const file = await timeJump();
  const { times } = await timesOf(file, Infinity);
  assertEquals(Math.max(...times) - Math.min(...times) > 3_600, true, `${times}`);
  const { times: paced, seconds } = await timesOf(file, Infinity, { pace: true });
  assertEquals(paced, times);
  assertGreater(seconds, (times.length - 1) / 25 - 0.5);
  assertLess(seconds, 25);
});

test("a raw stream has the times that its frame rate gives", SLOW, async () => {
  // libav takes 25 a second for all raw streams.
  const { times, seconds } = await timesOf(await longGop(), 21, { pace: true });
  times.forEach((time, i) => assertAlmostEquals(time, i / 10, 1e-6, `frame ${i}`));
  assertGreater(seconds, 1.5);
});

test("loop is refused at once where a source cannot go back", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const pipe = directory.file("pipe.ts");
  await within("mkfifo", new Promise((resolve) => spawn("mkfifo", [pipe]).on("exit", resolve)));
  const source = await lateStart();
  const feeder = spawn("sh", ["-c", 'cat "$0" > "$1"', source, pipe], { stdio: "ignore" });
  try {
    await using stream = new VideoStream(pipe, { ...GRAY, loop: true, container: "mpegts" })
      .start();
    const error = await streamError("refusal", stream.ready);
    assertEquals([error.code, error.operation, error.retryable], ["NOT_SEEKABLE", "open", false]);
    assertMatch(error.message, /option loop needs a source that can go back/);
  } finally {
    feeder.kill();
  }
});
