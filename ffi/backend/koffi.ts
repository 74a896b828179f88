/**
 * The backend of a Node that has no FFI of its own: the package koffi, which the program
 * has installed.
 *
 * @module
 */

import { HostBackend, type HostProcess } from "./host_process.ts";
import { keepLoaded, LOADER } from "./keep_loaded.ts";
import { type Koffi, type KoffiLibrary, loadKoffi } from "./koffi_package.ts";
import { cString } from "./memory.ts";
import type {
  CType,
  FfiBackend,
  NativeBuffer,
  NativeLibrary,
  Pointer,
  SymbolSpec,
  SymbolTable,
} from "./types.ts";

const RTLD_LAZY = 1;

type NativeCall = (...args: unknown[]) => unknown;

const TYPES = {
  void: "void",
  i32: "int32_t",
  u32: "uint32_t",
  i64: "int64_t",
  u64: "uint64_t",
  f64: "double",
  usize: "size_t",
  pointer: "void *",
  // Memory of JavaScript is lent under this type as it is, and copied under others.
  buffer: "void *",
  rational: "uint64_t",
} as const satisfies Record<CType, string>;

/** Results of these types are numbers where they fit in one. */
const WIDE: ReadonlySet<CType> = new Set(["i64", "u64", "usize", "rational"]);

function native(pointer: Pointer): bigint {
  return pointer as unknown as bigint;
}

function opaque(address: bigint): Pointer | null {
  return address === 0n ? null : address as unknown as Pointer;
}

/** Native calls through koffi. */
export class KoffiBackend extends HostBackend implements FfiBackend {
  readonly runtime = "node";
  readonly #koffi: Koffi;
  /** Of the program itself, which has loaded the C library. */
  #loader: Record<"dlopen" | "dlerror", NativeCall> | undefined;

  private constructor(koffi: Koffi, process: HostProcess) {
    super(process);
    this.#koffi = koffi;
  }

  /** @throws {LibavError} koffi is not installed, or cannot be loaded. */
  static load(process: HostProcess): KoffiBackend {
    return new KoffiBackend(loadKoffi(process), process);
  }

  open<const T extends SymbolTable>(path: string, table: T): NativeLibrary<T> {
    const library = this.#open(path, table);
    keepLoaded(this.platform, path, (file) => this.#open(file, LOADER).symbols);
    return library;
  }

  #open<const T extends SymbolTable>(path: string, table: T): NativeLibrary<T> {
    const library = this.#load(path);
    const symbols = Object.fromEntries(
      Object.entries(table).map(([name, spec]) => [name, bind(library, name, spec)]),
    );
    return { path, symbols: symbols as unknown as NativeLibrary<T>["symbols"] };
  }

  #load(path: string): KoffiLibrary {
    this.#askLoader(path);
    try {
      return this.#koffi.load(path, { lazy: true });
    } catch (error) {
      // koffi leaves the name out.
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`${path}: ${reason.replace(/^Failed to load shared library: /, "")}`);
    }
  }

  /**
   * koffi ends the process when it throws in a thread that is being terminated, and most files
   * that are looked for are not there: the system's loader is asked first.
   */
  #askLoader(path: string): void {
    if (this.platform.os === "windows") return;
    const { dlopen, dlerror } = this.#loader ??= this.#openLoader();
    if (dlopen(cString(path), RTLD_LAZY) !== null) return;
    const reason = dlerror() as bigint | null;
    throw new Error(
      reason === null ? `${path} cannot be opened` : this.#koffi.decode.string(reason),
    );
  }

  #openLoader(): Record<"dlopen" | "dlerror", NativeCall> {
    const program = this.#koffi.load(null, { lazy: true });
    return {
      dlopen: program.func("dlopen", "void *", ["void *", "int32_t"]),
      dlerror: program.func("dlerror", "void *", []),
    };
  }

  symbolAddress(path: string, name: string): Pointer {
    return this.#load(path).symbol(name) as unknown as Pointer;
  }

  pointerOf(memory: NativeBuffer): Pointer {
    if (memory.byteLength === 0) throw new RangeError("Cannot take the address of empty memory");
    return this.#koffi.address(memory) as unknown as Pointer;
  }

  addressOf(pointer: Pointer | null): bigint {
    return pointer === null ? 0n : native(pointer);
  }

  fromAddress(address: bigint): Pointer | null {
    return opaque(address);
  }

  offset(pointer: Pointer, bytes: number): Pointer {
    return this.#at(pointer, bytes) as unknown as Pointer;
  }

  readI32(pointer: Pointer, offset: number): number {
    return this.#koffi.decode.int32(this.#at(pointer, offset));
  }

  readU32(pointer: Pointer, offset: number): number {
    return this.#koffi.decode.uint32(this.#at(pointer, offset));
  }

  readI64(pointer: Pointer, offset: number): bigint {
    return BigInt(this.#koffi.decode.int64(this.#at(pointer, offset)));
  }

  readU8(pointer: Pointer, offset: number): number {
    return this.#koffi.decode.uint8(this.#at(pointer, offset));
  }

  readPointer(pointer: Pointer, offset: number): Pointer | null {
    return opaque(BigInt(this.#koffi.decode.uint64(this.#at(pointer, offset))));
  }

  bufferAt(pointer: Pointer, byteLength: number): ArrayBuffer {
    // Node refuses to transfer what an addon has made; it does not what was transferred once.
    return this.#koffi.view(native(pointer), byteLength).transfer();
  }

  readString(pointer: Pointer): string {
    return this.#koffi.decode.string(native(pointer));
  }

  #at(pointer: Pointer, offset: number): bigint {
    return native(pointer) + BigInt(offset);
  }
}

function bind(library: KoffiLibrary, name: string, { parameters, result }: SymbolSpec): NativeCall {
  const call = library.func(name, TYPES[result], parameters.map((type) => TYPES[type]));
  return WIDE.has(result) ? (...args) => BigInt(call(...args) as number | bigint) : call;
}
