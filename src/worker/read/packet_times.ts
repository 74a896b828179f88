/**
 * When the pictures of a connection arrived, and when they were taken.
 *
 * @module
 */

import type { Packet } from "../../av/packet.ts";
import { CameraClock, type CaptureTime } from "../../core/timing/camera_clock.ts";
import { ClockTempo } from "../../core/timing/clock_tempo.ts";
import { PacketNotes } from "../../core/timing/packet_notes.ts";
import type { Rational } from "../../core/timing/rational.ts";

/**
 * Codecs whose pictures libav's parser gives out when the next one begins; it has
 * whole pictures of all others.
 */
const PARSED_LATE: ReadonlySet<string> = new Set(["h264", "hevc", "mpeg4", "h263"]);

/** RTP times have 32 bits. */
const RTP_TIMES = 2 ** 32;

export interface PacketTimesRequest {
  readonly codec: string;
  readonly timeBase: Rational;
  /** Whose side data a packet has: libav's parser mixes them up, see `Release`. */
  readonly sideData: "own" | "next" | "own-or-next";
  /** The kind of side data that tells the camera's time; undefined where there is none. */
  readonly producerTime: number | undefined;
}

/** By the presentation times of packets, all else by `now()`. */
export class PacketTimes {
  readonly #arrivals = new PacketNotes();
  readonly #cameraTimes = new PacketNotes();
  readonly #clock: CameraClock;
  readonly #tempo: ClockTempo;
  readonly #timeBase: Rational;
  readonly #producerTime: number | undefined;
  readonly #sideData: PacketTimesRequest["sideData"];
  /** The time that came with the packet before. */
  #before: number | undefined;

  constructor({ codec, timeBase, sideData, producerTime }: PacketTimesRequest) {
    const wrap = RTP_TIMES * timeBase.num / timeBase.den * 1000;
    this.#clock = new CameraClock({ wrap });
    this.#tempo = new ClockTempo(wrap);
    this.#timeBase = timeBase;
    this.#producerTime = producerTime;
    this.#sideData = PARSED_LATE.has(codec) ? sideData : "own";
  }

  /** A packet of the demuxer, which may carry the time of the camera. */
  noteCamera(packet: Packet): void {
    if (this.#producerTime === undefined || packet.pts === this.#cameraTimes.newest) return;
    const told = packet.producerTime(this.#producerTime);
    const before = this.#before;
    this.#before = told;
    // The first one that tells something had nothing to tell itself.
    const own = this.#sideData === "own" || before !== undefined ? told : undefined;
    const time = this.#sideData === "next" ? before : own;
    if (time !== undefined) this.#cameraTimes.note(packet.pts, time);
  }

  /** What the camera's clock says of a picture, in epoch milliseconds. */
  noteCameraTime(timestamp: bigint, time: number): void {
    this.#cameraTimes.note(timestamp, time);
  }

  /** A picture, or a part of it, is here. */
  noteArrival(timestamp: bigint, time: number): void {
    this.#arrivals.note(timestamp, time);
  }

  /** Of the decoded picture with that time; else of the last packet. */
  arrivalOf(timestamp: bigint): number {
    return this.#arrivals.of(timestamp) ?? this.#arrivals.last;
  }

  /** @param clockOffset what the system's clock is ahead of `now()` */
  captureOf(timestamp: bigint, arrival: number, clockOffset: number): CaptureTime {
    const told = this.#cameraTimes.of(timestamp);
    const { num, den } = this.#timeBase;
    // Its steps are as wrong as its times if it goes too fast or too slow.
    const usable = told !== undefined &&
      this.#tempo.note(told, arrival, Number(timestamp) * num / den * 1000);
    return this.#clock.resolve(usable ? told - clockOffset : undefined, arrival);
  }
}
