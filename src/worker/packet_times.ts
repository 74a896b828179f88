/**
 * When the pictures of a connection came, and when they were taken.
 *
 * @module
 */

import type { Packet } from "../av/packet.ts";
import { CaptureClock, type CaptureTime } from "../core/capture_clock.ts";
import { PacketNotes } from "../core/packet_notes.ts";

/**
 * Codecs whose pictures libav's parser gives out when the next one begins, with
 * the side data of that.
 */
const PARSED_LATE: ReadonlySet<string> = new Set(["h264", "hevc", "mpeg4", "h263"]);

/** RTP times have 32 bits. */
const RTP_TIMES = 2 ** 32;

export interface PacketTimesRequest {
  readonly codec: string;
  readonly timeBase: { readonly num: number; readonly den: number };
  /** libav's parser completes the pictures. */
  readonly parsed: boolean;
  /** The kind of side data that tells the camera's time; undefined where there is none. */
  readonly producerTime: number | undefined;
}

/** By the presentation times of packets, all else in epoch milliseconds. */
export class PacketTimes {
  readonly #arrivals = new PacketNotes();
  readonly #cameraTimes = new PacketNotes();
  readonly #clock: CaptureClock;
  readonly #producerTime: number | undefined;
  readonly #late: boolean;
  /** Of the picture that the parser has not given out yet. */
  #pending: number | undefined;

  constructor({ codec, timeBase, parsed, producerTime }: PacketTimesRequest) {
    this.#clock = new CaptureClock({ wrap: RTP_TIMES * timeBase.num / timeBase.den * 1000 });
    this.#producerTime = producerTime;
    this.#late = parsed && PARSED_LATE.has(codec);
  }

  /** A packet of the demuxer, of which the camera may have told something. */
  noteCamera(packet: Packet): void {
    if (this.#producerTime === undefined || packet.pts === this.#cameraTimes.newest) return;
    let time = packet.producerTime(this.#producerTime);
    if (this.#late) [time, this.#pending] = [this.#pending, time];
    if (time !== undefined) this.#cameraTimes.note(packet.pts, time);
  }

  /** A picture, or a part of it, is here. */
  noteArrival(timestamp: bigint, time: number): void {
    this.#arrivals.note(timestamp, time);
  }

  /** Of the decoded picture with that time; else of the last packet. */
  arrivalOf(timestamp: bigint): number {
    return this.#arrivals.of(timestamp) ?? this.#arrivals.last;
  }

  captureOf(timestamp: bigint, arrival: number): CaptureTime {
    return this.#clock.resolve(this.#cameraTimes.of(timestamp), arrival);
  }
}
