/**
 * Decoded pictures on their way into the reader's slots.
 *
 * @module
 */

import type { Libav } from "../../../ffi/mod.ts";
import { AvFrame } from "../../av/frame.ts";
import { Scaler } from "../../av/scaler.ts";
import { frameByteLength, type PixelFormat } from "../../core/frame/formats.ts";
import type { Size } from "../../core/frame/geometry.ts";
import { packOrientation } from "../../core/frame/orientation.ts";
import {
  layOut,
  type LayoutOptions,
  type PictureLayout,
  type PictureView,
} from "../../core/frame/picture_view.ts";
import type { ControlBlock } from "../../core/shared/control_block.ts";
import type { ReadCounter } from "../../core/shared/counters.ts";
import type { SlotMeta, SlotTable } from "../../core/shared/slot_table.ts";
import { now } from "../../core/timing/clock.ts";
import type { FromReadWorker } from "../../thread/read_protocol.ts";
import type { Waiter } from "../waiter.ts";

/** How long a live stream waits for the program to provide slots before it drops frames. */
const LIVE_SLOTS_WAIT_MS = 1_000;

/** What is known of a picture beforehand. */
export type PictureMeta = Omit<
  SlotMeta,
  "readyTime" | "sourceWidth" | "sourceHeight" | "orientation" | "sampleAspectRatio"
>;

export interface DeliveryRequest extends LayoutOptions {
  readonly format: PixelFormat;
  readonly generation: number;
}

/** What a delivery works with. */
export interface DeliveryContext {
  readonly libav: Libav;
  readonly control: ControlBlock<ReadCounter>;
  readonly slots: SlotTable;
  /** None where the thread must not wait: a picture waits for its slots in its place. */
  readonly waiter: Waiter | undefined;
  readonly post: (message: FromReadWorker) => void;
}

/** A picture that came before the slots for it. */
interface WaitingPicture {
  readonly picture: AvFrame;
  view: PictureView;
  meta: PictureMeta;
}

/** What became of a picture. */
export type Delivered = "delivered" | "dropped" | "waits";

/** Owned: dispose of it. */
export class Delivery implements Disposable {
  readonly #libav: Libav;
  readonly #control: ControlBlock<ReadCounter>;
  readonly #slots: SlotTable;
  readonly #waiter: Waiter | undefined;
  readonly #post: (message: FromReadWorker) => void;
  readonly #request: DeliveryRequest;
  readonly #lossless: boolean;
  #generation: number;
  #size: Size | undefined;
  #scaler: Scaler | undefined;
  #view: PictureView | undefined;
  #layout: PictureLayout | undefined;
  /** Slots whose bars are black already. */
  readonly #cleared = new Set<number>();
  #streaming = false;
  #waiting: WaitingPicture | undefined;

  /** @param lossless whether it waits for a free slot instead of dropping a frame */
  constructor(context: DeliveryContext, request: DeliveryRequest, lossless: boolean) {
    this.#libav = context.libav;
    this.#control = context.control;
    this.#slots = context.slots;
    this.#waiter = context.waiter;
    this.#post = context.post;
    this.#request = request;
    this.#lossless = lossless;
    this.#generation = request.generation - 1;
  }

