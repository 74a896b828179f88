/**
 * One recording: a file, or one after the other.
 *
 * @module
 */

import { type Libav, nativeBytes, type Pointer } from "../../../ffi/mod.ts";
import { exists, Output } from "../../av/output.ts";
import type { Packet } from "../../av/packet.ts";
import type { Size } from "../../core/frame/geometry.ts";
import { fileName, numberedName, type RecordRequest } from "../../core/options/record_options.ts";
import { FRAGMENTED } from "../../core/output/output_format.ts";
import type { RecordedPacket } from "../../core/output/packet_ring.ts";

/** What a connection's stream is, as a container must know it. */
export interface RecordedStream {
  readonly parameters: Pointer;
  readonly timeBase: { readonly num: number; readonly den: number };
}

const NAMES_TRIED = 1_000;

/** One recording: a file, or one after the other. */
export class RecordingFile {
  #output: Output | undefined;
  #opened = 0;
  /** The decoding time that is 0 in the file. */
  #zero = 0n;
  #last = 0n;

  readonly id: number;
  readonly request: RecordRequest;
  readonly #onFile: (path: string) => void;

  constructor(id: number, request: RecordRequest, onFile: (path: string) => void) {
    this.id = id;
    this.request = request;
    this.#onFile = onFile;
  }

  write(
    libav: Libav,
    packet: Packet,
    stream: RecordedStream,
    size: Size,
    picture: RecordedPacket,
  ): void {
    // Containers have no way back in time.
    if (this.#output && picture.dts <= this.#last) this.finish();
    const due = this.#output === undefined ||
      (this.request.segment > 0 && picture.time - this.#opened >= this.request.segment);
    if (due && picture.keyframe) this.#next(libav, stream, size, picture);
    if (!this.#output) return;
    const { data, keyframe } = picture;
    packet.wrap(data, picture.pts - this.#zero, keyframe, picture.dts - this.#zero);
    this.#output.write(packet);
    this.#last = picture.dts;
  }

  #next(libav: Libav, stream: RecordedStream, size: Size, { dts, time }: RecordedPacket): void {
    this.finish();
    const path = this.#freeName(libav, new Date(time));
    this.#output = Output.open(libav, {
      describe: (parameters) => describe(libav, parameters, stream, size),
      timeBase: stream.timeBase,
    }, {
      url: `file:${path}`,
      muxer: this.request.muxer,
      connectsItself: false,
      required: {},
      // A power cut loses no more than the last fragment.
      optional: FRAGMENTED,
      stop: nativeBytes(8),
    });
    this.#opened = time;
    this.#zero = dts;
    this.#last = dts - 1n;
    this.#onFile(path);
  }

  #freeName(libav: Libav, date: Date): string {
    const name = fileName(this.request.template, date);
    for (let number = 0; number < NAMES_TRIED; number++) {
      const path = numberedName(name, number);
      if (!exists(libav, `file:${path}`)) return path;
    }
    return name;
  }

  /** Completes the file. */
  finish(): void {
    const output = this.#output;
    this.#output = undefined;
    if (!output) return;
    using _ = output;
    output.finish();
  }
}

function describe(
  libav: Libav,
  parameters: Pointer,
  stream: RecordedStream,
  size: Size,
): number {
  const { symbols, memory, layout: { AVCodecParameters } } = libav;
  const code = symbols.avcodec_parameters_copy(parameters, stream.parameters);
  memory.writeI32(parameters, AVCodecParameters.width, size.width);
  memory.writeI32(parameters, AVCodecParameters.height, size.height);
  return code;
}
