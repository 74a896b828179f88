/**
 * One attempt to publish: open encoder and connection, write frames until there
 * are no more, clean up, say why.
 *
 * @module
 */

import {
  AVCOL_SPC_BT709,
  AVCOL_SPC_SMPTE170M,
  cString,
  type Libav,
  type Pointer,
} from "../../../ffi/mod.ts";
import { CallError, SessionError } from "../../av/check.ts";
import { Converter } from "../../av/converter.ts";
import { Encoder } from "../../av/encoder.ts";
import { AvFrame } from "../../av/frame.ts";
import { exists, Output } from "../../av/output.ts";
import { Packet } from "../../av/packet.ts";
import type { SwsPicture } from "../../av/sws.ts";
import {
  isSubsampled,
  libavFormatName,
  PIXEL_FORMATS,
  type PixelFormat,
} from "../../core/frame/formats.ts";
import type { Size } from "../../core/frame/geometry.ts";
import { type EncoderChoice, encoderChoices } from "../../core/output/encoders.ts";
import { type ControlBlock, Phase } from "../../core/shared/control_block.ts";
import type { SlotMeta, SlotTable } from "../../core/shared/slot_table.ts";
import { now } from "../../core/timing/clock.ts";
import { BitrateMeter } from "../../core/timing/meters.ts";
import type { FromWriteWorker, WriteRequest } from "../../thread/write_protocol.ts";
import { removeFile } from "../remove_file.ts";
import { Waiter } from "../waiter.ts";
import { muxerOptions } from "./muxer_options.ts";

/** Parts of a second that a live stream's times are told in, as in RTP and MPEG-TS. */
const FINE_TIME = 90_000;
/** Seconds by which a picture may be decoded before it is shown. */
const MAX_REORDERING = 60;
/** Frame rates as a fraction: 29.97 is 29970/1000. */
const RATE_DEN = 1_000;
/** Pictures with more lines are HD, whose colours are those of ITU-R BT.709. */
const SD_LINES = 576;

/** What a session has of its thread. */
export interface WriteContext {
  readonly libav: Libav;
  readonly control: ControlBlock;
  readonly slots: SlotTable;
  readonly post: (message: FromWriteWorker) => void;
}

interface Pipeline {
  readonly encoder: Encoder;
  readonly output: Output;
  readonly packet: Packet;
  /** The picture in the slot; refers to its bytes. */
  readonly input: AvFrame;
  /** The picture that is encoded. */
  readonly picture: AvFrame;
}

/** Runs one attempt in this thread, blocking it. Not to be used twice. */
export class WriteSession {
  readonly #context: WriteContext;
  readonly #request: WriteRequest;
  readonly #waiter: Waiter;
  /** Units of a frame's time, each second. */
  readonly #ticks: { readonly num: number; readonly den: number };
  readonly #bitrate = new BitrateMeter();
  #converter: Converter | undefined;
  #lastTick = -1n;
  #lastDecodeTick: bigint | undefined;
  #firstPts: number | undefined;
  #firstTime = 0;

  constructor(context: WriteContext, request: WriteRequest) {
    this.#context = context;
    this.#request = request;
    this.#waiter = new Waiter(context.control, () => {});
    // Rate control of other encoders takes one unit for one frame, and AVI has one place for each.
    const fine = !request.constantRate && request.output.muxer !== "avi" &&
      (request.codec === "h264" || request.codec === "hevc");
    this.#ticks = fine ? { num: FINE_TIME, den: 1 } : frameRate(request.fps);
  }

