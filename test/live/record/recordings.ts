/** What the tests of recordings share: cameras that count their pictures, and whether a file is sound. */

import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { basename } from "node:path";
import { type Recording, VideoStream, type VideoStreamOptions } from "../../../mod.ts";
import { type Camera, type CameraOptions, startCamera } from "../../support/camera.ts";
import { Child } from "../../support/child.ts";
import { isRising } from "../../support/numbers.ts";
import { countingVideo, readCounter } from "../../support/patterns.ts";
import { decode, type Probe, probe } from "../../support/probe.ts";
import { until, within } from "../../support/waiting.ts";
import { SMALL } from "../reading.ts";

export const FPS = 30;
export const GOP = 10;
/** Pictures of the counting camera until it begins again. */
export const TURN = 120;
export const { width, height } = SMALL;
export const LUMA = width * height;
export const GENERATED: CameraOptions = { ...SMALL, keyInterval: GOP, pattern: "smpte" };

/** A camera whose pictures have numbers. */
export async function countingCamera(
  options: { bframes?: number; port?: number } = {},
): Promise<Camera> {
  const { bframes, port = 0 } = options;
  const file = await countingVideo(TURN, { ...SMALL, keyInterval: GOP, bframes });
  return startCamera({ file, port });
}

/** Runs a stream until it is told to end, so that its frames are taken. */
export async function running(url: string, options: VideoStreamOptions = {}): Promise<VideoStream> {
  const stream = new VideoStream(url, options).start();
  await within("first frame", stream.ready);
  return stream;
}

export const begun = (recording: Recording, files = 1) =>
  until(`${files} files`, () => recording.files.length >= files, 15_000);

/** How many pictures a file has: those of its recording's time. */
export interface Span {
  readonly least: number;
  readonly most: number;
}

/** Counts what a stream decodes from now on, in parts that a recording has. */
export function counting(stream: VideoStream) {
  const { decoded: first } = stream.stats();
  let [begin, end] = [NaN, NaN];
  return {
    /** The files have begun: waits for so many pictures, however long a busy camera takes. */
    async pass(pictures: number): Promise<void> {
      begin = stream.stats().decoded;
      await until(`${pictures} pictures`, () => stream.stats().decoded >= begin + pictures, 15_000);
      end = stream.stats().decoded;
    },
    /** The files are complete. */
    span: (): Span => ({ least: end - begin, most: stream.stats().decoded - first }),
  };
}

/** Records so many pictures into all of these, from the beginning of the files on. */
export async function record(
  stream: VideoStream,
  paths: readonly string[],
  pictures: number,
): Promise<Span> {
  const count = counting(stream);
  const recordings = paths.map((path) => stream.record(path));
  await Promise.all(recordings.map((recording) => begun(recording)));
  await count.pass(pictures);
  await within("end of the recordings", Promise.all(recordings.map((one) => one.stop())));
  assertEquals(recordings.map(({ files }) => files), paths.map((path) => [path]));
  assert(recordings.every(({ active }) => !active));
  return count.span();
}

/** What a player says of a file. */
export async function complaints(file: string): Promise<string> {
  const args = ["-nostdin", "-v", "error", "-i", file, "-f", "null", "-"];
  await using child = new Child("ffmpeg", args);
  const { code } = await within(`ffmpeg ${file}`, child.exited);
  return code === 0 ? child.stderr : `code ${code}: ${child.stderr}`;
}

export interface Expected {
  codec?: string | undefined;
  span?: Span | undefined;
  order?: "reordered" | undefined;
  height?: number | undefined;
}

/** A file that begins with a keyframe and can be played to its end. */
export async function assertSound(path: string, expected: Expected = {}): Promise<Probe> {
  const file = await probe(path);
  const about = `${basename(path)}: ${JSON.stringify({ ...file, pictures: undefined })}`;
  assertEquals(
    [file.codec, file.width, file.height],
    [expected.codec ?? "h264", width, expected.height ?? height],
  );
  assert(file.pictures[0]!.key, `no keyframe first: ${about}`);
  const times = file.pictures.map(({ dts }) => dts).filter((dts) => !Number.isNaN(dts));
  // Matroska has no decoding times: FFmpeg works them out, but for the first ones.
  assertGreater(times.length, file.pictures.length - 4, about);
  assert(isRising(times), `${about} ${times.join(" ")}`);
  assertEquals(file.frames, file.pictures.length, about);
  assertEquals(await complaints(path), "", about);
  if (expected.order !== "reordered") {
    assert(isRising(file.pictures.map(({ pts }) => pts)), about);
  }
  if (expected.span !== undefined) {
    const { least, most } = expected.span;
    // What libav has collected while it looked at the stream comes at once, with latency "normal".
    assertGreater(file.frames, least - GOP, about);
    assertLess(file.frames, most + FPS, about);
  }
  // A picture is shown soon after it is decoded, from the first one on.
  const waits = file.pictures.map(({ pts, dts }) => pts - dts).filter((wait) =>
    !Number.isNaN(wait)
  );
  assertLess(Math.max(...waits), 0.3, `${about} ${waits.join(" ")}`);
  const shown = file.pictures.map(({ pts }) => pts).sort((a, b) => a - b);
  // As many as there is time for: nothing is missing, and no time is wrong.
  assertAlmostEquals(shown[shown.length - 1]! - shown[0]!, (file.frames - 1) / FPS, 0.2, about);
  return file;
}

/** The numbers of the pictures in a recording of the counting camera. */
export async function numbersOf(path: string): Promise<number[]> {
  const pictures = await decode(path, "gray", LUMA);
  return pictures.map((data, i) => {
    const number = readCounter(data, width, height, 1);
    assert(number !== undefined, `no number in picture ${i} of ${path}`);
    return number;
  });
}

/** Consecutive numbers, from the first one on. */
export function assertUnbroken(numbers: readonly number[], what: string): void {
  assertGreater(numbers.length, 0, what);
  const expected = numbers.map((_, i) => (numbers[0]! + i) % TURN);
  assertEquals(numbers, expected, what);
}

/** As {@linkcode assertUnbroken}, but pictures come in another order, and the end is anywhere. */
export function assertUnbrokenToTheEnd(numbers: readonly number[], what: string): void {
  assertUnbroken(numbers.slice(0, -1), what);
}

/** Runs these side by side, for the time that they take is that of the cameras. */
export function each<T>(
  values: readonly T[],
  action: (value: T) => Promise<void>,
): Promise<unknown> {
  return Promise.all(values.map(action));
}
