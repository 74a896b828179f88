/**
 * Writes a stream's packets into files as they come, without decoding them.
 *
 * @module
 */

import type { Libav } from "../../../ffi/mod.ts";
import { Packet } from "../../av/packet.ts";
import type { StreamErrorFields } from "../../core/connection/errors.ts";
import type { MediaUrl } from "../../core/connection/url.ts";
import type { RecordRequest } from "../../core/options/record_options.ts";
import type { RecordingStats } from "../../core/output/recording_stats.ts";
import { now } from "../../core/timing/clock.ts";
import type { FromReadWorker } from "../../thread/read_protocol.ts";
import { failureFields } from "../failure.ts";
import type { PacketFeed } from "./packet_feed.ts";
import { RecordingFile } from "./recording_file.ts";

/** All recordings of a stream, over all its connections. Owned: dispose of it. */
export class Recorder implements Disposable {
  readonly #libav: Libav;
  readonly #media: MediaUrl;
  readonly #feed: PacketFeed;
  readonly #post: (message: FromReadWorker) => void;
  readonly #packet: Packet;
  readonly #recordings = new Map<number, RecordingFile>();

  constructor(
    libav: Libav,
    media: MediaUrl,
    feed: PacketFeed,
    post: (message: FromReadWorker) => void,
  ) {
    this.#libav = libav;
    this.#media = media;
    this.#feed = feed;
    this.#post = post;
    this.#packet = new Packet(libav);
  }

  start(id: number, request: RecordRequest): void {
    const recording = new RecordingFile(this.#libav, this.#packet, request, {
      onFile: (file) => this.#post({ type: "recording", id, file }),
      onProgress: (stats) => this.#post({ type: "record-progress", id, stats }),
      onFailure: (error) => this.#fail(id, request, error),
    });
    this.#recordings.set(id, recording);
    const { preEvent } = request;
    this.#feed.subscribe(recording, preEvent > 0 ? now() - preEvent : undefined);
  }

  stop(id: number): void {
    const recording = this.#recordings.get(id);
    if (!recording) return;
    this.#feed.unsubscribe(recording);
    // One that has failed is not there any more.
    if (!this.#recordings.delete(id)) return;
    const { stats } = recording;
    this.#post({ type: "record-progress", id, stats });
    const empty = stats.packets === 0 && stats.skipped > 0;
    this.#post({
      type: "recorded",
      id,
      error: empty ? nothing(recording.template, stats) : undefined,
    });
  }

  /** A full disk ends the recording, not the stream. */
  #fail(id: number, { template }: RecordRequest, error: unknown): void {
    this.#recordings.delete(id);
    const fields = failureFields(error, { media: this.#media, role: "record" });
    this.#post({ type: "recorded", id, error: { ...fields, url: template } });
  }

  [Symbol.dispose](): void {
    for (const id of [...this.#recordings.keys()]) this.stop(id);
    this.#packet[Symbol.dispose]();
  }
}

function nothing(template: string, { skipped }: RecordingStats): StreamErrorFields {
  return {
    code: "WRITE_FAILED",
    operation: "write",
    url: template,
    reason: `nothing was recorded: a file begins with a keyframe, and none of ${skipped} packets ` +
      "was one that can be decoded",
  };
}