  /**
   * Returns when the writer is closed and all is written, or when a stop was asked for.
   *
   * @throws {CallError | SessionError} Why the attempt failed.
   */
  run(): void {
    using resources = new DisposableStack();
    const { libav, control, post } = this.#context;
    control.phase = Phase.opening;
    this.#assertFree();
    const { encoder, choice } = this.#openEncoder();
    resources.use(encoder);
    const output = resources.use(this.#openOutput(encoder));
    resources.defer(() => this.#converter?.[Symbol.dispose]());
    const input = resources.use(new AvFrame(libav));
    const picture = resources.use(new AvFrame(libav));
    const packet = resources.use(new Packet(libav));
    picture.allocate(this.#request, this.#pixelFormat(choice.pixelFormat));
    this.#firstTime = now();
    this.#setPhase(Phase.writing);
    post({ type: "opened", encoder: choice.name });

    const pipeline = { encoder, output, packet, input, picture };
    while (this.#step(pipeline, choice));
    if (control.stopRequested) return;
    encoder.send(null);
    this.#drain(pipeline);
    output.finish();
  }

  #assertFree(): void {
    const { media, overwrite } = this.#request;
    if (
      media.path === undefined || overwrite || !exists(this.#context.libav, media.withCredentials)
    ) return;
    throw new SessionError(
      "open",
      "WRITE_FAILED",
      "the file exists already; the option overwrite: true replaces it",
    );
  }

  /** The first encoder that is there and works: a driver may lack its hardware. */
  #openEncoder(): { encoder: Encoder; choice: EncoderChoice } {
    const { libav } = this.#context;
    const request = this.#request;
    const failures: string[] = [];
    const choices = encoderChoices({ ...request, live: request.output.live });
    for (const choice of choices) {
      try {
        const encoder = Encoder.open(libav, {
          encoder: choice.name,
          width: request.width,
          height: request.height,
          pixelFormat: choice.pixelFormat,
          frameRate: frameRate(request.fps),
          timeBase: { num: this.#ticks.den, den: this.#ticks.num },
          options: { ...this.#colors(), ...choice.options },
          required: request.nativeCodec,
          globalHeader: request.output.globalHeader,
        });
        return { encoder, choice };
      } catch (error) {
        if (!(error instanceof CallError) && !(error instanceof SessionError)) throw error;
        if (error instanceof SessionError && error.code === "OPTION_UNKNOWN") throw error;
        failures.push(`${choice.name}: ${error.message}`);
      }
    }
    throw new SessionError(
      "open",
      "UNSUPPORTED_CODEC",
      `no encoder for ${request.codec} ${request.width}x${request.height} works here (${
        failures.join("; ")
      })`,
    );
  }

  #openOutput(encoder: Encoder): Output {
    const { libav, control } = this.#context;
    const { media, output, fps, nativeFormat } = this.#request;
    const isNew = media.path !== undefined && !exists(libav, media.withCredentials);
    const stream = {
      describe: (parameters: Pointer) => encoder.describe(parameters),
      timeBase: encoder.timeBase,
      frameRate: frameRate(fps),
    };
    const request = {
      url: media.withCredentials,
      muxer: output.muxer,
      connectsItself: output.connectsItself,
      required: nativeFormat,
      optional: muxerOptions(this.#request),
      stop: control.bytes,
    };
    try {
      return Output.open(libav, [stream], request);
    } catch (error) {
      // An empty file would be in the way of the next attempt.
      if (isNew && media.path !== undefined) removeFile(media.path);
      throw error;
    }
  }

  /** Takes one frame; false when there will be no more. */
  #step(pipeline: Pipeline, choice: EncoderChoice): boolean {
    const { control, slots } = this.#context;
    const slot = this.#nextSlot();
    if (slot === undefined) return false;
    try {
      const meta = slots.meta(slot);
      if (this.#request.pace) this.#pace(meta.pts);
      if (control.stopRequested) return false;
      if (!this.#draw(pipeline, choice, slots.address(slot), meta)) return true;
      this.#setPhase(Phase.writing);
      this.#encode(pipeline, pipeline.picture);
      control.add("encoded");
      return true;
    } finally {
      slots.release(slot);
      control.wake.signal();
    }
  }

  #nextSlot(): number | undefined {
    const { control, slots } = this.#context;
    let slot: number | undefined;
    this.#waiter.until(() => {
      // Looked at first: what is in the queue by then is written.
      const { finishRequested } = control;
      slot = control.frozen ? undefined : slots.takeOldest(-Infinity);
      return slot !== undefined || finishRequested;
    });
    return control.stopRequested && slot === undefined ? undefined : slot;
  }

  /** False when the program is ending, and its memory with it. */
  #draw(
    { input, picture }: Pipeline,
    choice: EncoderChoice,
    address: bigint,
    meta: SlotMeta,
  ): boolean {
    const { control } = this.#context;
    const size = { width: meta.sourceWidth, height: meta.sourceHeight };
    input.wrap(size, this.#format, address);
    if (!this.#converter?.accepts(size)) {
      this.#converter?.[Symbol.dispose]();
      this.#converter = undefined;
      this.#converter = this.#makeConverter(size, choice);
    }
    picture.makeWritable();
    this.#setPhase(Phase.converting);
    if (control.frozen) return false;
    this.#converter.convert(input, picture);
    picture.pts = this.#tickOf(meta.pts);
    return true;
  }

  #makeConverter(size: Size, { pixelFormat, options }: EncoderChoice): Converter {
    const { width, height } = this.#request;
    const format = this.#format;
    const { libav } = this.#context;
    const colorSpace = this.#colorSpace;
    const from: SwsPicture = {
      ...size,
      pixelFormat: this.#pixelFormat(libavFormatName(format)),
      colorSpace,
      fullRange: !isSubsampled(format),
    };
    return new Converter(libav, from, {
      width,
      height,
      pixelFormat: this.#pixelFormat(pixelFormat),
      colorSpace,
      fullRange: options.color_range === "pc",
    });
  }

  #encode(pipeline: Pipeline, picture: AvFrame): void {
    let sent = pipeline.encoder.send(picture);
    this.#drain(pipeline);
    // Full: what was in it is out now, so it takes the same picture.
    if (sent === "again") {
      sent = pipeline.encoder.send(picture);
      this.#drain(pipeline);
    }
  }

  #drain({ encoder, output, packet }: Pipeline): void {
    const { control } = this.#context;
    while (encoder.receive(packet) === "packet") {
      control.set("lastPacketTime", now());
      const { size } = packet;
      this.#mendDecodeTime(packet);
      output.write(packet, 0);
      control.add("packets");
      control.add("bytes", size);
      control.set("bitrate", this.#bitrate.tick(now(), size));
    }
  }

  /** libx265 gives the only pictures of a short film a time that it never set. */
  #mendDecodeTime(packet: Packet): void {
    const { pts, dts } = packet;
    const longest = BigInt(Math.ceil(MAX_REORDERING * this.#ticks.num / this.#ticks.den));
    if (dts > pts || dts < pts - longest) {
      const next = this.#lastDecodeTick === undefined ? pts : this.#lastDecodeTick + 1n;
      packet.dts = next < pts ? next : pts;
    }
    this.#lastDecodeTick = packet.dts;
  }

  /** Later than the last one: rounding must not make two of them equal. */
  #tickOf(seconds: number): bigint {
    const tick = BigInt(Math.round(seconds * this.#ticks.num / this.#ticks.den));
    return this.#lastTick = tick > this.#lastTick ? tick : this.#lastTick + 1n;
  }

  /** Waits until a frame is due. */
  #pace(pts: number): void {
    this.#firstPts ??= pts;
    const due = this.#firstTime + (pts - this.#firstPts) * 1000;
    this.#waiter.until(() => now() >= due, due);
  }

  #setPhase(phase: number): void {
    this.#context.control.set("lastPacketTime", now());
    this.#context.control.phase = phase;
  }

  #pixelFormat(name: string): number {
    const format = this.#context.libav.symbols.av_get_pix_fmt(cString(name));
    if (format < 0) {
      throw new SessionError("open", "UNSUPPORTED_CODEC", `no pixel format "${name}"`);
    }
    return format;
  }

  /** What RGB is made into, and said to be; YUV is passed on as it came. */
  get #colorSpace(): number {
    const { codec, height } = this.#request;
    // The others have no words for it, and are taken to be BT.601 by everybody.
    const tellsColors = codec === "h264" || codec === "hevc";
    return tellsColors && height > SD_LINES ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
  }

  get #format(): PixelFormat {
    return PIXEL_FORMATS[this.#context.control.inputFormat];
  }

  #colors(): Record<string, string> {
    const { format } = this.#request;
    if (format && isSubsampled(format)) return {};
    const name = this.#colorSpace === AVCOL_SPC_BT709 ? "bt709" : "smpte170m";
    return { colorspace: name, color_primaries: name, color_trc: name, color_range: "tv" };
  }
}

function frameRate(fps: number): { num: number; den: number } {
  return Number.isInteger(fps)
    ? { num: fps, den: 1 }
    : { num: Math.round(fps * RATE_DEN), den: RATE_DEN };
}
