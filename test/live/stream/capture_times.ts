/** What the tests of capture times share. */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { test } from "node:test";
import { type Frame, type TimeSource, VideoStream, type VideoStreamOptions } from "../../../mod.ts";
import { isRising, median } from "../../support/numbers.ts";
import { readStamp } from "../../support/stamp.ts";
import { within } from "../../support/waiting.ts";
import { releaseInUse } from "../reading.ts";

/** Frames whose time the camera has told. */
export const TOLD = 30;

export interface Timed {
  source: TimeSource;
  capture: number;
  arrival: number;
  pts: number;
  connection: number;
  /** The camera's clock, as its pixels have it. */
  stamp: number | null;
}

export function timesOf(frame: Frame): Timed {
  const { timeSource, captureTime, arrivalTime, pts = NaN, connection, format } = frame;
  const stamp = format === "gray8" && frame.width > 512 ? readStamp(frame) : null;
  return {
    source: timeSource,
    capture: captureTime,
    arrival: arrivalTime,
    pts,
    connection,
    stamp,
  };
}

/** All frames until the camera has told the time of enough of them. */
export async function untilTold(stream: VideoStream, count = TOLD): Promise<Timed[]> {
  const times: Timed[] = [];
  const read = async () => {
    let told = 0;
    for await (const frame of stream) {
      const time = timesOf(frame);
      times.push(time);
      if (time.source === "rtcp" && ++told === count) break;
    }
  };
  // A first report comes within five seconds.
  await within(`camera's clock by ${stream.url}`, read(), 25_000);
  return times;
}

/** What holds for every camera: the arrival before the first report, and nothing else after it. */
export function assertReported(times: readonly Timed[]): { before: Timed[]; after: Timed[] } {
  const first = times.findIndex(({ source }) => source === "rtcp");
  const [before, after] = [times.slice(0, first), times.slice(first)];
  for (const { source, capture, arrival } of before) {
    assertEquals([source, capture], ["arrival", arrival]);
  }
  assertEquals(after.filter(({ source }) => source !== "rtcp"), []);
  for (const { capture, arrival } of after) {
    assert(capture <= arrival + 50, `${capture - arrival} ms after the arrival`);
  }
  assert(isRising(after.map(({ capture }) => capture)));
  return { before, after };
}

/** The camera's times go on as those of the stream do. */
export function assertSteady(after: readonly Timed[]): void {
  const offsets = after.map(({ capture, pts }) => capture - pts * 1000);
  const middle = median(offsets);
  assert(offsets.every((offset) => Math.abs(offset - middle) < 10), offsets.join(" "));
}

/** What holds where no clock is told. */
export async function assertArrival(url: string, options: VideoStreamOptions = {}): Promise<void> {
  await using stream = new VideoStream(url, options);
  const times: Timed[] = [];
  const read = async () => {
    for await (const frame of stream) {
      times.push(timesOf(frame));
      if (times.length === 20) break;
    }
  };
  await within(`frames of ${stream.url}`, read());
  assertEquals(times.length, 20);
  for (const { source, capture, arrival } of times) {
    assertEquals([source, capture], ["arrival", arrival]);
    assertAlmostEquals(arrival, Date.now(), 30_000);
  }
}

/** Releases of FFmpeg that keep what a camera tells of its clock to themselves. */
const SILENT: ReadonlySet<string> = new Set(["4.3"]);

/** Whether the libraries in use are of such a release. */
export const silent = SILENT.has(await releaseInUse());
/** A test of what they do not keep. */
export const told = silent ? test.skip : test;
