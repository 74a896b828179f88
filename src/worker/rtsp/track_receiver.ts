/**
 * One track of an RTSP session: its packets become access units, and its reports a clock.
 *
 * @module
 */

import { nativeBytes } from "../../../ffi/mod.ts";
import type { AccessUnit, Depacketizer } from "../../core/rtsp/depacketizers/access_unit.ts";
import { H264_PAYLOADS } from "../../core/rtsp/depacketizers/h264.ts";
import { HEVC_PAYLOADS } from "../../core/rtsp/depacketizers/hevc.ts";
import { MjpegDepacketizer } from "../../core/rtsp/depacketizers/mjpeg.ts";
import { NalDepacketizer } from "../../core/rtsp/depacketizers/nal_depacketizer.ts";
import { readRtcp, type Reception, type SenderTime } from "../../core/rtsp/rtcp.ts";
import { type RtpCounts, RtpReceiver } from "../../core/rtsp/rtp_receiver.ts";
import { SenderClock } from "../../core/rtsp/sender_clock.ts";
import { Timestamps } from "../../core/rtsp/timestamps.ts";
import type { ChosenMedia } from "./media_choice.ts";

export interface TrackHandlers {
  /**
   * A picture, or word that something is missing.
   *
   * @param pts in units of the clock, from 0 at the first picture
   * @param cameraTime epoch milliseconds by the camera's clock; undefined before its first report
   */
  unit(unit: AccessUnit, pts: bigint, cameraTime: number | undefined): void;
  /** A packet of the track, of so many bytes. */
  packet(bytes: number, arrival: number): void;
  /** The camera says that no more will come. */
  goodbye(): void;
}

const DEFAULT_CLOCK_RATE = 90_000;

export class TrackReceiver {
  readonly clockRate: number;
  readonly #receiver: RtpReceiver;
  readonly #depacketizer: Depacketizer;
  readonly #clock: SenderClock;
  readonly #timestamps = new Timestamps();
  readonly #handlers: TrackHandlers;
  #reportTime = 0;
  /** Of the last receiver report. */
  #reported = { expected: 0, lost: 0 };

  /** @param reorders whether packets may come in another order, as over UDP */
  constructor({ codec, format, media }: ChosenMedia, reorders: boolean, handlers: TrackHandlers) {
    this.#handlers = handlers;
    this.clockRate = format.clockRate ?? DEFAULT_CLOCK_RATE;
    this.#clock = new SenderClock(this.clockRate);
    const take = (unit: AccessUnit) => this.#take(unit);
    const options = { allocate: nativeBytes, take };
    this.#depacketizer = codec === "mjpeg"
      ? new MjpegDepacketizer({ ...options, size: format.size ?? media.size })
      : new NalDepacketizer(codec === "h264" ? H264_PAYLOADS : HEVC_PAYLOADS, options);
    this.#receiver = new RtpReceiver({
      payloadTypes: new Set([format.payloadType]),
      clockRate: this.clockRate,
      reorders,
      take: (packet) => this.#depacketizer.push(packet),
    });
  }

  get counts(): RtpCounts {
    return this.#receiver.counts;
  }

  /** Takes an RTP packet, `data[from]` to `data[to - 1]`. */
  rtp(data: Uint8Array, from: number, to: number, arrival: number): void {
    this.#handlers.packet(to - from, arrival);
    this.#receiver.push(data, from, to, arrival);
  }

  /** Takes a compound packet of RTCP. */
  rtcp(data: Uint8Array, from: number, to: number, arrival: number): void {
    readRtcp(data, from, to, {
      onSenderReport: (report) => this.#noteReport(report, arrival),
      onGoodbye: (ssrc) => {
        if (ssrc === this.#receiver.ssrc) this.#handlers.goodbye();
      },
    });
  }

  #noteReport(report: SenderTime, arrival: number): void {
    // Before the first packet nobody knows whose reports they are.
    const { ssrc = report.ssrc } = this.#receiver;
    if (report.ssrc !== ssrc) return;
    this.#clock.note(report);
    this.#reportTime = arrival;
  }

  /** Gives up what is waited for too long. */
  expire(time: number): void {
    this.#receiver.expire(time);
  }

  /** No more will come. */
  flush(): void {
    this.#depacketizer.flush();
  }

  /** What is to be said of the packets since the last report; undefined before the first packet. */
  report(time: number): Reception | undefined {
    const { ssrc, highest, jitter, counts: { lost, received } } = this.#receiver;
    if (ssrc === undefined) return undefined;
    const expected = received + lost;
    const since = expected - this.#reported.expected;
    const lostSince = lost - this.#reported.lost;
    this.#reported = { expected, lost };
    const { compact = 0 } = this.#clock.report ?? {};
    return {
      ssrc,
      fractionLost: since > 0 ? lostSince / since : 0,
      lost,
      highest,
      jitter,
      lastReport: compact,
      delay: time - this.#reportTime,
    };
  }

  #take(unit: AccessUnit): void {
    const pts = this.#timestamps.extend(unit.timestamp);
    this.#handlers.unit(unit, pts, this.#clock.timeOf(unit.timestamp));
  }
}
