/**
 * The RTP packets of one track in the order in which they were sent, and what is missing.
 *
 * @module
 */

import { RtpPacket } from "./rtp_packet.ts";

/** `MAX_DROPOUT` of RFC 3550, A.1: a longer jump forward is a source that began again. */
const LONGEST_GAP = 3_000;
/** How far back a packet may come before it is taken for a source that began again. */
const LONGEST_BACK = 512;
/** Late packets in a row over TCP, where none can be late: the numbers say nothing then. */
const MOST_LATE = 16;
/** Packets that wait for an earlier one, at most, and for how many milliseconds. */
const WINDOW = { packets: 512, milliseconds: 100 } as const;

/** What was counted of one track. */
export interface RtpCounts {
  readonly received: number;
  /** Never came, as far as their numbers tell. */
  readonly lost: number;
  /** Came after a later one, and were put into their place. */
  readonly reordered: number;
  /** Came twice, or after it was given up to wait for them. */
  readonly late: number;
}

export interface RtpReceiverOptions {
  /** The payload types of the track; packets of others are not its. */
  readonly payloadTypes: ReadonlySet<number>;
  /** Units of the timestamps per second. */
  readonly clockRate: number;
  /** Whether packets may come in another order, as over UDP. */
  readonly reorders: boolean;
  /** Called with each packet, in order; borrowed during the call. */
  readonly take: (packet: RtpPacket) => void;
}

interface Held {
  readonly bytes: Uint8Array;
  readonly arrival: number;
}

/** Of one track of one connection. */
export class RtpReceiver {
  readonly #options: RtpReceiverOptions;
  readonly #packet = new RtpPacket();
  /** Copies of packets that came too early, by their numbers. */
  readonly #held = new Map<number, Held>();
  #ssrc: number | undefined;
  /** The number of the next packet. */
  #next = 0;
  /** What a packet that cannot be right announces as the next one, and of which source. */
  #restart: { readonly ssrc: number; readonly next: number } | undefined;
  #lateInARow = 0;
  #numbered = true;
  #received = 0;
  #lost = 0;
  #reordered = 0;
  #late = 0;
  /** For reports: RFC 3550, A.3 and A.8. */
  #cycles = 0;
  #jitter = 0;
  #transit: number | undefined;

  constructor(options: RtpReceiverOptions) {
    this.#options = options;
  }

  get counts(): RtpCounts {
    return {
      received: this.#received,
      lost: this.#lost,
      reordered: this.#reordered,
      late: this.#late,
    };
  }

  /** The source whose packets come; undefined before the first one. */
  get ssrc(): number | undefined {
    return this.#ssrc;
  }

