/** A camera that sends what a test says, and what comes out of `AccessUnits` for it. */

import type { AccessUnits, Unit } from "../../../../src/core/bitstream/access_units.ts";
import type { NalCodec } from "../../../../src/core/bitstream/nal_codec.ts";
import { Seeded } from "../../../support/seeded.ts";

/** A packet as libav gives it without its parser. */
export interface TestPacket {
  readonly data: Uint8Array;
  readonly pts: bigint;
}

/** One NAL unit: its type, its bytes with the header, and whether it is a picture's first slice. */
export type Nal = readonly [type: number, size: number, first?: boolean];

const START_CODE = [0, 0, 0, 1];
const FRAME = 3000n;

/** Without a 0 or a 1, so that it has no start code. */
const NOISE = noise();

function noise(): Uint8Array {
  const random = new Seeded(7);
  return Uint8Array.from({ length: 10_007 }, () => random.integer(2, 255));
}

export interface SenderOptions {
  readonly codec?: NalCodec | undefined;
  /** Bytes of an RTP payload. */
  readonly payload?: number | undefined;
  /** All but the last as large as possible, or all of nearly the same size. */
  readonly cut?: "full" | "even" | undefined;
  /** NAL units up to this size are sent whole; default: what fits in a payload. */
  readonly whole?: number | undefined;
  /** The NAL unit's header counts as a part of the first fragment. */
  readonly headerInFirst?: boolean | undefined;
}

export class Sender {
  readonly codec: NalCodec;
  payload: number;
  cut: "full" | "even";
  pts = 0n;
  readonly #whole: number | undefined;
  readonly #headerInFirst: boolean;
  #at = 0;

  constructor(options: SenderOptions = {}) {
    this.codec = options.codec ?? "h264";
    this.payload = options.payload ?? 1388;
    this.cut = options.cut ?? "full";
    this.#whole = options.whole;
    this.#headerInFirst = options.headerInFirst ?? false;
  }

  /** Bytes of a full fragment. */
  get full(): number {
    return this.payload - (this.codec === "h264" ? 2 : 3);
  }

  /** Bytes of a NAL unit with `count` fragments, the last of which has `last` bytes. */
  sizeOf(count: number, last: number): number {
    return (this.codec === "h264" ? 1 : 2) + (count - 1) * this.full + last;
  }

  /** A NAL unit without a start code, of bytes that cannot be taken for one. */
  bytes([type, size, first = true]: Nal): Uint8Array {
    const data = new Uint8Array(size);
    for (let at = 0; at < size; at += NOISE.length) data.set(NOISE.subarray(0, size - at), at);
    // No two of them are the same.
    this.#at = (this.#at + 1) % 0xffff;
    if (size > 4) data.set([2 + (this.#at >> 8), 2 + (this.#at & 0x7f)], 3);
    const header = this.codec === "h264" ? [0x60 | type] : [type << 1, 1];
    data.set(header.slice(0, size));
    // The first bit after the header says which slice it is.
    if (header.length < size) {
      const byte = data[header.length]! & 0x7f | 2;
      data[header.length] = first ? byte | 0x80 : byte;
    }
    return data;
  }

  /** The packets of one NAL unit. */
  nal(nal: Nal): TestPacket[] {
    const data = this.bytes(nal);
    if (data.length <= (this.#whole ?? this.payload)) {
      return [this.#packet([...START_CODE, ...data])];
    }
    const header = this.codec === "h264" ? 1 : 2;
    const body = data.length - header;
    const count = Math.ceil(body / this.full);
    const size = this.cut === "full" ? this.full : Math.ceil(body / count);
    const firstEnd = this.#headerInFirst ? size : header + size;
    const packets = [this.#packet([...START_CODE, ...data.subarray(0, firstEnd)])];
    for (let at = firstEnd; at < data.length; at += size) {
      packets.push(this.#packet(data.subarray(at, at + size)));
    }
    return packets;
  }

  /** NAL units in one packet (STAP-A, AP). */
  together(...nals: Nal[]): TestPacket[] {
    return [this.#packet(nals.flatMap((nal) => [...START_CODE, ...this.bytes(nal)]))];
  }

  /** The packets of a picture; the time goes on after it. */
  picture(...nals: Nal[]): TestPacket[] {
    const packets = nals.flatMap((nal) => this.nal(nal));
    this.pts += FRAME;
    return packets;
  }

  #packet(bytes: ArrayLike<number>): TestPacket {
    return { data: Uint8Array.from(bytes), pts: this.pts };
  }
}

/** A unit that has been given out, with bytes of its own. */
export interface Given extends Unit {
  /** The packet that was given in when it came out. */
  readonly at: number;
}

/** Pushes packets and keeps what comes out. */
export class Run {
  readonly given: Given[] = [];
  /** How many packets have been given in. */
  count = 0;

  readonly units: AccessUnits;

  constructor(units: AccessUnits) {
    this.units = units;
  }

  /** Each packet is rubbish after its call, as libav's are. */
  push(packets: readonly TestPacket[]): Given[] {
    const before = this.given.length;
    for (const { data, pts } of packets) {
      const lent = Uint8Array.from(data);
      const units = this.units.push(lent, pts);
      lent.fill(0xee);
      this.#keep(units);
      this.count++;
    }
    return this.given.slice(before);
  }

  flush(): Given[] {
    const before = this.given.length;
    this.#keep(this.units.flush());
    return this.given.slice(before);
  }

  /** All bytes that came out. */
  get bytes(): Uint8Array {
    return concat(this.given.map(({ data }) => data));
  }

  #keep(units: readonly Unit[]): void {
    for (const unit of units) this.given.push({ ...unit, data: unit.data.slice(), at: this.count });
  }
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
