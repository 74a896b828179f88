/** Fragmented files, which outlive the process that writes them. */

import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { VideoWriterOptions } from "../../../mod.ts";
import { upTo } from "../../support/numbers.ts";
import { playable, probe } from "../../support/probe.ts";
import { startScript } from "../../support/process.ts";
import { until } from "../../support/waiting.ts";
import { SLOW, TemporaryDirectory } from "../reading.ts";
import { framesOf, numberOf, writeFile } from "../writing.ts";

const SCRIPT = fileURLToPath(new URL("../fixtures/write_live.ts", import.meta.url));
/** Pictures of a second. */
const SECOND = 30;
/** Above the pictures that an encoder for files holds back. */
const COUNT = 100;

type Options = Pick<VideoWriterOptions, "codec" | "fragmented" | "timestamps">;

function startWriting(path: string, options: Options, interval: number, count: number) {
  return startScript(SCRIPT, [path, JSON.stringify(options), `${interval}`, `${count}`]);
}

/** How many pictures a process had written into the file when it was killed. */
async function writeAndDie(path: string, options: Options, interval = 0): Promise<number> {
  await using child = startWriting(path, options, interval, Infinity);
  const written = () => child.stdout.split("\n").length - 1;
  await child.until("pictures", () => written() >= COUNT || undefined);
  await child.kill();
  return written();
}

for (
  const [extension, options] of [
    ["mp4", {}],
    ["mov", {}],
    ["mkv", {}],
    ["mp4", { codec: "hevc" }],
    ["mp4", { codec: "mpeg4" }],
    ["mp4", { codec: "mjpeg" }],
  ] satisfies [string, Options][]
) {
  const name = `${(options as Options).codec ?? "h264"} in .${extension}`;
  test(`a process that is killed loses less than its last second: ${name}`, SLOW, async () => {
    await using directory = await TemporaryDirectory.make();
    const path = directory.file(`film.${extension}`);
    const written = await writeAndDie(path, options);
    const frames = await framesOf(path, { format: "gray8" });
    assertEquals(frames.map(numberOf), upTo(frames.length));
    assertLess(written - frames.length, SECOND, `${written} were written`);
    assertEquals((await probe(path)).frames, frames.length);
  });
}

for (const extension of ["mp4", "mkv"]) {
  test(`what was written before a pause can be played during it: .${extension}`, SLOW, async () => {
    await using directory = await TemporaryDirectory.make();
    const path = directory.file(`film.${extension}`);
    await using _child = startWriting(path, {}, 30, 5);
    const count = async () => await playable(path) ? (await probe(path)).frames : 0;
    await until("five pictures", async () => await count() === 5);
  });
}

test("a film that is slower than the clock is not further behind for it", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  // Half a second of it is 15 pictures, which take six seconds.
  await using child = startWriting(path, { timestamps: "constant" }, 400, Infinity);
  const count = async () => await playable(path) ? (await probe(path)).frames : 0;
  const written = () => child.stdout.split("\n").length - 1;
  await until("pictures", async () => await count() >= 4);
  assertLess(written(), 15);
});

test(
  "a file that is not fragmented cannot be played when its process was killed",
  SLOW,
  async () => {
    await using directory = await TemporaryDirectory.make();
    for (const extension of ["mp4", "mov"]) {
      const path = directory.file(`film.${extension}`);
      assertGreater(await writeAndDie(path, { fragmented: false }), 0);
      assertEquals(await playable(path), false);
    }
  },
);

test("a fragmented file that is closed is whole", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  for (const extension of ["mp4", "mkv"]) {
    const path = directory.file(`film.${extension}`);
    await writeFile(path, COUNT, { fragmented: true, gop: 10 });
    const { pictures, frames, duration } = await probe(path);
    assertEquals([pictures.length, frames], [COUNT, COUNT]);
    assert(Math.abs(duration - COUNT / SECOND) < 0.1, `${duration} s`);
    const numbers = (await framesOf(path, { format: "gray8" })).map(numberOf);
    assertEquals(numbers, upTo(COUNT));
  }
});
