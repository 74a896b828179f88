/** What the tests of reading have in common. */

import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Frame, StreamError, VideoStream, type VideoStreamOptions } from "../../mod.ts";
import { Child } from "../support/child.ts";
import { countingVideo, type Rgb } from "../support/patterns.ts";
import { within } from "../support/waiting.ts";

/** For tests with real servers; Bun would otherwise end them after five seconds. */
export const SLOW = { timeout: 40_000 };
/** A picture that costs nothing. */
export const SMALL = { width: 320, height: 180 };
/** One byte a pixel. */
export const GRAY = { format: "gray8" } as const;
/** Native options: frames are not collected for a second before the first is given out. */
export const AT_ONCE = { format: { analyzeduration: 1, fpsprobesize: 0 } };

/** What a promise rejects with, which must be a StreamError. */
export async function streamError(
  what: string,
  promise: PromiseLike<unknown>,
  ms?: number,
): Promise<StreamError> {
  const settled = promise.then(() => "no error", (error: unknown) => error);
  const error = await within(what, settled, ms);
  assertInstanceOf(error, StreamError, `${what}: ${String(error)}`);
  return error;
}

/** The code of what must be a StreamError. */
export function codeOf(error: unknown): string {
  assertInstanceOf(error, StreamError);
  return error.code;
}

/** How the only attempt to open something fails. */
export async function failureOf(
  url: string,
  options: VideoStreamOptions = {},
  ms?: number,
): Promise<StreamError> {
  await using stream = new VideoStream(url, { reconnect: { maxAttempts: 0 }, ...options });
  const error = await streamError(`failure of ${stream.url}`, stream.start().ready, ms);
  assertEquals(stream.state, "failed");
  assert(stream.lastError === error);
  return error;
}

/** What is left of a frame when it was given back. */
export interface Seen {
  index: number;
  pts: number | undefined;
  keyframe: boolean;
  width: number;
  height: number;
  bytes: number;
}

function note(frame: Frame): Seen {
  const { index, pts, keyframe, width, height } = frame;
  return { index, pts, keyframe, width, height, bytes: frame.data.length };
}

/** The next frames of a stream; fewer at the end of a file. */
export function look(stream: VideoStream, count: number): Promise<Seen[]> {
  return within(
    `${count} frames of ${stream.url}`,
    (async () => {
      const seen: Seen[] = [];
      for await (const frame of stream) {
        seen.push(note(frame));
        if (seen.length === count) break;
      }
      return seen;
    })(),
  );
}

/** A copy of the first frame that a new stream gives. */
export async function firstFrame(url: string, options: VideoStreamOptions = {}): Promise<Frame> {
  await using stream = new VideoStream(url, options);
  return (await within(`first frame of ${stream.url}`, stream.next())).copy();
}

/** The colour of a pixel, whichever interleaved format the frame has. */
export function pixelAt(frame: Frame, x: number, y: number): Rgb {
  const at = (y * frame.width + x) * frame.channels;
  const [a, b, c] = frame.data.subarray(at, at + 3);
  return frame.format.startsWith("bgr") ? [c!, b!, a!] : [a!, b!, c!];
}

/** Fails when a pixel is not of this colour. */
export function assertColour(
  frame: Frame,
  point: { name?: string; x: number; y: number },
  expected: Rgb,
  tolerance = 3,
): void {
  const { x, y, name = "pixel" } = point;
  const seen = pixelAt(frame, x, y);
  assert(
    seen.every((level, i) => Math.abs(level - expected[i]!) <= tolerance),
    `${name} at ${x},${y} of ${frame.width}x${frame.height} ${frame.format}: ` +
      `${seen} is not ${expected}`,
  );
}

/** A directory that is gone when the test is over. */
export class TemporaryDirectory implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<TemporaryDirectory> {
    return new TemporaryDirectory(await mkdtemp(join(tmpdir(), "rtsp-stream-test-")));
  }

  file(name: string): string {
    return join(this.path, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

/** Runs the ffmpeg command to its end. */
export async function ffmpeg(...args: string[]): Promise<void> {
  await using child = new Child("ffmpeg", ["-nostdin", "-v", "error", "-y", ...args]);
  const { code } = await within(`ffmpeg ${args.join(" ")}`, child.exited);
  assertEquals(code, 0, child.stderr);
}

/** The release of FFmpeg's libraries, as "5.1". */
export async function releaseInUse(): Promise<string> {
  await using stream = new VideoStream(await countingVideo(5, SMALL));
  await stream.next();
  return stream.stats().libraries?.release ?? "";
}
