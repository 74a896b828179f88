/**
 * Writes a stream's packets into files as they come, without decoding them.
 *
 * @module
 */

import { type Libav, NOPTS } from "../../../ffi/mod.ts";
import { Packet } from "../../av/packet.ts";
import type { StreamErrorFields } from "../../core/connection/errors.ts";
import type { MediaUrl } from "../../core/connection/url.ts";
import type { Size } from "../../core/frame/geometry.ts";
import type { RecordRequest } from "../../core/options/record_options.ts";
import type { PacketRing, RecordedPacket } from "../../core/output/packet_ring.ts";
import { now } from "../../core/timing/clock.ts";
import { DecodeTimes } from "../../core/timing/decode_times.ts";
import type { FromReadWorker } from "../../thread/read_protocol.ts";
import { failureFields } from "../failure.ts";
import { type RecordedStream, RecordingFile } from "./recording_file.ts";

/** A picture's packet, before its decoding time is known. */
export interface IncomingPacket {
  readonly data: Uint8Array<ArrayBuffer>;
  readonly pts: bigint;
  /** Undefined where the stream does not tell. */
  readonly dts?: bigint;
  readonly keyframe: boolean;
}

/**
 * Packets at the beginning of a connection that are held back to see in which
 * order its pictures are shown.
 */
const LOOK_AHEAD = 8;
/** Frames per second; a guess is enough. */
const USUAL_RATE = 30;

/** All recordings of a stream, over all its connections. Owned: dispose of it. */
export class Recorder implements Disposable {
  readonly #libav: Libav;
  readonly #media: MediaUrl;
  readonly #ring: PacketRing;
  readonly #post: (message: FromReadWorker) => void;
  readonly #packet: Packet;
  readonly #recordings = new Map<number, RecordingFile>();
  #stream: RecordedStream | undefined;
  #size: Size | undefined;
  #times = new DecodeTimes(1n);
  #early: (IncomingPacket & { readonly time: number })[] | undefined = [];

  constructor(
    libav: Libav,
    media: MediaUrl,
    ring: PacketRing,
    post: (message: FromReadWorker) => void,
  ) {
    this.#libav = libav;
    this.#media = media;
    this.#ring = ring;
    this.#post = post;
    this.#packet = new Packet(libav);
  }

  /** A new connection: its packets do not go on with those before. */
  connect(stream: RecordedStream): void {
    this.disconnect();
    this.#stream = stream;
    this.#beginTimes(stream);
  }

  #beginTimes({ timeBase: { num, den } }: RecordedStream): void {
    this.#times = new DecodeTimes(BigInt(Math.round(den / num / USUAL_RATE)));
    this.#early = [];
  }

  /** The connection is over: files are completed, the next ones begin with the next one. */
  disconnect(): void {
    this.#flushEarly();
    for (const recording of this.#recordings.values()) {
      this.#try(recording, () => recording.finish());
    }
    this.#ring.clear();
    this.#stream = undefined;
    this.#size = undefined;
  }

  /** The size of the decoded pictures, which not every stream declares. */
  set size({ width, height }: Size) {
    if (this.#size?.width === width && this.#size.height === height) return;
    this.#size = { width, height };
  }

  /** Whether anybody wants packets. */
  get active(): boolean {
    return this.#recordings.size > 0 || this.#ring.duration > 0;
  }

  start(id: number, request: RecordRequest): void {
    // Pictures have passed unseen.
    if (!this.active && this.#stream) this.#beginTimes(this.#stream);
    const recording = new RecordingFile(id, request, (file) => {
      this.#post({ type: "recording", id, file });
    });
    this.#recordings.set(id, recording);
    const since = now() - request.preEvent;
    if (request.preEvent > 0) {
      for (const picture of this.#ring.since(since)) this.#write(recording, picture);
    }
  }

  stop(id: number): void {
    const recording = this.#recordings.get(id);
    if (!recording) return;
    this.#flushEarly();
    if (!this.#try(recording, () => recording.finish())) return;
    this.#recordings.delete(id);
    this.#post({ type: "recorded", id });
  }

  push(picture: IncomingPacket): void {
    const incoming = { ...picture, time: now() };
    if (picture.dts !== undefined) return this.#record({ ...incoming, dts: picture.dts });
    this.#times.learn(picture.pts);
    if (!this.#early) return this.#record({ ...incoming, dts: this.#times.next(picture.pts) });
    this.#early.push(incoming);
    if (this.#early.length >= LOOK_AHEAD) this.#flushEarly();
  }

  #flushEarly(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const picture of early) {
      this.#record({ ...picture, dts: this.#times.next(picture.pts) });
    }
  }

  #record(picture: RecordedPacket): void {
    this.#ring.push(picture);
    for (const recording of this.#recordings.values()) this.#write(recording, picture);
  }

  #write(recording: RecordingFile, picture: RecordedPacket): void {
    const [stream, size] = [this.#stream, this.#size];
    if (!stream || !size || picture.pts === NOPTS || picture.pts < picture.dts) return;
    this.#try(
      recording,
      () => recording.write(this.#libav, this.#packet, stream, size, picture),
    );
  }

  /** A full disk ends the recording, not the stream. */
  #try(recording: RecordingFile, action: () => void): boolean {
    try {
      action();
      return true;
    } catch (error) {
      this.#recordings.delete(recording.id);
      const fields = failureFields(error, { media: this.#media, role: "record" });
      const failure: StreamErrorFields = { ...fields, url: recording.request.template };
      this.#post({ type: "recorded", id: recording.id, error: failure });
      return false;
    }
  }

  [Symbol.dispose](): void {
    this.disconnect();
    for (const id of [...this.#recordings.keys()]) this.stop(id);
    this.#packet[Symbol.dispose]();
  }
}
