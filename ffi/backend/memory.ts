/**
 * Bytes between JavaScript and C: strings, out-parameters, rationals, fields.
 *
 * @module
 */

import type { FfiBackend, NativeBuffer, Pointer } from "./types.ts";

/**
 * Bytes for native use. The ArrayBuffer is made first because Bun moves a
 * small typed array's bytes when its `.buffer` is first touched.
 */
export function nativeBytes(byteLength: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(byteLength));
}

/** A C string: UTF-8 and a NUL. */
export function cString(text: string): NativeBuffer {
  const encoded = new TextEncoder().encode(text);
  const bytes = nativeBytes(encoded.length + 1);
  bytes.set(encoded);
  return bytes;
}

/** An AVRational as the one register that the C ABI passes it in. */
export function packRational(num: number, den: number): bigint {
  return (BigInt(den >>> 0) << 32n) | BigInt(num >>> 0);
}

/** The AVRational in such a register. */
export function unpackRational(packed: bigint): { num: number; den: number } {
  return {
    num: Number(BigInt.asIntN(32, packed)),
    den: Number(BigInt.asIntN(32, packed >> 32n)),
  };
}

/** A cell that C reads and writes a pointer in: the `T **` of so many libav functions. */
export class PointerCell {
  readonly buffer: NativeBuffer;
  readonly #cell: BigUint64Array;
  readonly #backend: FfiBackend;

  /** @param buffer where it is: eight bytes, and a buffer of their own */
  constructor(
    backend: FfiBackend,
    value: Pointer | null = null,
    buffer: NativeBuffer = nativeBytes(8),
  ) {
    this.#backend = backend;
    this.buffer = buffer;
    this.#cell = new BigUint64Array(buffer.buffer);
    this.value = value;
  }

  get value(): Pointer | null {
    return this.#backend.fromAddress(this.#cell[0]!);
  }

  set value(pointer: Pointer | null) {
    this.#cell[0] = this.#backend.addressOf(pointer);
  }
}

/** The part of the C library that is used. */
export interface CopyFunctions {
  memcpy(to: Pointer, from: Pointer, byteLength: bigint): unknown;
  memset(at: Pointer, value: number, byteLength: bigint): unknown;
}

/**
 * Reads and writes fields of native structs. Writes go through libc's memcpy,
 * because neither runtime has a store to a foreign address that is safe in
 * all its versions.
 */
export class NativeMemory {
  readonly #backend: FfiBackend;
  readonly #libc: CopyFunctions;
  readonly #scratch = nativeBytes(8);
  readonly #view = new DataView(this.#scratch.buffer);

  constructor(backend: FfiBackend, functions: CopyFunctions) {
    this.#backend = backend;
    this.#libc = functions;
  }

  readI32(at: Pointer, offset: number): number {
    return this.#backend.readI32(at, offset);
  }

  readI64(at: Pointer, offset: number): bigint {
    return this.#backend.readI64(at, offset);
  }

  readPointer(at: Pointer, offset: number): Pointer | null {
    return this.#backend.readPointer(at, offset);
  }

  readRational(at: Pointer, offset: number): { num: number; den: number } {
    return {
      num: this.#backend.readI32(at, offset),
      den: this.#backend.readI32(at, offset + 4),
    };
  }

  /** The C string at `at`, or undefined for NULL. */
  readString(at: Pointer | null): string | undefined {
    return at === null ? undefined : this.#backend.readString(at);
  }

  writeI32(at: Pointer, offset: number, value: number): void {
    this.#view.setInt32(0, value, true);
    this.#store(at, offset, 4);
  }

  writeI64(at: Pointer, offset: number, value: bigint): void {
    this.#view.setBigInt64(0, value, true);
    this.#store(at, offset, 8);
  }

  writePointer(at: Pointer, offset: number, value: Pointer | null): void {
    this.#view.setBigUint64(0, this.#backend.addressOf(value), true);
    this.#store(at, offset, 8);
  }

  writeRational(at: Pointer, offset: number, num: number, den: number): void {
    this.#view.setInt32(0, num, true);
    this.#view.setInt32(4, den, true);
    this.#store(at, offset, 8);
  }

  /** Foreign bytes copied into memory of our own: a view of them could outlive them. */
  copyOut(at: Pointer, byteLength: number): Uint8Array<ArrayBuffer> {
    const bytes = nativeBytes(byteLength);
    this.copyTo(bytes, at, byteLength);
    return bytes;
  }

  /** Foreign bytes copied to the beginning of `target`. */
  copyTo(target: NativeBuffer, from: Pointer, byteLength: number): void {
    if (byteLength > target.byteLength) {
      throw new RangeError("Cannot copy: the target is too small");
    }
    if (byteLength > 0) {
      this.#libc.memcpy(this.#backend.pointerOf(target), from, BigInt(byteLength));
    }
  }

  /** Bytes from one native address to another. */
  copy(to: Pointer, from: Pointer, byteLength: bigint): void {
    this.#libc.memcpy(to, from, byteLength);
  }

  /** Bytes at a native address made 0. */
  clear(at: Pointer, byteLength: number): void {
    this.#libc.memset(at, 0, BigInt(byteLength));
  }

  #store(at: Pointer, offset: number, bytes: number): void {
    const target = this.#backend.offset(at, offset);
    this.#libc.memcpy(target, this.#backend.pointerOf(this.#scratch), BigInt(bytes));
  }
}