  /** Converts a picture into a slot; dropped where a live stream's reader has none free. */
  deliver(picture: AvFrame, view: PictureView, meta: PictureMeta): Delivered {
    const { scaler, layout } = this.#prepare(picture, view);
    const ready = this.#slotsReady();
    if (!ready && !this.#waiter) {
      this.#keep(picture, view, meta);
      return "waits";
    }
    this.#dropWaiting();
    const slot = ready ? this.#takeSlot() : undefined;
    if (slot === undefined) {
      this.#control.add("droppedNoBuffer");
      return "dropped";
    }
    const address = this.#slots.address(slot);
    if (scaler.leavesBars && !this.#cleared.has(slot)) {
      scaler.clear(address);
      this.#cleared.add(slot);
    }
    scaler.convert(picture, address);
    this.#slots.markReady(slot, {
      ...meta,
      sourceWidth: layout.picture.width,
      sourceHeight: layout.picture.height,
      orientation: packOrientation(view.orientation),
      sampleAspectRatio: layout.sampleAspectRatio,
      readyTime: now(),
    });
    this.#control.wake.signal();
    if (!this.#streaming) {
      this.#streaming = true;
      this.#post({ type: "streaming" });
    }
    return "delivered";
  }

  /** Delivers the picture that waits, if its slots are there by now. */
  resume(): boolean {
    const waiting = this.#waiting;
    if (!waiting || !this.#slotsReady()) return false;
    this.#waiting = undefined;
    using picture = waiting.picture;
    return this.deliver(picture, waiting.view, waiting.meta) === "delivered";
  }

  /** The newest one waits. */
  #keep(picture: AvFrame, view: PictureView, meta: PictureMeta): void {
    if (this.#waiting) this.#control.add("droppedNoBuffer");
    const waiting = this.#waiting ??= { picture: new AvFrame(this.#libav), view, meta };
    waiting.picture.reference(picture);
    waiting.view = view;
    waiting.meta = meta;
  }

  #dropWaiting(): void {
    if (!this.#waiting) return;
    this.#control.add("droppedNoBuffer");
    this.#waiting.picture[Symbol.dispose]();
    this.#waiting = undefined;
  }

  /** A scaler for this picture; a new size of frames asks for new slots. */
  #prepare(picture: AvFrame, view: PictureView): { scaler: Scaler; layout: PictureLayout } {
    const source = picture.format;
    const known = this.#scaler?.accepts(source) && this.#view && sameView(view, this.#view);
    if (known && this.#scaler && this.#layout) {
      return { scaler: this.#scaler, layout: this.#layout };
    }
    const { format } = this.#request;
    const layout = layOut(source, view, this.#request);
    const size = layout.placement.frame;
    this.#scaler?.[Symbol.dispose]();
    this.#scaler = undefined;
    const scaler = this.#scaler = new Scaler(this.#libav, source, { format, ...layout });
    this.#view = view;
    this.#layout = layout;
    this.#cleared.clear();
    if (size.width !== this.#size?.width || size.height !== this.#size.height) {
      this.#size = size;
      this.#generation++;
      const byteLength = frameByteLength(format, size.width, size.height);
      this.#post({
        ...{ type: "format", generation: this.#generation },
        ...{ width: size.width, height: size.height, byteLength },
      });
    }
    return { scaler, layout };
  }

  /** Waits for the slots of this generation; a file until they are there. */
  #slotsReady(): boolean {
    if (this.#control.generation === this.#generation) return true;
    if (!this.#waiter) return false;
    const deadline = this.#lossless ? Infinity : now() + LIVE_SLOTS_WAIT_MS;
    return this.#waiter.until(() => this.#control.generation === this.#generation, deadline);
  }

  #takeSlot(): number | undefined {
    const free = this.#slots.takeFree();
    if (free !== undefined) return free;
    if (this.#lossless) {
      let slot: number | undefined;
      this.#waiter?.until(() => (slot = this.#slots.takeFree()) !== undefined);
      return slot;
    }
    const stolen = this.#slots.stealOldest();
    const unread = stolen !== undefined && !this.#slots.wasTaken(stolen);
    if (unread) this.#control.add("droppedUnread");
    return stolen;
  }

  [Symbol.dispose](): void {
    this.#waiting?.picture[Symbol.dispose]();
    this.#scaler?.[Symbol.dispose]();
  }
}

function sameView(one: PictureView, other: PictureView): boolean {
  return packOrientation(one.orientation) === packOrientation(other.orientation) &&
    one.sampleAspectRatio === other.sampleAspectRatio;
}
