/**
 * The entry of a reader's background thread: waits for requests and runs one
 * attempt after the other, each of which blocks the thread until it is over.
 *
 * @module
 */

import { type Libav, openLibav } from "../../../ffi/mod.ts";
import { AvFrame } from "../../av/frame.ts";
import { encodeStill } from "../../av/still_encoder.ts";
import { layOut, type PictureView } from "../../core/frame/picture_view.ts";
import { PacketRing } from "../../core/output/packet_ring.ts";
import { ControlBlock, Phase } from "../../core/shared/control_block.ts";
import type { ReadCounter } from "../../core/shared/counters.ts";
import { Mailbox } from "../../core/shared/mailbox.ts";
import { OwnerWatch } from "../../core/shared/presence.ts";
import { SlotTable } from "../../core/shared/slot_table.ts";
import { followClock, now } from "../../core/timing/clock.ts";
import type { ThreadMessage } from "../../thread/background_thread.ts";
import type {
  FromReadWorker,
  Order,
  ReadRequest,
  ToReadWorker,
} from "../../thread/read_protocol.ts";
import { threadScope } from "../../runtime/thread_scope.ts";
import { BusyOwner } from "../busy_owner.ts";
import { failureFields } from "../failure.ts";
import { lookUpHost } from "../host_lookup.ts";
import { librariesOf } from "../libraries_of.ts";
import { freeSlots } from "../orphan.ts";
import { takeOwnMemory } from "../own_memory.ts";
import { PacketFeed } from "./packet_feed.ts";
import { ReadSession } from "./read_session.ts";
import { Recorder } from "./recorder.ts";

type Init = Extract<ToReadWorker, { readonly type: "init" }>;
type SnapshotOrder = Extract<Order, { readonly type: "snapshot" }>;

const scope = threadScope<ToReadWorker, FromReadWorker | ThreadMessage>();

function post(message: FromReadWorker | ThreadMessage): void {
  scope.postMessage(message);
}

/** One thread's state: the shared words, and the newest picture for snapshots. */
class ReadWorker {
  readonly #control: ControlBlock<ReadCounter>;
  readonly #slots: SlotTable;
  readonly #orders: Mailbox;
  readonly #owner: OwnerWatch;
  readonly #busyOwner: BusyOwner;
  #feed: PacketFeed | undefined;
  #recorder: Recorder | undefined;
  readonly #verified: Init["verified"];
  #libav: Libav | undefined;
  #request: ReadRequest | undefined;
  /** What an attempt before has found to be better than what libav finds. */
  #demuxer: string | undefined;
  #newest: AvFrame | undefined;
  #view: PictureView | undefined;
  /** Snapshots that wait for a picture. */
  readonly #snapshots: SnapshotOrder[] = [];

  constructor({ memory, verified, own, slots, orders }: Init) {
    this.#verified = verified;
    this.#orders = new Mailbox(orders);
    this.#control = new ControlBlock(memory);
    takeOwnMemory(this.#control, own);
    this.#owner = new OwnerWatch(this.#control.presence);
    this.#busyOwner = new BusyOwner(this.#owner, this.#control);
    this.#slots = new SlotTable(memory, slots);
  }

  async attempt(asked: ReadRequest): Promise<void> {
    const request = { ...asked, container: asked.container ?? this.#demuxer };
    this.#request = request;
    let session: ReadSession | undefined;
    try {
      const libav = this.#libav ??= openLibav(this.#verified);
      post({ type: "loaded", libraries: librariesOf(libav), verified: libav.verified });
      if (!await lookUpHost(request.media, this.#control)) return post({ type: "ended" });
      const newest = this.#newest ??= new AvFrame(libav);
      const feed = this.#feed ??= makeFeed(request);
      this.#recorder ??= new Recorder(libav, request.media, feed, post);
      session = new ReadSession({
        libav,
        control: this.#control,
        slots: this.#slots,
        feed,
        post,
        onPicture: (picture, view) => {
          newest.reference(picture);
          this.#view = view;
          this.#serveSnapshots();
        },
        onTurn: () => {
          if (this.#owner.isGone(now())) this.#control.requestStop();
          this.#busyOwner.look();
          this.takeOrder();
        },
      }, request);
      this.takeOrder();
      for (const order of request.orders) this.#obey(order);
      session.run();
      post({ type: "ended" });
    } catch (error) {
      post({ type: "ended", error: failureFields(error, { media: request.media, role: "read" }) });
    } finally {
      this.#busyOwner[Symbol.dispose]();
      this.#demuxer ??= session?.nextDemuxer;
      this.#control.phase = Phase.idle;
    }
    if (this.#owner.isGone(now())) {
      freeSlots(this.#slots);
      this.close();
    }
  }

  /** Encodes the newest picture, if there is one, for all who have asked for it. */
  #serveSnapshots(): void {
    if (!this.#libav || !this.#request || !this.#newest || this.#newest.width === 0) return;
    if (!this.#view) return;
    const { media } = this.#request;
    for (const { id, request } of this.#snapshots.splice(0)) {
      try {
        const layout = layOut(this.#newest.format, this.#view, this.#request);
        const data = encodeStill(this.#libav, this.#newest, layout, request);
        scope.postMessage({ type: "image", id, data }, [data.buffer]);
      } catch (error) {
        post({ type: "imageError", id, error: failureFields(error, { media, role: "snapshot" }) });
      }
    }
  }

  /** Does what the mailbox says. Before the first attempt there is nothing to do it with. */
  takeOrder(): void {
    if (!this.#recorder) return;
    const text = this.#orders.take();
    if (text === undefined) return;
    post({ type: "ordered" });
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

  close(): void {
    this.#recorder?.[Symbol.dispose]();
    this.#recorder = undefined;
    this.#newest?.[Symbol.dispose]();
    this.#newest = undefined;
    post({ type: "closed" });
    scope.close();
  }
}

function makeFeed({ history }: ReadRequest): PacketFeed {
  return new PacketFeed(new PacketRing(history.duration, history.bytes));
}

let thread: ReadWorker | undefined;

scope.onmessage = ({ data: message }) => {
  switch (message.type) {
    case "init":
      if (!new ControlBlock(message.memory).begin()) return scope.close();
      followClock(message.clock);
      thread = new ReadWorker(message);
      break;
    case "attempt":
      void thread?.attempt(message.request);
      break;
    case "order":
      thread?.takeOrder();
      break;
    case "close":
      thread?.close();
      break;
  }
};
