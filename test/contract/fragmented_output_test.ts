/** When fragments end, with the live library and a clock that is ours. */

import { assertEquals, assertExists, assertGreater, assertLessOrEqual } from "@std/assert";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { nativeBytes, openLibav } from "../../ffi/mod.ts";
import { copyParameters } from "../../src/av/codec_parameters.ts";
import { Input } from "../../src/av/input.ts";
import { Output } from "../../src/av/output.ts";
import { Packet } from "../../src/av/packet.ts";
import { FRAGMENT_MS } from "../../src/core/timing/fragment_clock.ts";
import { Child } from "../support/child.ts";

const libav = openLibav();
const folder = mkdtempSync(join(tmpdir(), "fragments-"));
after(() => rmSync(folder, { recursive: true }));

/** A film in real time: a picture takes so many milliseconds of the clock. */
const PICTURE_MS = 40;

async function makeFilm(): Promise<string> {
  const path = join(folder, "film.mkv");
  const source = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25:duration=1"];
  const child = new Child("ffmpeg", ["-v", "error", ...source, "-c:v", "mpeg4", path]);
  assertEquals((await child.exited).code, 0, child.stderr);
  return path;
}

const film = await makeFilm();

interface Pictures {
  readonly muxer: string;
  readonly path: string;
  /** Units of a second that their times have, which are not those of the container. */
  readonly units: number;
  readonly count: number;
  /** Milliseconds of the film from one to the next. */
  readonly interval: number;
}

/**
 * Writes one picture again and again, the first as a keyframe, and does not complete the file.
 *
 * @param each is called behind each
 */
function writePictures(
  { muxer, path, units, count, interval }: Pictures,
  each: () => void = () => {},
): void {
  using input = Input.open(libav, {
    url: `file:${film}`,
    required: {},
    optional: {},
    stop: nativeBytes(8),
  });
  using packet = new Packet(libav);
  const stream = input.select("video");
  assertExists(stream);
  assertEquals(input.read(packet), "packet");
  const data = packet.copyData();
  const described = {
    describe: copyParameters(libav, stream.parameters),
    timeBase: { num: 1, den: units },
  };
  using output = Output.open(libav, [described], {
    url: `file:${path}`,
    muxer,
    connectsItself: false,
    required: {},
    optional: {},
    fragmented: true,
    alternatives: { containers: [], codecs: [] },
  });
  let time = performance.now();
  const clock = performance.now;
  performance.now = () => time;
  try {
    for (let index = 0; index < count; index++) {
      const decoded = BigInt(Math.round(index * interval * units / 1000));
      packet.wrap(data, decoded, index === 0, decoded);
      output.write(packet, 0);
      each();
      time += PICTURE_MS;
    }
  } finally {
    performance.now = clock;
  }
}

test("a film that is slower than the clock can be played up to its last second", () => {
  const path = join(folder, "slow.mkv");
  const pictures = { muxer: "matroska", path, units: 90_000, count: 26, interval: 10 };
  const sizes: number[] = [];
  writePictures(pictures, () => sizes.push(statSync(path).size));
  // Less than a fragment of the film, and more than a second of the clock.
  assertLessOrEqual(pictures.count * pictures.interval, FRAGMENT_MS);
  assertGreater(sizes.at(-1)!, sizes[1]!);
});

test("a film in real time is not cut by the clock as well", () => {
  const path = join(folder, "real.mp4");
  const count = 10_000 / PICTURE_MS;
  writePictures({ muxer: "mp4", path, units: 25, count, interval: PICTURE_MS });
  const fragments = readFileSync(path).toString("latin1").split("moof").length - 1;
  assertGreater(fragments, 1);
  assertLessOrEqual(fragments, 10_000 / FRAGMENT_MS + 1);
});
