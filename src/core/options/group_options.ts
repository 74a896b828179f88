/**
 * Options of a group of streams.
 *
 * @module
 */

import type { Logger } from "../connection/logger.ts";
import { MAX_TIME } from "../timing/clock.ts";
import {
  abortSignal,
  type FieldsOf,
  limit,
  logger,
  oneOf,
  resolve,
  type Resolved,
  time,
  times,
} from "./fields.ts";

/**
 * Which frames form a set:
 *
 * - `latest`: the newest frame of each camera; `next()` and loops wait if a closer one is
 *   about to arrive, `read()` does not
 * - `arrival`: frames that arrived at the same time
 * - `capture`: frames that were taken at the same time, by the cameras' clocks. RTCP
 *   sender reports make these known about five seconds after a camera connected. A camera
 *   that sends no reports is timed by arrival. If its clock is wrong (ahead of the
 *   arrival, or behind it by more than a second and more than `maxWait`), the intervals
 *   it reports are kept and shifted onto the arrival times.
 */
export type Sync = "latest" | "arrival" | "capture";

/**
 * What happens to a set that has no frame of some camera:
 *
 * - `wait`: an incomplete set is not delivered; while a camera is disconnected there are
 *   no sets
 * - `omit`: it is delivered without that frame, after `maxWait`, or at once while the
 *   camera is known to be disconnected. A camera whose frames are further apart than
 *   `maxWait` is missing in the sets between them.
 */
export type WhenMissing = "wait" | "omit";

/** Options of `StreamGroup`. All times are in milliseconds. */
export interface StreamGroupOptions<M extends WhenMissing = WhenMissing> {
  /**
   * Which frames belong together.
   * @default "arrival"
   */
  readonly sync?: Sync | undefined;
  /**
   * The largest skew of a set. Default for `arrival` and `capture`: the usual frame
   * interval of the slowest camera, so that each of its frames gets a set with the
   * closest frames of the others; for `latest` there is no limit.
   */
  readonly tolerance?: number | undefined;
  /**
   * How long a frame waits for the frames of the other cameras. This is also the largest
   * difference in network delay that can be compensated.
   * @default 100
   */
  readonly maxWait?: number | undefined;
  /**
   * By how many milliseconds the frames of a camera arrive later than they were taken,
   * where you know it: `{ front: 200 }`. It is taken off their arrival times, so that
   * cameras over different protocols can be paired by `arrival`, and off those of cameras
   * that do not report their clock with `capture`. Frames wait for those of other cameras
   * by the longest of these longer than `maxWait`.
   * @default {}
   */
  readonly delays?: Readonly<Record<string, number>> | undefined;
  /**
   * What happens to a set that has no frame of some camera.
   * @default "wait"
   */
  readonly whenMissing?: M | undefined;
  /** Aborting it stops the group. */
  readonly signal?: AbortSignal | undefined;
  /** Where the group's own log goes; default: LogTape's category `["rtsp-stream"]`. */
  readonly logger?: Logger | undefined;
}

const SYNCS: readonly Sync[] = ["latest", "arrival", "capture"];
const POLICIES: readonly WhenMissing[] = ["wait", "omit"];
const FIELDS = {
  sync: oneOf(SYNCS, "arrival"),
  tolerance: limit(undefined, { min: 0, max: MAX_TIME, unit: "milliseconds" }),
  maxWait: time(100),
  delays: times,
  whenMissing: oneOf(POLICIES, "wait"),
  signal: abortSignal,
  logger,
} satisfies FieldsOf<StreamGroupOptions>;

/** New names by the old ones. */
const RENAMED = { missing: "whenMissing" } satisfies Record<string, keyof StreamGroupOptions>;

/** Checked, with the defaults filled in. */
export type ResolvedGroupOptions = Resolved<typeof FIELDS>;

/** Slots beside those with frames that wait: in a set, being written, and two to choose from. */
const BUFFERS = 4;
const MAX_BUFFERS = 64;
/** Frames a second of a usual camera. */
const USUAL_RATE = 30;

/**
 * Checks options and fills in the defaults.
 *
 * @throws {TypeError} An unknown name, or a value of the wrong type
 * @throws {RangeError} A value that is not allowed
 */
export function resolveGroup(options?: StreamGroupOptions): ResolvedGroupOptions {
  return resolve("", options, FIELDS, RENAMED);
}

/** How long a frame waits for those of other cameras, some of which are known to be late. */
export function longestWait({ maxWait, delays }: ResolvedGroupOptions): number {
  return maxWait + Math.max(0, ...Object.values(delays));
}

/** Frame buffers of a member that does not ask for a number: enough for what waits. */
export function usualBuffers(options: ResolvedGroupOptions): number {
  const wait = options.sync === "latest" ? 0 : longestWait(options);
  const waiting = Math.ceil(wait * USUAL_RATE / 1000);
  return Math.min(MAX_BUFFERS, BUFFERS + waiting);
}
