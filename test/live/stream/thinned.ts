/** What the tests share that count which pictures come, and in what order. */

import { assert } from "@std/assert";
import { createHash } from "node:crypto";
import { type Frame, VideoStream, type VideoStreamOptions } from "../../../mod.ts";
import { type Camera, type CameraOptions, startCamera } from "../../support/camera.ts";
import { readCounter } from "../../support/patterns.ts";
import { until, within } from "../../support/waiting.ts";
import { AT_ONCE, SMALL } from "../reading.ts";

export interface Rig extends AsyncDisposable {
  readonly camera: Camera;
  readonly stream: VideoStream;
}

/** A camera and a stream whose rate is known by now. */
export async function startRig(
  options: VideoStreamOptions,
  recipe: CameraOptions = {},
): Promise<Rig> {
  await using stack = new AsyncDisposableStack();
  const camera = stack.use(await startCamera({ ...SMALL, keyInterval: 15, ...recipe }));
  const stream = stack.use(new VideoStream(camera.url, { ffmpeg: AT_ONCE, ...options }).start());
  await within("ready", stream.ready);
  await until("the rate", () => stream.stats().decoded > 20);
  const owned = stack.move();
  return { camera, stream, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

export function checksum(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

export function counter({ index, data, width, height, channels }: Frame): number {
  const number = readCounter(data, width, height, channels);
  assert(number !== undefined, `no number in frame ${index}`);
  return number;
}

/** Something of each frame of a stream: of so many, or of all to its end. */
export async function each<T>(stream: VideoStream, what: (frame: Frame) => T, count = Infinity) {
  const all: T[] = [];
  const read = async () => {
    for await (const frame of stream) {
      all.push(what(frame));
      if (all.length === count) break;
    }
  };
  await within(`frames of ${stream.url}`, read(), 30_000);
  return all;
}

export async function ofFile<T>(
  file: string,
  options: VideoStreamOptions,
  what: (frame: Frame) => T,
) {
  await using stream = new VideoStream(file, options);
  return { all: await each(stream, what), stats: stream.stats() };
}
