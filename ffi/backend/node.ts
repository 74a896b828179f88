/**
 * The Node backend: `node:ffi`.
 *
 * @module
 */

import { HostBackend, type HostProcess } from "./host_process.ts";
import { keepLoaded, LOADER } from "./keep_loaded.ts";
import type {
  CType,
  FfiBackend,
  NativeBuffer,
  NativeLibrary,
  Pointer,
  SymbolTable,
} from "./types.ts";

/** The part of `node:ffi` that is used, declared here because other runtimes check this file too. */
interface NodeFfi {
  dlopen(
    path: string,
    symbols: Record<string, { arguments: string[]; return: string }>,
  ): { functions: Record<string, (...args: unknown[]) => unknown> };
  DynamicLibrary: new (path: string) => { getSymbol(name: string): bigint };
  getRawPointer(memory: ArrayBufferView): bigint;
  getInt32(pointer: bigint, offset: number): number;
  getUint32(pointer: bigint, offset: number): number;
  getInt64(pointer: bigint, offset: number): bigint;
  getUint64(pointer: bigint, offset: number): bigint;
  getUint8(pointer: bigint, offset: number): number;
  toArrayBuffer(pointer: bigint, byteLength: number, copy: boolean): ArrayBuffer;
  toString(pointer: bigint): string;
}

const TYPES = {
  void: "void",
  i32: "int32",
  u32: "uint32",
  i64: "int64",
  u64: "uint64",
  f64: "float64",
  usize: "uint64",
  pointer: "pointer",
  buffer: "pointer",
  rational: "uint64",
} as const satisfies Record<CType, string>;

/** `node:ffi` has 0 where others have null. */
function native(pointer: Pointer | null): bigint {
  return pointer === null ? 0n : pointer as unknown as bigint;
}

function opaque(address: bigint): Pointer | null {
  return address === 0n ? null : address as unknown as Pointer;
}

/** Native calls through `node:ffi`, which Node 26.9 and newer have. */
export class NodeBackend extends HostBackend implements FfiBackend {
  readonly runtime = "node";
  readonly #ffi: NodeFfi;

  private constructor(ffi: NodeFfi, process: HostProcess) {
    super(process);
    this.#ffi = ffi;
  }

  /** Undefined where this Node does not have it. */
  static load(process: HostProcess): NodeBackend | undefined {
    const ffi = process.getBuiltinModule("node:ffi") as NodeFfi | undefined;
    return ffi && new NodeBackend(ffi, process);
  }

  open<const T extends SymbolTable>(path: string, table: T): NativeLibrary<T> {
    const library = this.#open(path, table);
    keepLoaded(this.platform, path, (file) => this.#open(file, LOADER).symbols);
    return library;
  }

  #open<const T extends SymbolTable>(path: string, table: T): NativeLibrary<T> {
    const definitions: Record<string, { arguments: string[]; return: string }> = {};
    for (const [name, spec] of Object.entries(table)) {
      definitions[name] = {
        arguments: spec.parameters.map((type) => TYPES[type]),
        return: TYPES[spec.result],
      };
    }
    const { functions } = this.#ffi.dlopen(path, definitions);
    const symbols = Object.fromEntries(
      Object.entries(table).map(([name, { result }]) => {
        const call = functions[name]!;
        return [
          name,
          result === "pointer" ? (...args: unknown[]) => opaque(call(...args) as bigint) : call,
        ];
      }),
    );
    return { path, symbols: symbols as unknown as NativeLibrary<T>["symbols"] };
  }

  symbolAddress(path: string, name: string): Pointer {
    const address = new this.#ffi.DynamicLibrary(path).getSymbol(name);
    return address as unknown as Pointer;
  }

  pointerOf(memory: NativeBuffer): Pointer {
    if (memory.byteLength === 0) throw new RangeError("Cannot take the address of empty memory");
    return this.#ffi.getRawPointer(memory) as unknown as Pointer;
  }

  addressOf(pointer: Pointer | null): bigint {
    return native(pointer);
  }

  fromAddress(address: bigint): Pointer | null {
    return opaque(address);
  }

  offset(pointer: Pointer, bytes: number): Pointer {
    return (native(pointer) + BigInt(bytes)) as unknown as Pointer;
  }

  readI32(pointer: Pointer, offset: number): number {
    return this.#ffi.getInt32(native(pointer), offset);
  }

  readU32(pointer: Pointer, offset: number): number {
    return this.#ffi.getUint32(native(pointer), offset);
  }

  readI64(pointer: Pointer, offset: number): bigint {
    return this.#ffi.getInt64(native(pointer), offset);
  }

  readU8(pointer: Pointer, offset: number): number {
    return this.#ffi.getUint8(native(pointer), offset);
  }

  readPointer(pointer: Pointer, offset: number): Pointer | null {
    return opaque(this.#ffi.getUint64(native(pointer), offset));
  }

  bufferAt(pointer: Pointer, byteLength: number): ArrayBuffer {
    return this.#ffi.toArrayBuffer(native(pointer), byteLength, false);
  }

  readString(pointer: Pointer): string {
    return this.#ffi.toString(native(pointer));
  }
}
