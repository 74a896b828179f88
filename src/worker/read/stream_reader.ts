/**
 * What a background thread does for one stream: one attempt after the other, and what the
 * program orders beside.
 *
 * @module
 */

import type { Libav } from "../../../ffi/mod.ts";
import { AvFrame } from "../../av/frame.ts";
import { encodeStill } from "../../av/still_encoder.ts";
import { layOut, type PictureView } from "../../core/frame/picture_view.ts";
import { PacketRing } from "../../core/output/packet_ring.ts";
import { ControlBlock, Phase } from "../../core/shared/control_block.ts";
import type { ReadCounter } from "../../core/shared/counters.ts";
import { Mailbox } from "../../core/shared/mailbox.ts";
import { OwnerWatch } from "../../core/shared/presence.ts";
import { SlotTable } from "../../core/shared/slot_table.ts";
import { now } from "../../core/timing/clock.ts";
import type {
  FromReadWorker,
  Order,
  ReadRequest,
  ToReadWorker,
} from "../../thread/read_protocol.ts";
import type { ThreadMessage } from "../../thread/thread_message.ts";
import { BusyOwner } from "../busy_owner.ts";
import { failureFields } from "../failure.ts";
import { librariesOf } from "../libraries_of.ts";
import { freeSlots } from "../orphan.ts";
import { takeOwnMemory } from "../own_memory.ts";
import { Unsupported } from "../unsupported.ts";
import { PacketFeed } from "./packet_feed.ts";
import type { ReadContext } from "./read_context.ts";
import { Recorder } from "./recorder.ts";

export type ReaderInit = Extract<ToReadWorker, { readonly type: "init" }>;
type SnapshotOrder = Extract<Order, { readonly type: "snapshot" }>;

/** One attempt. */
export interface AttemptSession {
  /**
   * Until a stream ends that may end, or until a stop was asked for.
   *
   * @throws {CallError | SessionError} Why the attempt failed.
   */
  run(): Promise<void>;
  /** The shared words have changed. */
  look(): void;
  /** What the next attempt had better take in place of what libav finds. */
  readonly nextDemuxer?: string | undefined;
}

/** What a reader has of its thread. */
export interface ReaderThread {
  /** Whether other streams use it as well. */
  readonly isShared: boolean;
  /** Loads it, when it is first needed. */
  libav(verified: ReaderInit["verified"]): Libav;
  post(message: FromReadWorker | ThreadMessage, transfer?: Transferable[]): void;
  session(context: ReadContext, request: ReadRequest): Promise<AttemptSession>;
  /** The reader is done with the thread. */
  leave(): void;
}

/** Has the shared words, and the newest picture for snapshots. */
export class StreamReader {
  readonly #thread: ReaderThread;
  readonly #control: ControlBlock<ReadCounter>;
  readonly #slots: SlotTable;
  readonly #orders: Mailbox;
  readonly #owner: OwnerWatch;
  readonly #busyOwner: BusyOwner;
  #feed: PacketFeed | undefined;
  #recorder: Recorder | undefined;
  readonly #verified: ReaderInit["verified"];
  #libav: Libav | undefined;
  #request: ReadRequest | undefined;
  #session: AttemptSession | undefined;
  #running: Promise<void> = Promise.resolve();
  /** What an attempt before has found to be better than what libav finds. */
  #demuxer: string | undefined;
  #newest: AvFrame | undefined;
  #view: PictureView | undefined;
  /** Snapshots that wait for a picture. */
  readonly #snapshots: SnapshotOrder[] = [];
  #closed = false;

