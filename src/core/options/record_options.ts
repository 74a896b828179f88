/**
 * Options of a recording, and the names of its files.
 *
 * @module
 */

import { parseMediaUrl } from "../connection/url.ts";
import { CONTAINERS, outputFormatOf } from "../output/output_format.ts";
import { type FieldsOf, number, oneOf, resolve, time } from "./fields.ts";
import { checkTime } from "./validate.ts";

/** Options of `VideoStream.record()`. */
export interface RecordOptions {
  /**
   * Milliseconds after which a new file begins, by the stream's own times: with the first
   * keyframe that is so long after the file's first, or half a frame less. The path must
   * then contain a time, such as `%H%M%S`.
   * @default Infinity
   */
  readonly segment?: number | undefined;
  /**
   * Milliseconds before the call that are recorded too, as far as the stream's option
   * `history` has kept their packets.
   * @default 0
   */
  readonly preEvent?: number | undefined;
  /** libav's name of the container, if the extension does not determine it: `"mpegts"`. */
  readonly container?: string | undefined;
}

/** Packets that a stream keeps for recordings that begin in the past. */
export interface HistoryOptions {
  /**
   * Milliseconds that are kept at least; they begin with a keyframe.
   * @default 0
   */
  readonly duration?: number | undefined;
  /**
   * Bytes that are kept at most.
   * @default 67_108_864
   */
  readonly bytes?: number | undefined;
}

/** What a background thread needs to know of a recording. */
export interface RecordRequest {
  readonly template: string;
  readonly muxer: string;
  /** Milliseconds; 0 for one file. */
  readonly segment: number;
  readonly preEvent: number;
}

const FIELDS = {
  segment: (name, value) => value === Infinity ? 0 : checkTime(name, value, 0, 1),
  preEvent: time(0),
  container: oneOf(CONTAINERS, undefined),
} satisfies FieldsOf<RecordOptions>;

export const HISTORY_FIELDS = {
  duration: time(0),
  bytes: number(64 * 1024 * 1024, { min: 1, max: 2 ** 33, integer: true, unit: "bytes" }),
} satisfies FieldsOf<HistoryOptions>;

const CODES = /%([YmdHMS%])/g;

/**
 * Checks a path and its options.
 *
 * @throws {TypeError} A path that cannot be recorded to, an unknown option
 * @throws {RangeError} A value out of range
 */
export function resolveRecording(path: string, options?: RecordOptions): RecordRequest {
  const { segment, preEvent, container } = resolve("record", options, FIELDS);
  const media = parseMediaUrl(path);
  if (media.path === undefined) {
    throw new TypeError(`Cannot record to ${media.redacted}: it is not a file; use a VideoWriter`);
  }
  const { muxer } = outputFormatOf(media, container);
  if (segment > 0 && !/%[YmdHMS]/.test(media.path.replaceAll("%%", ""))) {
    throw new TypeError(
      `record.segment needs a path with a time in it, such as "cam-%Y%m%d-%H%M%S.mp4", got ${
        JSON.stringify(path)
      }`,
    );
  }
  return { template: media.path, muxer, segment, preEvent };
}

/**
 * Checks that a stream keeps what a recording wants of the time before.
 *
 * @throws {TypeError} It keeps nothing.
 */
export function assertKept(
  { preEvent }: RecordRequest,
  { duration = 0 }: HistoryOptions,
): void {
  if (preEvent === 0 || duration > 0) return;
  throw new TypeError(
    `record.preEvent needs the stream's option history, such as ` +
      `history: { duration: ${preEvent} }, which is not set`,
  );
}

/** A template with a local time in it: `%Y %m %d %H %M %S`, and `%%` for a `%`. */
export function fileName(template: string, date: Date): string {
  const two = (value: number) => `${value}`.padStart(2, "0");
  const parts: Readonly<Record<string, string>> = {
    Y: `${date.getFullYear()}`,
    m: two(date.getMonth() + 1),
    d: two(date.getDate()),
    H: two(date.getHours()),
    M: two(date.getMinutes()),
    S: two(date.getSeconds()),
    "%": "%",
  };
  return template.replace(CODES, (_, code: string) => parts[code]!);
}

/** The same name with a number, for a file that exists already. */
export function numberedName(name: string, number: number): string {
  return number === 0 ? name : name.replace(/(\.[^./\\]*)?$/, `-${number}$1`);
}
