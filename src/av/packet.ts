/**
 * An AVPacket: compressed data of one frame.
 *
 * @module
 */

import {
  AV_PKT_FLAG_CORRUPT,
  AV_PKT_FLAG_KEY,
  type Libav,
  nativeBytes,
  NOPTS,
  type OwnedCell,
  type Pointer,
} from "../../ffi/mod.ts";
import { outOfMemory } from "./check.ts";

/** What `av_packet_side_data_name` calls it in all releases; the number has changed. */
const PRODUCER_REFERENCE_TIME = "Producer Reference Time";
const MAX_SIDE_DATA_TYPE = 64;

/** `AV_PKT_DATA_PRFT` of this release; undefined where it has none. */
export function producerTimeType({ symbols, memory }: Libav): number | undefined {
  for (let type = 0; type < MAX_SIDE_DATA_TYPE; type++) {
    if (memory.readString(symbols.av_packet_side_data_name(type)) === PRODUCER_REFERENCE_TIME) {
      return type;
    }
  }
  return undefined;
}

/** Owned: dispose of it. */
export class Packet implements Disposable {
  readonly pointer: Pointer;
  readonly #libav: Libav;
  readonly #cell: OwnedCell;
  readonly #at: Libav["layout"]["AVPacket"];
  /** A copy of the struct up to the last field that is used: one call in place of one a field. */
  readonly #head: DataView;
  readonly #headPointer: Pointer;
  readonly #headLength: bigint;

  constructor(libav: Libav) {
    this.#libav = libav;
    this.#cell = libav.ownedCell("av_packet_free", libav.symbols.av_packet_alloc());
    const pointer = this.#cell.value;
    if (pointer === null) throw outOfMemory("a packet");
    this.pointer = pointer;
    this.#at = libav.layout.AVPacket;
    const head = nativeBytes(Math.max(...Object.values(this.#at)) + 8);
    this.#head = new DataView(head.buffer);
    this.#headPointer = libav.backend.pointerOf(head);
    this.#headLength = BigInt(head.length);
    this.load();
  }

  /** Looks at what a libav call has put in. The properties are of that moment. */
  load(): void {
    this.#libav.memory.copy(this.#headPointer, this.pointer, this.#headLength);
  }

  get streamIndex(): number {
    return this.#head.getInt32(this.#at.stream_index, true);
  }

  set streamIndex(index: number) {
    this.load();
    this.#head.setInt32(this.#at.stream_index, index, true);
    this.#store();
  }

  get size(): number {
    return this.#head.getInt32(this.#at.size, true);
  }

  get pts(): bigint {
    return this.#head.getBigInt64(this.#at.pts, true);
  }

  set pts(pts: bigint) {
    this.load();
    this.#head.setBigInt64(this.#at.pts, pts, true);
    this.#store();
  }

  get dts(): bigint {
    return this.#head.getBigInt64(this.#at.dts, true);
  }

  set dts(dts: bigint) {
    this.load();
    this.#head.setBigInt64(this.#at.dts, dts, true);
    this.#store();
  }

  /** How long it is shown, in units of its times; 0n where that is not known. */
  get duration(): bigint {
    return this.#head.getBigInt64(this.#at.duration, true);
  }

  set duration(duration: bigint) {
    this.load();
    this.#head.setBigInt64(this.#at.duration, duration, true);
    this.#store();
  }

  get keyframe(): boolean {
    return (this.#flags & AV_PKT_FLAG_KEY) !== 0;
  }

  get corrupt(): boolean {
    return (this.#flags & AV_PKT_FLAG_CORRUPT) !== 0;
  }

  /**
   * Epoch milliseconds at which the sender says that it was made; undefined when it
   * says nothing.
   *
   * @param type see `producerTimeType`
   */
  producerTime(type: number): number | undefined {
    const { symbols, memory } = this.#libav;
    const data = symbols.av_packet_get_side_data(this.pointer, type, null);
    // AVProducerReferenceTime begins with `int64_t wallclock`, in microseconds.
    return data === null ? undefined : Number(memory.readI64(data, 0)) / 1000;
  }

  /** The compressed bytes, in memory of our own. */
  copyData(): Uint8Array<ArrayBuffer> {
    const data = this.#data;
    return this.#libav.memory.copyOut(data ?? this.pointer, data === null ? 0 : this.size);
  }

  /** Copies the compressed bytes to the beginning of `target`. */
  copyTo(target: Uint8Array): void {
    const data = this.#data;
    if (data !== null) this.#libav.memory.copyTo(target, data, this.size);
  }

  /**
   * Refers to bytes of our own, which the receiver of the packet copies. They must
   * stay unchanged until then.
   */
  wrap(bytes: Uint8Array, pts: bigint, keyframe: boolean, dts = NOPTS): void {
    const { backend } = this.#libav;
    this.load();
    const data = backend.addressOf(backend.pointerOf(bytes));
    this.#head.setBigUint64(this.#at.data, data, true);
    this.#head.setInt32(this.#at.size, bytes.length, true);
    this.#head.setBigInt64(this.#at.pts, pts, true);
    this.#head.setBigInt64(this.#at.dts, dts, true);
    this.#head.setInt32(this.#at.flags, keyframe ? AV_PKT_FLAG_KEY : 0, true);
    this.#store();
  }

  /** Gives the data back; the packet can be filled again. */
  unref(): void {
    this.#libav.symbols.av_packet_unref(this.pointer);
  }

  /** As `unref`; the properties say so. */
  clear(): void {
    this.unref();
    this.load();
  }

  get #flags(): number {
    return this.#head.getInt32(this.#at.flags, true);
  }

  get #data(): Pointer | null {
    return this.#libav.backend.fromAddress(this.#head.getBigUint64(this.#at.data, true));
  }

  #store(): void {
    this.#libav.memory.copy(this.pointer, this.#headPointer, this.#headLength);
  }

  [Symbol.dispose](): void {
    this.#libav.symbols.av_packet_free(this.#cell.buffer);
    this.#cell.release();
  }
}