  constructor({ memory, verified, own, slots, orders }: ReaderInit, thread: ReaderThread) {
    this.#thread = thread;
    this.#verified = verified;
    this.#orders = new Mailbox(orders);
    this.#control = new ControlBlock(memory);
    takeOwnMemory(this.#control, own);
    this.#owner = new OwnerWatch(this.#control.presence);
    this.#busyOwner = new BusyOwner(this.#owner, this.#control);
    this.#slots = new SlotTable(memory, slots);
  }

  attempt(asked: ReadRequest): void {
    this.#running = this.#attempt(asked);
  }

  async #attempt(asked: ReadRequest): Promise<void> {
    const { post } = this.#thread;
    const request = { ...asked, container: asked.container ?? this.#demuxer };
    this.#request = request;
    try {
      const libav = this.#libav ??= this.#thread.libav(this.#verified);
      // The sessions of a shared thread are the runtime's, and so is their TLS.
      const rtspsVerified = this.#thread.isShared || libav.rtspsVerified;
      const libraries = { ...librariesOf(libav), rtspsVerified };
      post({ type: "loaded", libraries, verified: libav.verified });
      const newest = this.#newest ??= new AvFrame(libav);
      const feed = this.#feed ??= makeFeed(request);
      this.#recorder ??= new Recorder(libav, request.media, feed, post);
      this.#session = await this.#thread.session({
        libav,
        control: this.#control,
        slots: this.#slots,
        feed,
        post,
        isShared: this.#thread.isShared,
        onPicture: (picture, view) => {
          newest.reference(picture);
          this.#view = view;
          this.#serveSnapshots();
        },
        onTurn: () => this.#turn(),
      }, request);
      this.#takeOrder();
      for (const order of request.orders) this.#obey(order);
      await this.#session.run();
      post({ type: "ended" });
    } catch (error) {
      if (error instanceof Unsupported) post({ type: "unsupported", what: error.message });
      post({ type: "ended", error: failureFields(error, { media: request.media, role: "read" }) });
    } finally {
      this.#busyOwner[Symbol.dispose]();
      this.#demuxer ??= this.#session?.nextDemuxer;
      this.#session = undefined;
      this.#control.phase = Phase.idle;
    }
    if (!this.#owner.isGone(now())) return;
    freeSlots(this.#slots);
    this.#close();
  }

  #turn(): void {
    if (this.#owner.isGone(now())) this.#control.requestStop();
    this.#busyOwner.look();
    this.#takeOrder();
  }

  /** Encodes the newest picture, if there is one, for all who have asked for it. */
  #serveSnapshots(): void {
    if (!this.#libav || !this.#request || !this.#newest || this.#newest.width === 0) return;
    if (!this.#view) return;
    const { media } = this.#request;
    const { post } = this.#thread;
    for (const { id, request } of this.#snapshots.splice(0)) {
      try {
        const layout = layOut(this.#newest.format, this.#view, this.#request);
        const data = encodeStill(this.#libav, this.#newest, layout, request);
        post({ type: "image", id, data }, [data.buffer]);
      } catch (error) {
        post({ type: "imageError", id, error: failureFields(error, { media, role: "snapshot" }) });
      }
    }
  }

  /** Looks at the mailbox and the shared words. */
  look(): void {
    this.#takeOrder();
    this.#session?.look();
  }

  /** Does what the mailbox says. Before the first attempt there is nothing to do it with. */
  #takeOrder(): void {
    if (!this.#recorder) return;
    const text = this.#orders.take();
    if (text === undefined) return;
    this.#thread.post({ type: "ordered" });
    this.#obey(JSON.parse(text));
  }

  #obey(order: Order): void {
    if (!this.#recorder) return;
    switch (order.type) {
      case "record":
        return this.#recorder.start(order.id, order.request);
      case "stop-record":
        return this.#recorder.stop(order.id);
      case "snapshot":
        this.#snapshots.push(order);
        return this.#serveSnapshots();
    }
  }

  /** A stop was asked for before; the attempt that is under way ends by itself. */
  async close(): Promise<void> {
    this.#session?.look();
    await this.#running;
    this.#close();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#recorder?.[Symbol.dispose]();
    this.#recorder = undefined;
    this.#newest?.[Symbol.dispose]();
    this.#newest = undefined;
    this.#thread.post({ type: "closed" });
    this.#thread.leave();
  }
}

function makeFeed({ history }: ReadRequest): PacketFeed {
  return new PacketFeed(new PacketRing(history.duration, history.bytes));
}
