/**
 * One attempt to write: open encoder and connection, write frames until there
 * are no more, clean up, say why.
 *
 * @module
 */

import type { Libav } from "../../../ffi/mod.ts";
import type { Encoder } from "../../av/encoder.ts";
import type { AvFrame } from "../../av/frame.ts";
import type { Output } from "../../av/output.ts";
import { Packet } from "../../av/packet.ts";
import { PIXEL_FORMATS } from "../../core/frame/formats.ts";
import { type ControlBlock, Phase } from "../../core/shared/control_block.ts";
import { WRITE_PROGRESS, type WriteCounter } from "../../core/shared/counters.ts";
import type { SlotMeta, SlotTable } from "../../core/shared/slot_table.ts";
import { now } from "../../core/timing/clock.ts";
import { BitrateMeter } from "../../core/timing/meters.ts";
import { Pacer } from "../../core/timing/pacer.ts";
import { rationalRate } from "../../core/timing/rational.ts";
import { FINE_TICKS, TickClock } from "../../core/timing/tick_clock.ts";
import type { FromWriteWorker, WriteRequest } from "../../thread/write_protocol.ts";
import { Waiter } from "../waiter.ts";
import { EncoderPicture } from "./encoder_picture.ts";
import { FrameIntake } from "./frame_intake.ts";
import { openEncoder } from "./open_encoder.ts";
import { assertFree, openOutput } from "./open_output.ts";
import { isWatched, LOOK_AGAIN_MS, WriteWatch } from "./write_watch.ts";

/** The number of the only stream of the output. */
const VIDEO = 0;

/** What a session has of its thread. */
export interface WriteContext {
  readonly libav: Libav;
  readonly control: ControlBlock<WriteCounter>;
  readonly slots: SlotTable;
  readonly post: (message: FromWriteWorker) => void;
  /** Called again and again while there is nothing to write. */
  readonly onTurn: () => void;
}

/** What is open during an attempt. */
interface Pipeline {
  readonly picture: EncoderPicture;
  readonly encoder: Encoder;
  readonly packet: Packet;
  readonly output: Output;
  readonly pacer: Pacer | undefined;
  readonly intake: FrameIntake;
  /** Of a connection that can keep frames back. */
  readonly watch: WriteWatch | undefined;
}

/** Runs one attempt in this thread, blocking it. Not to be used twice. */
export class WriteSession {
  readonly #context: WriteContext;
  readonly #request: WriteRequest;
  readonly #waiter: Waiter;
  readonly #clock: TickClock;
  readonly #bitrate = new BitrateMeter();
  #output: Output | undefined;

  constructor(context: WriteContext, request: WriteRequest) {
    this.#context = context;
    this.#request = request;
    this.#waiter = new Waiter(context.control, {
      onTurn: () => {
        context.onTurn();
        this.#output?.look();
      },
      onEnd: () => context.control.setAll(WRITE_PROGRESS, now()),
    });
    // Rate control of other encoders takes one unit for one frame, and AVI has one place for each.
    const fine = request.timestamps !== "constant" && request.output.muxer !== "avi" &&
      (request.codec === "h264" || request.codec === "hevc");
    this.#clock = new TickClock(fine ? FINE_TICKS : rationalRate(request.fps));
  }

  /**
   * Returns when the writer is closed and all is written, or when a stop was asked for.
   *
   * @throws {CallError | SessionError} Why the attempt failed.
   */
  run(): void {
    using resources = new DisposableStack();
    const { libav, control, post } = this.#context;
    const request = this.#request;
    control.phase = Phase.opening;
    assertFree(libav, request);
    const { encoder, choice } = openEncoder(libav, request, this.#clock.rate);
    resources.use(encoder);
    const watch = this.#watch();
    if (watch) resources.use(watch);
    const output = resources.use(openOutput(libav, request, encoder, control));
    this.#output = output;
    watch?.connected();
    const picture = resources.use(new EncoderPicture(libav, request, choice));
    const packet = resources.use(new Packet(libav));
    const pacer = request.pace ? new Pacer(now()) : undefined;
    this.#setPhase(Phase.writing);
    post({ type: "opened", encoder: choice.name });

    const intake = new FrameIntake(this.#context, this.#waiter, request.queue.policy, watch);
    const pipeline = { picture, encoder, packet, output, pacer, intake, watch };
    while (this.#step(pipeline));
    if (control.stopRequested) return;
    encoder.send(null);
    this.#drain(pipeline);
    // Behind the goodbye nobody hears any more that it was not delivered.
    if (watch) this.#waiter.until(() => watch.delivered, Infinity, () => LOOK_AGAIN_MS);
    if (!control.stopRequested) output.finish();
  }

  /** Undefined for a file, and for what is sent over UDP. */
  #watch(): WriteWatch | undefined {
    const { libav, control, post } = this.#context;
    if (!isWatched(this.#request)) return undefined;
    return new WriteWatch(libav, control, this.#request.writeTimeout, () => post({ type: "late" }));
  }

  /** Takes one frame; false when there will be no more. */
  #step(pipeline: Pipeline): boolean {
    const { control, slots } = this.#context;
    const slot = pipeline.intake.next();
    if (slot === undefined) return false;
    try {
      const meta = slots.meta(slot);
      if (pipeline.pacer) this.#waiter.untilTime(pipeline.pacer.due(meta.pts));
      if (control.stopRequested) return false;
      const picture = this.#convert(pipeline, slots.address(slot), meta);
      this.#setPhase(Phase.writing);
      this.#encode(pipeline, picture);
      control.add("encoded");
      return true;
    } finally {
      slots.release(slot);
      control.wake.signal();
    }
  }

  #convert({ picture }: Pipeline, address: bigint, meta: SlotMeta): AvFrame {
    const { control } = this.#context;
    const { sourceWidth: width, sourceHeight: height, pts } = meta;
    picture.prepare({ width, height }, PIXEL_FORMATS[control.inputFormat]!, address);
    return picture.convert(this.#clock.next(pts));
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

  #drain({ encoder, output, packet, watch }: Pipeline): void {
    const { control } = this.#context;
    while (!control.stopRequested && encoder.receive(packet) === "packet") {
      control.set("lastPacketTime", now());
      const { size, pts, dts } = packet;
      const decodeTime = this.#clock.decodeTime(pts, dts);
      if (decodeTime !== dts) packet.dts = decodeTime;
      const write = () => output.write(packet, VIDEO);
      if (watch) watch.around(size, write);
      else write();
      control.add("packets");
      control.add("bytes", size);
      control.set("bitrate", this.#bitrate.tick(now(), size));
    }
  }

  #setPhase(phase: number): void {
    this.#context.control.setAll(WRITE_PROGRESS, now());
    this.#context.control.phase = phase;
  }
}
