/**
 * One recording: a file, or one after the other.
 *
 * @module
 */

import { type Libav, nativeBytes } from "../../../ffi/mod.ts";
import { copyParameters } from "../../av/codec_parameters.ts";
import { exists, Output } from "../../av/output.ts";
import type { Packet } from "../../av/packet.ts";
import type { Size } from "../../core/frame/geometry.ts";
import { fileName, numberedName, type RecordRequest } from "../../core/options/record_options.ts";
import { CONTAINERS, FRAGMENTED } from "../../core/output/output_format.ts";
import type { StreamPacket } from "../../core/output/stream_packet.ts";
import { epochTime } from "../../core/timing/clock.ts";
import type { FeedStream, PacketSubscriber } from "./packet_feed.ts";

const NAMES_TRIED = 1_000;

/** What a recording reports. */
export interface RecordingEvents {
  /** A file was begun. */
  onFile(path: string): void;
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
  #opened = 0;
  /** The decoding time that is 0 in the file. */
  #zero = 0n;

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

  push(packet: StreamPacket): void {
    const stream = this.#stream;
    if (!stream?.size || packet.stream !== this.#number) return;
    const { data, pts, dts, keyframe } = packet;
    if (keyframe && this.#isDue(packet)) this.#next(stream, stream.size, packet);
    if (!this.#output) return;
    this.#packet.wrap(data, pts - this.#zero, keyframe, dts - this.#zero);
    this.#output.write(this.#packet, 0);
  }

  /** Whether another file is to begin. */
  #isDue({ time }: StreamPacket): boolean {
    const { segment } = this.#request;
    return this.#output === undefined || (segment > 0 && time - this.#opened >= segment);
  }

  #next(stream: FeedStream, size: Size, { dts, time }: StreamPacket): void {
    this.#finish();
    const libav = this.#libav;
    const path = this.#freeName(new Date(epochTime(time)));
    const video = {
      describe: copyParameters(libav, stream.parameters, size),
      timeBase: stream.timeBase,
    };
    this.#output = Output.open(libav, [video], {
      url: `file:${path}`,
      muxer: this.#request.muxer,
      connectsItself: false,
      required: {},
      // A power cut loses no more than the last fragment.
      optional: FRAGMENTED,
      alternatives: { containers: CONTAINERS, codecs: [] },
      stop: nativeBytes(8),
    });
    this.#opened = time;
    this.#zero = dts;
    this.#events.onFile(path);
  }

  #freeName(date: Date): string {
    const name = fileName(this.#request.template, date);
    for (let number = 0; number < NAMES_TRIED; number++) {
      const path = numberedName(name, number);
      if (!exists(this.#libav, `file:${path}`)) return path;
    }
    return name;
  }

  /** The next file begins with the next connection. */
  end(): void {
    this.#number = -1;
    this.#stream = undefined;
    this.#finish();
  }

  failed(error: unknown): void {
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