  /** The extended highest sequence number that came (RFC 3550, 6.4.1). */
  get highest(): number {
    return (this.#cycles * 0x1_0000 + (this.#next - 1 & 0xffff)) >>> 0;
  }

  /** Interarrival jitter in units of the timestamps (RFC 3550, A.8). */
  get jitter(): number {
    return Math.floor(this.#jitter);
  }

  /** When `expire()` has something to do; undefined: when nothing comes, never. */
  get nextExpiry(): number | undefined {
    const [first] = this.#held.values();
    return first && first.arrival + WINDOW.milliseconds;
  }

  /**
   * Takes `data[from]` to `data[to - 1]`, which came at `arrival`; false where that is no
   * packet of this track.
   */
  push(data: Uint8Array, from: number, to: number, arrival: number): boolean {
    const packet = this.#packet;
    if (!packet.read(data, from, to)) return false;
    if (!this.#options.payloadTypes.has(packet.payloadType)) return false;
    packet.arrival = arrival;
    this.#received++;
    if (this.#ssrc === undefined) this.#begin(packet);
    if (packet.ssrc !== this.#ssrc) this.#startOver(packet, data, from, to);
    else if (this.#numbered) this.#place(packet, data, from, to);
    else this.#give(packet);
    return true;
  }

  /** Gives up to wait for packets that are missing for too long. */
  expire(time: number): void {
    while ((this.nextExpiry ?? Infinity) <= time) this.#skipToHeld();
  }

  #begin({ ssrc, sequence }: RtpPacket): void {
    this.#ssrc = ssrc;
    this.#next = sequence;
    this.#restart = undefined;
    this.#transit = undefined;
    this.#lateInARow = 0;
  }

  #place(packet: RtpPacket, data: Uint8Array, from: number, to: number): void {
    const ahead = packet.sequence - this.#next & 0xffff;
    if (ahead === 0) {
      this.#give(packet);
      return this.#giveHeld();
    }
    if (ahead >= 0x1_0000 - LONGEST_BACK) return this.#dropLate(packet);
    if (ahead >= LONGEST_GAP) return this.#startOver(packet, data, from, to);
    if (this.#options.reorders) return this.#hold(packet, data, from, to);
    packet.lostBefore = ahead;
    this.#give(packet);
  }

  /** As RFC 3550, A.1 has it: at the second packet in a row, since one may be a stray. */
  #startOver(packet: RtpPacket, data: Uint8Array, from: number, to: number): void {
    const { ssrc, sequence, arrival } = packet;
    const { next, ssrc: candidate } = this.#restart ?? {};
    this.#restart = { ssrc, next: sequence + 1 & 0xffff };
    if (candidate !== ssrc || next !== sequence) return;
    while (this.#held.size > 0) this.#skipToHeld();
    packet.read(data, from, to);
    packet.arrival = arrival;
    packet.lostBefore = 1;
    this.#begin(packet);
    this.#give(packet);
  }

  #hold({ sequence, arrival }: RtpPacket, data: Uint8Array, from: number, to: number): void {
    if (this.#held.has(sequence)) {
      this.#late++;
      return;
    }
    this.#held.set(sequence, { bytes: data.slice(from, to), arrival });
    if (this.#held.size > WINDOW.packets) this.#skipToHeld();
  }

  /** Over TCP none can be late: the camera's numbers do not go up, and say nothing. */
  #dropLate(packet: RtpPacket): void {
    this.#late++;
    if (this.#options.reorders || ++this.#lateInARow < MOST_LATE) return;
    this.#numbered = false;
    this.#give(packet);
  }

  /** The nearest of those that wait is the next one. */
  #skipToHeld(): void {
    let nearest = Infinity;
    for (const number of this.#held.keys()) {
      nearest = Math.min(nearest, number - this.#next & 0xffff);
    }
    this.#giveOne(this.#next + nearest & 0xffff, nearest);
    this.#giveHeld();
  }

  #giveHeld(): void {
    while (this.#held.size > 0 && this.#held.has(this.#next)) this.#giveOne(this.#next, 0);
  }

  #giveOne(number: number, lostBefore: number): void {
    const { bytes, arrival } = this.#held.get(number)!;
    this.#held.delete(number);
    if (lostBefore === 0) this.#reordered++;
    const packet = this.#packet;
    packet.read(bytes, 0, bytes.length);
    packet.arrival = arrival;
    packet.lostBefore = lostBefore;
    this.#give(packet);
  }

  #give(packet: RtpPacket): void {
    const { sequence, lostBefore } = packet;
    this.#lost += lostBefore;
    this.#lateInARow = 0;
    this.#restart = undefined;
    if (sequence + 1 > 0xffff) this.#cycles++;
    this.#next = sequence + 1 & 0xffff;
    this.#noteJitter(packet);
    this.#options.take(packet);
  }

  #noteJitter({ arrival, timestamp }: RtpPacket): void {
    const transit = Math.round(arrival * this.#options.clockRate / 1000) - timestamp | 0;
    const before = this.#transit;
    this.#transit = transit;
    if (before === undefined) return;
    this.#jitter += (Math.abs(transit - before | 0) - this.#jitter) / 16;
  }
}
