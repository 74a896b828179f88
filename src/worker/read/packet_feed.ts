/**
 * The packets of a stream's connections, for everyone who wants them undecoded.
 *
 * @module
 */

import type { Pointer } from "../../../ffi/mod.ts";
import type { MediaKind } from "../../av/input.ts";
import type { Size } from "../../core/frame/geometry.ts";
import type { PacketRing } from "../../core/output/packet_ring.ts";
import type { IncomingPacket, StreamPacket } from "../../core/output/stream_packet.ts";
import { now } from "../../core/timing/clock.ts";
import type { Rational } from "../../core/timing/rational.ts";
import { DecodeOrder, type PacketArrival } from "./decode_order.ts";

/** One stream of a connection, as the demuxer describes it. */
export interface StreamDescription extends PacketArrival {
  readonly kind: MediaKind;
  /** libav's name: `"h264"`. */
  readonly codec: string;
  /** AVCodecParameters. Borrowed: valid while the connection lasts. */
  readonly parameters: Pointer;
  /** How its pictures are to be shown; see `PictureViews`. */
  readonly matrix?: Int32Array | undefined;
  /** Seconds per unit of the times of its packets. */
  readonly timeBase: Rational;
}

/** One stream of a connection, as subscribers know it. */
export interface FeedStream extends StreamDescription {
  /** Of the decoded pictures, which not every stream declares; undefined before the first one. */
  readonly size: Size | undefined;
}

/** Gets the packets of all connections. A call that throws ends the subscription. */
export interface PacketSubscriber {
  /** A connection's packets come from now on; those of other connections do not go on. */
  begin(streams: readonly FeedStream[]): void;
  /** `packet.stream` is the stream's place in the list. */
  push(packet: StreamPacket): void;
  /** The connection is over, or the subscription: what `begin` has begun is complete. */
  end(): void;
  /** A call has thrown: the subscription has ended. */
  failed(error: unknown): void;
}

interface Track {
  readonly stream: { -readonly [Name in keyof FeedStream]: FeedStream[Name] };
  order: DecodeOrder;
}

/** Of one stream, over all its connections. */
export class PacketFeed {
  readonly #ring: PacketRing;
  readonly #subscribers = new Set<PacketSubscriber>();
  #tracks: readonly Track[] = [];

  /** @param ring for subscribers who want what came before them */
  constructor(ring: PacketRing) {
    this.#ring = ring;
  }

  /** Whether anybody wants packets. While it is false, `push` must not be called. */
  get active(): boolean {
    return this.#subscribers.size > 0 || this.#ring.duration > 0;
  }

  get #connected(): boolean {
    return this.#tracks.length > 0;
  }

  /** A new connection: its packets do not go on with those before. */
  connect(streams: readonly StreamDescription[]): void {
    this.disconnect();
    this.#tracks = streams.map((stream, number) => {
      const { kind, codec, parameters, matrix, timeBase, live, readAhead, frameInterval } = stream;
      const how = { live, readAhead, frameInterval };
      return {
        stream: { kind, codec, parameters, matrix, timeBase, ...how, size: undefined },
        order: this.#orderOf(number, stream),
      };
    });
    for (const subscriber of this.#subscribers) this.#begin(subscriber);
  }

  #orderOf(number: number, stream: StreamDescription): DecodeOrder {
    return new DecodeOrder(number, stream.timeBase, stream, this.#give);
  }

  /** The connection is over. */
  disconnect(): void {
    if (!this.#connected) return;
    this.#flush();
    for (const subscriber of this.#subscribers) this.#end(subscriber);
    this.#ring.clear();
    this.#tracks = [];
  }

  /**
   * Begins at once, with the connection that there is or with the next one.
   *
   * @param since by `now()`: first come the packets in the ring from that time on
   */
  subscribe(subscriber: PacketSubscriber, since?: number): void {
    // Packets have passed unseen.
    if (!this.active) {
      this.#tracks.forEach((track, number) => {
        track.order = this.#orderOf(number, track.stream);
      });
    }
    this.#subscribers.add(subscriber);
    if (this.#connected) this.#begin(subscriber);
    if (since === undefined) return;
    for (const packet of this.#ring.since(since)) {
      if (this.#subscribers.has(subscriber)) this.#send(subscriber, packet);
    }
  }

  /** Packets that are held back still reach the subscriber. */
  unsubscribe(subscriber: PacketSubscriber): void {
    this.#flush();
    if (this.#connected && this.#subscribers.has(subscriber)) this.#end(subscriber);
    this.#subscribers.delete(subscriber);
  }

  /** The size of a stream's decoded pictures. */
  noteSize(stream: number, width: number, height: number): void {
    const { stream: known } = this.#tracks[stream]!;
    if (known.size?.width !== width || known.size.height !== height) {
      known.size = { width, height };
    }
  }

  /** A packet of a stream of this connection. */
  push(stream: number, packet: IncomingPacket): void {
    this.#tracks[stream]!.order.push(packet, now());
  }

  #flush(): void {
    for (const { order } of this.#tracks) order.flush();
  }

  readonly #give = (packet: StreamPacket): void => {
    this.#ring.push(packet);
    for (const subscriber of this.#subscribers) this.#send(subscriber, packet);
  };

  #begin(subscriber: PacketSubscriber): void {
    try {
      subscriber.begin(this.#tracks.map(({ stream }) => stream));
    } catch (error) {
      this.#fail(subscriber, error);
    }
  }

  #send(subscriber: PacketSubscriber, packet: StreamPacket): void {
    try {
      subscriber.push(packet);
    } catch (error) {
      this.#fail(subscriber, error);
    }
  }

  #end(subscriber: PacketSubscriber): void {
    try {
      subscriber.end();
    } catch (error) {
      this.#fail(subscriber, error);
    }
  }

  /** One subscriber's trouble is not that of the stream or of another one. */
  #fail(subscriber: PacketSubscriber, error: unknown): void {
    this.#subscribers.delete(subscriber);
    subscriber.failed(error);
  }
}
