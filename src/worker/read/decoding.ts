/**
 * The decoder of a connection, which is made anew when it has to be.
 *
 * @module
 */

import type { Libav } from "../../../ffi/mod.ts";
import { CallError } from "../../av/check.ts";
import { Decoder } from "../../av/decoder.ts";
import { AvFrame } from "../../av/frame.ts";
import type { InputStream } from "../../av/input.ts";
import type { Packet } from "../../av/packet.ts";
import type { Size } from "../../core/frame/geometry.ts";
import { assertPacketFits } from "./picture_limit.ts";

type Options = Readonly<Record<string, string>>;

/** What becomes of a decoder's output. */
export interface PictureOutlet {
  /** Borrowed during the call; false when no more is wanted. */
  picture(picture: AvFrame): boolean;
  /** There was one that cannot be had. */
  damaged(): void;
}

/** Owned: dispose of it. */
export class Decoding implements Disposable {
  readonly #outlet: PictureOutlet;
  readonly #codec: string;
  readonly #open: () => Decoder;
  readonly #picture: AvFrame;
  #decoder: Decoder;
  #pictureSeen = false;

  /**
   * @param optional ours
   * @param required the user's, each of which has to be understood
   * @throws {SessionError} `UNSUPPORTED_CODEC`, `OPTION_UNKNOWN`
   * @throws {CallError}
   */
  constructor(
    libav: Libav,
    stream: InputStream,
    { optional, required }: { readonly optional: Options; readonly required: Options },
    outlet: PictureOutlet,
  ) {
    this.#outlet = outlet;
    this.#codec = stream.codec;
    this.#open = () => Decoder.open(libav, stream, optional, required);
    this.#decoder = this.#open();
    this.#picture = new AvFrame(libav);
  }

  /**
   * Decodes a packet (null: no more will come), and gives out what is ready.
   *
   * @throws {SessionError} `UNSUPPORTED_CODEC` for a picture that is too large
   * @throws {CallError}
   */
  decode(packet: Packet | null): "ok" | "invalid" {
    let sent = this.#send(packet);
    // Full: what was in it is out now, so it takes the same packet.
    if (sent === "again") sent = this.#send(packet);
    return sent === "invalid" ? "invalid" : "ok";
  }

  #send(packet: Packet | null): "ok" | "again" | "invalid" {
    // A decoder with threads says later, and of no packet, what it has refused.
    if (packet && !this.#pictureSeen) assertPacketFits(packet, this.#codec);
    try {
      const sent = this.#decoder.send(packet);
      this.#drain();
      return sent;
    } catch (error) {
      if (packet && error instanceof CallError) assertPacketFits(packet, this.#codec);
      throw error;
    }
  }

  #drain(): void {
    for (;;) {
      const result = this.#decoder.receive(this.#picture);
      if (result === "again" || result === "end") return;
      if (result === "invalid") {
        this.#outlet.damaged();
        continue;
      }
      this.#pictureSeen = true;
      const goesOn = this.#outlet.picture(this.#picture);
      this.#picture.unref();
      if (!goesOn) return;
    }
  }

  /** Whether a picture has come out. */
  get pictureSeen(): boolean {
    return this.#pictureSeen;
  }

  /** As `Decoder`'s. */
  get frameRate(): number {
    return this.#decoder.frameRate;
  }

  /** As `Decoder`'s. */
  get size(): Size {
    return this.#decoder.size;
  }

  /** Gives out what is left, and goes on with a new decoder. */
  renew(): void {
    this.decode(null);
    this.#decoder[Symbol.dispose]();
    this.#decoder = this.#open();
  }

  /** Forgets all pictures, after a jump in the stream. */
  flush(): void {
    this.#decoder.flush();
  }

  [Symbol.dispose](): void {
    this.#picture[Symbol.dispose]();
    this.#decoder[Symbol.dispose]();
  }
}
