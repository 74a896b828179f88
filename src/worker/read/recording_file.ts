/**
 * One recording: a file, or one after the other.
 *
 * @module
 */

import type { Libav } from "../../../ffi/mod.ts";
import { CallError, SessionError } from "../../av/check.ts";
import { type DescribedKeyframe, describeKeyframe } from "../../av/described_keyframe.ts";
import { copyParameters, declaredSize } from "../../av/codec_parameters.ts";
import { exists, Output } from "../../av/output.ts";
import type { Packet } from "../../av/packet.ts";
import { hasMpeg4Header } from "../../core/bitstream/mpeg4_header.ts";
import { parameterSetsOf } from "../../core/bitstream/parameter_sets.ts";
import type { Size } from "../../core/frame/geometry.ts";
import { fileName, numberedName, type RecordRequest } from "../../core/options/record_options.ts";
import { CONTAINERS } from "../../core/output/output_format.ts";
import { NOTHING_RECORDED, type RecordingStats } from "../../core/output/recording_stats.ts";
import type { StreamPacket } from "../../core/output/stream_packet.ts";
import { epochTime, now } from "../../core/timing/clock.ts";
import type { FeedStream, PacketSubscriber } from "./packet_feed.ts";

const NAMES_TRIED = 1_000;
/** Milliseconds from one report to the next. */
const REPORT_INTERVAL = 1_000;
/** Milliseconds by which a segment may be shorter than asked for. */
const MAX_EARLY = 50;

const HEADER_BESIDE = "this stream of mpeg4 has its header beside it, which the container " +
  "mpegts has no place for; it fits into mp4 (.mp4), mov (.mov), matroska (.mkv) and avi (.avi)";

/** What a recording reports. */
export interface RecordingEvents {
  /** A file was begun. */
  onFile(path: string): void;
  /** Once a second at most, while packets come. */
  onProgress(stats: RecordingStats): void;
  /** The recording has ended. */
  onFailure(error: unknown): void;
}

/** The video of a stream, in a file or in one after the other. */
export class RecordingFile implements PacketSubscriber {
  readonly #libav: Libav;
  readonly #packet: Packet;
  readonly #request: RecordRequest;
  readonly #events: RecordingEvents;
  /** Of the connection that there is; -1 without one. */
  #number = -1;
  #stream: FeedStream | undefined;
  #output: Output | undefined;
  /** When the file's first picture is shown. */
  #begin = 0n;
  /** The decoding time that is 0 in the file. */
  #zero = 0n;
  /** That of the last packet. */
  #last = 0n;
  /** Of the decoded pictures when the file began, if there were any. */
  #size: Size | undefined;
  /** That came with the last keyframe. */
  #sets: Uint8Array | undefined;
  /** In place of what the stream declared, which says too little or is over. */
  #described: DescribedKeyframe | undefined;
  readonly #stats = { ...NOTHING_RECORDED };
  #reported = -Infinity;

  /** @param packet borrowed for each write */
  constructor(libav: Libav, packet: Packet, request: RecordRequest, events: RecordingEvents) {
    this.#libav = libav;
    this.#packet = packet;
    this.#request = request;
    this.#events = events;
  }

  begin(streams: readonly FeedStream[]): void {
    this.#number = streams.findIndex(({ kind }) => kind === "video");
    this.#stream = streams[this.#number];
  }

  /** The path that was asked for. */
  get template(): string {
    return this.#request.template;
  }

