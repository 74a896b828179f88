/**
 * Decoding times for the packets of one stream.
 *
 * @module
 */

import { NOPTS } from "../../../ffi/mod.ts";
import type { IncomingPacket, StreamPacket } from "../../core/output/stream_packet.ts";
import { DecodeTimes } from "../../core/timing/decode_times.ts";
import type { Rational } from "../../core/timing/rational.ts";
import { TimeMender } from "../../core/timing/time_mender.ts";

/**
 * Packets at the beginning that are held back to see in which order the
 * stream's pictures are shown.
 */
const LOOK_AHEAD = 8;
/**
 * Packets with a decoding time that are looked at before the first is given out where libav has
 * read ahead: they come together then, and 4.3 tells a wrong time for the very first one.
 */
const CONFIRMED = 3;
/** Frames per second; a guess is enough. */
const USUAL_RATE = 30;
/** Milliseconds from decoding to showing, at most. */
const MAX_WAIT = 10_000;

/** How the packets of a connection come. */
export interface PacketArrival {
  /** When they were made: their arrival says something of their times. */
  readonly live: boolean;
  /** libav has read the first ones before it gave the first one out. */
  readonly readAhead?: boolean | undefined;
  /** Milliseconds from one picture to the next, for packets without times. */
  readonly frameInterval?: (() => number | undefined) | undefined;
}

/** A packet as it came, and when. */
interface Arrived {
  readonly packet: IncomingPacket;
  readonly time: number;
}

/**
 * Of one stream of one connection, whose packets come in the order of decoding. Decoding
 * times rise strictly, and no picture is shown before it is decoded, whatever the stream's
 * own times are; no packet is ever left out.
 */
export class DecodeOrder {
  readonly #stream: number;
  readonly #take: (packet: StreamPacket) => void;
  readonly #perMs: number;
  readonly #live: boolean;
  readonly #frameInterval: PacketArrival["frameInterval"];
  readonly #confirmed: number;
  readonly #times: DecodeTimes;
  #early: Arrived[] | undefined = [];
  /** Whether the stream tells its decoding times. */
  #told = false;
  #mender: TimeMender | undefined;
  #last: bigint | undefined;

  /**
   * @param stream the number that the packets get
   * @param arrival how its packets come
   * @param take called with every packet, in order
   */
  constructor(
    stream: number,
    { num, den }: Rational,
    { live, readAhead, frameInterval }: PacketArrival,
    take: (packet: StreamPacket) => void,
  ) {
    this.#stream = stream;
    this.#take = take;
    this.#perMs = den / num / 1000;
    this.#live = live;
    this.#frameInterval = frameInterval;
    this.#confirmed = readAhead ? CONFIRMED : 1;
    this.#times = new DecodeTimes(BigInt(Math.round(den / num / USUAL_RATE)));
  }

  /** @param time milliseconds at which the packet came */
  push(packet: IncomingPacket, time: number): void {
    const arrived = { packet, time };
    if (!this.#early) return this.#give(arrived);
    this.#early.push(arrived);
    const told = this.#early.filter(({ packet }) => known(packet.dts) !== undefined).length;
    if (told >= this.#confirmed || this.#early.length >= LOOK_AHEAD) this.flush();
  }

  /** Packets are not held back any more. */
  flush(): void {
    let early = this.#early ?? [];
    this.#early = undefined;
    if (early.some(({ packet }) => known(packet.dts) !== undefined)) {
      this.#told = true;
      early = toldBefore(early, this.#perMs);
    }
    this.#mender ??= new TimeMender({
      perMs: this.#perMs,
      reordered: !this.#told,
      live: this.#live,
      frameInterval: this.#frameInterval,
    });
    if (this.#told) {
      for (const arrived of early) this.#giveTold(this.#mender, arrived);
      return;
    }
    // All are looked at before the first is given out.
    const mended = early.map((arrived) => this.#learn(this.#mender!, arrived));
    for (const give of mended) give();
  }

  #give(arrived: Arrived): void {
    // The first flush has made it.
    const mender = this.#mender!;
    if (this.#told) this.#giveTold(mender, arrived);
    else this.#learn(mender, arrived)();
  }

  /** Decoding times follow from the order in which pictures are shown. */
  #learn(mender: TimeMender, { packet, time }: Arrived): () => void {
    const { time: pts, mended } = mender.next(known(packet.pts), time);
    this.#times.learn(pts);
    return () => this.#pass(packet, time, pts, this.#times.next(pts), mended);
  }

  #giveTold(mender: TimeMender, { packet, time }: Arrived): void {
    const dts = mender.next(known(packet.dts), time);
    const wait = this.#waitOf(packet);
    const strange = wait === undefined;
    this.#pass(packet, time, dts.time + (wait ?? 0n), dts.time, dts.mended || strange);
  }

  /** From decoding to showing; undefined where it makes no sense. */
  #waitOf({ pts, dts }: IncomingPacket): bigint | undefined {
    const [shown, decoded] = [known(pts), known(dts)];
    if (shown === undefined || decoded === undefined) return 0n;
    const wait = shown - decoded;
    return wait >= 0n && Number(wait) <= MAX_WAIT * this.#perMs ? wait : undefined;
  }

  #pass(
    { data, keyframe }: IncomingPacket,
    time: number,
    pts: bigint,
    dts: bigint,
    mended: boolean,
  ): void {
    const least = this.#last === undefined ? dts : this.#last + 1n;
    const decoded = dts < least ? least : dts;
    const shown = pts < decoded ? decoded : pts;
    this.#last = decoded;
    this.#take({
      stream: this.#stream,
      data,
      pts: shown,
      dts: decoded,
      keyframe,
      time,
      mended: mended || shown !== pts,
    });
  }
}

function known(time: bigint | undefined): bigint | undefined {
  return time === NOPTS ? undefined : time;
}

/**
 * Decoding times for the first packets of a stream which tells them only from the last of
 * these on: libav's parser must have seen some pictures first. One that is not before the
 * next is not believed.
 */
function toldBefore(arrived: readonly Arrived[], perMs: number): Arrived[] {
  const step = leastStep(arrived.map(({ packet }) => known(packet.pts))) ??
    BigInt(Math.round(perMs * 1000 / USUAL_RATE));
  const result: Arrived[] = [];
  let next: bigint | undefined;
  for (const { packet, time } of arrived.toReversed()) {
    const [shown, told] = [known(packet.pts), known(packet.dts)];
    const believed = next === undefined || (told !== undefined && told < next);
    const latest = believed ? told : next! - step;
    const dts = shown !== undefined && latest !== undefined && shown < latest ? shown : latest;
    result.unshift({ packet: believed ? packet : retold(packet, dts), time });
    next = dts;
  }
  return result;
}

/** With another decoding time, and shown as long after it as it was. */
function retold(packet: IncomingPacket, dts: bigint | undefined): IncomingPacket {
  const [shown, told] = [known(packet.pts), known(packet.dts)];
  const pts = shown === undefined || told === undefined || dts === undefined
    ? packet.pts
    : shown + dts - told;
  return { ...packet, pts, dts };
}

function leastStep(times: readonly (bigint | undefined)[]): bigint | undefined {
  const sorted = times.filter((time) => time !== undefined).sort((a, b) => a < b ? -1 : 1);
  const steps = sorted.slice(1).map((time, i) => time - sorted[i]!).filter((step) => step > 0n);
  return steps.reduce<bigint | undefined>(
    (least, step) => least === undefined || step < least ? step : least,
    undefined,
  );
}
