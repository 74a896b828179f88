/** What the tests of publishing have in common. */

import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Frame,
  StreamError,
  VideoStream,
  type VideoStreamOptions,
  VideoWriter,
  type VideoWriterOptions,
  type WriterStats,
} from "../../mod.ts";
import { readCounter } from "../support/patterns.ts";
import { Scene } from "../support/scene.ts";
import { until, within } from "../support/waiting.ts";
import { holdings, StatusLog, warmUp } from "./lifecycle.ts";
import { SMALL, TemporaryDirectory } from "./reading.ts";

/** A picture that costs nothing, as rgb24. */
export const SMALL_RGB = { ...SMALL, format: "rgb24" } as const;
export const scene: Scene = new Scene(SMALL_RGB.width, SMALL_RGB.height);

/** Above it a picture is as good as the one that was written: dB. */
export const FAITHFUL = 35;

/** Pictures that no encoder can make small. */
export function noise(
  count: number,
  { width, height }: { readonly width: number; readonly height: number } = SMALL_RGB,
): Uint8Array<ArrayBuffer>[] {
  let state = 7;
  return Array.from(
    { length: count },
    () =>
      Uint8Array.from({ length: width * height * 3 }, () => {
        state = Math.imul(state, 1_103_515_245) + 12_345;
        return state >>> 16;
      }),
  );
}

/** Writes so many pictures of the scene into a file, all of them, and closes it. */
export async function writeFile(
  path: string,
  count: number,
  options: VideoWriterOptions = {},
): Promise<WriterStats> {
  const writer = new VideoWriter(path, { ...SMALL_RGB, ...options });
  await using _end = ending(writer);
  await writeAll(writer, count);
  await within(`end of ${path}`, writer.close());
  return writer.stats();
}

/** Writes pictures of the scene as fast as they are taken. */
export async function writeAll(writer: VideoWriter, count: number, first = 0): Promise<void> {
  for (let index = first; index < first + count; index++) {
    await within(`a place for picture ${index}`, writer.drain());
    assert(writer.write(scene.picture(index)), `picture ${index} was refused`);
  }
}

/** Writes a picture of the scene again and again, as a camera does. */
export class LiveSource implements AsyncDisposable {
  /** Pictures written so far, and the number of the next one. */
  count = 0;
  /** What `write()` threw. */
  error: unknown;
  /** The longest time that one call of `write()` took, in milliseconds. */
  slowest = 0;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(writer: VideoWriter, fps = 30, picture = (index: number) => scene.picture(index)) {
    this.#timer = setInterval(() => {
      const bytes = picture(this.count);
      const begin = performance.now();
      try {
        writer.write(bytes);
        this.count++;
      } catch (error) {
        this.error = error;
        this.end();
      }
      this.slowest = Math.max(this.slowest, performance.now() - begin);
    }, 1000 / fps);
  }

  end(): void {
    clearInterval(this.#timer);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.end();
    return Promise.resolve();
  }
}

/** Copies of all frames of a file. */
export async function framesOf(file: string, options: VideoStreamOptions = {}): Promise<Frame[]> {
  await using stream = new VideoStream(file, options);
  const frames: Frame[] = [];
  const read = async () => {
    for await (const frame of stream) frames.push(frame.copy());
  };
  await within(`end of ${file}`, read());
  return frames;
}

/** The number in a frame of the scene; undefined when it cannot be read or is torn. */
export function numberOf({ data, width, height, channels }: Frame): number | undefined {
  const number = readCounter(data, width, height, channels);
  return number === readCounter(data, width, height, channels, "bottom") ? number : undefined;
}

/** Fails unless every frame has been accounted for, once; `offered` calls of `write()` returned. */
export function assertAddsUp(
  { written, queue, dropped: { replaced, refused, lost } }: WriterStats,
  offered: number,
): void {
  const sum = written + queue + replaced + refused + lost;
  assertEquals(sum, offered, JSON.stringify({ written, queue, replaced, refused, lost }));
}

/** How the only attempt to publish ends. */
export async function publishFailure(
  url: string,
  options: VideoWriterOptions = {},
  ms?: number,
): Promise<StreamError> {
  const failures: StreamError[] = [];
  const writer = new VideoWriter(url, {
    ...SMALL_RGB,
    reconnect: { maxAttempts: 0 },
    onReconnectFailure: (error) => void failures.push(error),
    ...options,
  });
  await using _end = ending(writer);
  writer.write(scene.picture(0));
  const error = await within(
    `failure of ${writer.url}`,
    writer.ready.then(() => "no error", (error: unknown) => error),
    ms,
  );
  assertInstanceOf(error, StreamError, String(error));
  assertEquals([writer.state, writer.isConnected], ["failed", false]);
  assert(writer.lastError === error);
  // The callback is called in the same turn.
  await sleep(0);
  assertEquals(failures, [error]);
  return error;
}

/** Runs all cases at once, each to its end, and tells of all that failed. */
export async function together<T>(
  cases: readonly T[],
  run: (one: T) => Promise<unknown>,
): Promise<void> {
  const results = await Promise.allSettled(cases.map(run));
  const failures = results.flatMap((result, i) =>
    result.status === "rejected" ? [`${cases[i]}: ${result.reason.stack ?? result.reason}`] : []
  );
  assertEquals(failures, []);
}

/** Closes a writer at the end of a block, whatever became of it. */
export function ending(writer: VideoWriter): AsyncDisposable {
  return { [Symbol.asyncDispose]: () => writer.close().catch(() => {}) };
}

/** Whether something listens on a port, without calling it: some take one caller only. */
export function listens(port: number, protocol: "tcp" | "udp" = "tcp"): boolean {
  const state = protocol === "tcp" ? "0A" : "07";
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")} 00000000:0000 ${state}`;
  return readFileSync(`/proc/net/${protocol}`, "utf8").includes(local);
}

/** All events of a writer from now on. */
export function recordingOf(writer: VideoWriter): StatusLog {
  // A recording asks a stream for nothing but its events.
  return new StatusLog(writer as unknown as VideoStream);
}

let warm: Promise<void> | undefined;

/** The runtime starts threads of its own, and opens files, with the first worker and encoder. */
export function warmUpWriter(): Promise<void> {
  return warm ??= (async () => {
    await warmUp();
    await using directory = await TemporaryDirectory.make();
    await writeFile(directory.file("warm.mp4"), 2);
    await until("an end of the warm-up", () => holdings().workers === 0);
  })();
}