  /** Packets so far. */
  get stats(): RecordingStats {
    return { ...this.#stats };
  }

  push(packet: StreamPacket): void {
    const stream = this.#stream;
    if (!stream || packet.stream !== this.#number) return;
    const { data, dts, keyframe, mended } = packet;
    if (keyframe) this.#begins(stream, packet);
    this.#last = dts;
    const stats = this.#stats;
    if (this.#output && this.#writes(this.#output, packet)) {
      stats.packets++;
      stats.bytes += data.length;
      if (mended) stats.mendedTimes++;
    } else stats.skipped++;
    this.#report();
  }

  /** @returns false for a packet so damaged that the container does not take it */
  #writes(output: Output, { data, pts, dts, keyframe }: StreamPacket): boolean {
    this.#packet.wrap(data, pts - this.#zero, keyframe, dts - this.#zero);
    try {
      output.write(this.#packet, 0);
      return true;
    } catch (error) {
      const damaged = error instanceof CallError && error.detail === "INVALIDDATA";
      // Where the first one is refused, the others would be, too.
      if (!damaged || this.#stats.packets === 0) throw error;
      return false;
    }
  }

  /** Before a keyframe is written, another file may begin. */
  #begins(stream: FeedStream, packet: StreamPacket): void {
    const declared = declaredSize(this.#libav, stream.parameters);
    const setsChanged = this.#noteSets(stream.codec, packet.data, declared === undefined);
    const size = this.#described?.size ?? stream.size ?? declared;
    if (!size) return;
    // A declared size may be another one than that of the decoded pictures.
    const [before, after] = this.#described ? [] : [this.#size, stream.size];
    const resized = before && after &&
      (before.width !== after.width || before.height !== after.height);
    // One header is not for both.
    if (setsChanged || resized) this.#finish();
    if (this.#isDue(stream, packet)) this.#next(stream, size, packet);
  }

  /** @returns whether the keyframe has other parameter sets than the one before */
  #noteSets(codec: string, keyframe: Uint8Array, undeclared: boolean): boolean {
    if (codec !== "h264" && codec !== "hevc") return false;
    const sets = parameterSetsOf(codec, keyframe);
    const before = this.#sets;
    if (!sets || (before && isSame(before, sets))) return false;
    this.#sets = sets;
    if (!before && !undeclared) return false;
    this.#forget();
    this.#described = describeKeyframe(this.#libav, codec, keyframe);
    return before !== undefined;
  }

  #forget(): void {
    this.#described?.[Symbol.dispose]();
    this.#described = undefined;
  }

  #report(): void {
    const time = now();
    if (time - this.#reported < REPORT_INTERVAL) return;
    this.#reported = time;
    this.#events.onProgress(this.stats);
  }

  /** Whether another file is to begin, by the stream's own times: packets come in bursts. */
  #isDue({ timeBase }: FeedStream, { pts, dts }: StreamPacket): boolean {
    const { segment } = this.#request;
    if (this.#output === undefined) return true;
    if (segment === 0) return false;
    const ms = (units: bigint) => Number(units) * timeBase.num / timeBase.den * 1000;
    // Cameras are not that even: no keyframe comes sooner after the mark than this one is before.
    const early = Math.min(MAX_EARLY, ms(dts - this.#last) / 2);
    return ms(pts - this.#begin) >= segment - early;
  }

  #next(stream: FeedStream, size: Size, { data, pts, dts, time }: StreamPacket): void {
    this.#finish();
    if (stream.codec === "mpeg4" && this.#request.muxer === "mpegts" && !hasMpeg4Header(data)) {
      throw new SessionError("open", "UNSUPPORTED_CODEC", HEADER_BESIDE);
    }
    const libav = this.#libav;
    const path = this.#freeName(new Date(epochTime(time)));
    const video = {
      describe: copyParameters(libav, this.#described?.parameters ?? stream.parameters, size),
      timeBase: stream.timeBase,
      matrix: stream.matrix,
    };
    this.#output = Output.open(libav, [video], {
      url: `file:${path}`,
      muxer: this.#request.muxer,
      connectsItself: false,
      required: {},
      optional: {},
      fragmented: true,
      alternatives: { containers: CONTAINERS, codecs: [] },
    });
    this.#size = stream.size;
    this.#begin = pts;
    this.#zero = dts;
    this.#events.onFile(path);
  }

  #freeName(date: Date): string {
    const name = fileName(this.#request.template, date);
    for (let number = 0; number < NAMES_TRIED; number++) {
      const path = numberedName(name, number);
      if (!exists(this.#libav, `file:${path}`)) return path;
    }
    const reason = `${name} exists already, and with ${NAMES_TRIED} other numbers too`;
    throw new SessionError("write", "WRITE_FAILED", reason);
  }

  /** The next file begins with the next connection. */
  end(): void {
    this.#number = -1;
    this.#stream = this.#sets = undefined;
    this.#forget();
    this.#finish();
  }

  failed(error: unknown): void {
    this.#forget();
    // What was written stays, and the file is closed.
    this.#output?.[Symbol.dispose]();
    this.#output = undefined;
    this.#events.onFailure(error);
  }

  /** Completes the file. */
  #finish(): void {
    const output = this.#output;
    this.#output = undefined;
    if (!output) return;
    using _ = output;
    output.finish();
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
