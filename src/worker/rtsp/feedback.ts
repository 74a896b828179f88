/**
 * What is told to a camera by RTCP: how its packets come, and that a keyframe is wanted.
 *
 * @module
 */

import type { MediaFormat } from "../../core/rtsp/media_format.ts";
import { type KeyframeRequest, writeRtcp } from "../../core/rtsp/rtcp.ts";
import type { TrackReceiver } from "./track_receiver.ts";

/**
 * A report delays a later picture by 40 ms now and then (a delayed acknowledgement), so it
 * is sent rarely, and directly after a picture.
 */
const REPORT_INTERVAL_MS = 10_000;
/** A keyframe takes a while to come; asking for another one would only cost more. */
const REQUEST_INTERVAL_MS = 1_000;
/** RFC 3550, 6.5.1 wants a name that is unique: a random one is (RFC 7022, 4.2). */
const NAME_LENGTH = 16;
/** RFC 4585, 4.2; RFC 5104, 7.1. */
const OFFERS = [["nack pli", "pli"], ["ccm fir", "fir"]] as const;

/** To the camera of one track. */
export class Feedback {
  readonly #track: TrackReceiver;
  readonly #send: (packet: Uint8Array) => void;
  readonly #kinds: readonly KeyframeRequest["kind"][];
  readonly #own = crypto.getRandomValues(new Uint32Array(1))[0]!;
  readonly #name = crypto.randomUUID().replaceAll("-", "").slice(0, NAME_LENGTH);
  #reported: number;
  #requested = -Infinity;
  #requests = 0;

  constructor(
    track: TrackReceiver,
    { feedback }: MediaFormat,
    time: number,
    send: (packet: Uint8Array) => void,
  ) {
    this.#track = track;
    this.#send = send;
    this.#reported = time;
    this.#kinds = OFFERS.filter(([offer]) => feedback.includes(offer)).map(([, kind]) => kind);
  }

  /** A picture is complete: the moment for a report, if one is due. */
  picture(time: number): void {
    if (time - this.#reported >= REPORT_INTERVAL_MS) this.#report(time);
  }

  /** Nothing can be decoded before the next keyframe: asks for it where that is offered. */
  wantKeyframe(time: number): void {
    if (time - this.#requested < REQUEST_INTERVAL_MS) return;
    // What was not heeded is asked for in the other way.
    const sequence = this.#requests++;
    const kind = this.#kinds[sequence % this.#kinds.length];
    if (kind === undefined) return;
    this.#requested = time;
    this.#report(time, kind === "pli" ? { kind } : { kind, sequence });
  }

  #report(time: number, request?: KeyframeRequest): void {
    const reception = this.#track.report(time);
    if (!reception) return;
    this.#reported = time;
    this.#send(writeRtcp(this.#own, this.#name, reception, request));
  }
}
