/**
 * The Bun backend: `bun:ffi`.
 *
 * @module
 */

import { HostBackend, type HostProcess } from "./host_process.ts";
import { cString } from "./memory.ts";
import {
  type CType,
  type FfiBackend,
  fn,
  type NativeBuffer,
  type NativeLibrary,
  type Pointer,
  type SymbolTable,
} from "./types.ts";

/** The part of `bun:ffi` that is used, declared here because Deno checks this file too. */
interface BunFfi {
  dlopen(
    path: string,
    symbols: Record<string, { args: string[]; returns: string }>,
  ): { symbols: Record<string, (...args: unknown[]) => unknown> };
  ptr(memory: ArrayBufferView): number;
  read: {
    i32(pointer: number, offset: number): number;
    u32(pointer: number, offset: number): number;
    i64(pointer: number, offset: number): bigint;
    u8(pointer: number, offset: number): number;
    ptr(pointer: number, offset: number): number;
  };
  toArrayBuffer(pointer: number, byteOffset: number, byteLength: number): ArrayBuffer;
  CString: new (pointer: number) => { toString(): string };
}

const TYPES = {
  void: "void",
  i32: "i32",
  u32: "u32",
  i64: "i64",
  u64: "u64",
  f64: "f64",
  usize: "u64",
  pointer: "ptr",
  buffer: "ptr",
  rational: "u64",
} as const satisfies Record<CType, string>;

const RTLD_LAZY = 1;
const DYNAMIC_LOADER = {
  // void *dlopen(const char *filename, int flags);
  dlopen: fn("pointer", "buffer", "i32"),
  // void *dlsym(void *handle, const char *symbol);
  dlsym: fn("pointer", "pointer", "buffer"),
  // char *dlerror(void);
  dlerror: fn("pointer"),
} as const;

type DynamicLoader = NativeLibrary<typeof DYNAMIC_LOADER>["symbols"];
const DARWIN_LIBC = "/usr/lib/libSystem.B.dylib";
const MAPS = "/proc/self/maps";

function native(pointer: Pointer): number {
  return pointer as unknown as number;
}

function opaque(pointer: number | null): Pointer | null {
  return pointer === null || pointer === 0 ? null : pointer as unknown as Pointer;
}

/** Native calls through `bun:ffi`. */
export class BunBackend extends HostBackend implements FfiBackend {
  readonly runtime = "bun";
  readonly #ffi: BunFfi;
  #loader: DynamicLoader | undefined;

  constructor(process: HostProcess) {
    super(process);
    this.#ffi = process.getBuiltinModule("bun:ffi") as BunFfi;
  }

  open<const T extends SymbolTable>(path: string, table: T): NativeLibrary<T> {
    const definitions: Record<string, { args: string[]; returns: string }> = {};
    for (const [name, spec] of Object.entries(table)) {
      definitions[name] = {
        args: spec.parameters.map((type) => TYPES[type]),
        returns: TYPES[spec.result],
      };
    }
    if (!/[\\/]/.test(path)) this.#askLoader(path);
    const { symbols } = this.#ffi.dlopen(path, definitions);
    return { path, symbols: symbols as unknown as NativeLibrary<T>["symbols"] };
  }

  symbolAddress(path: string, name: string): Pointer {
    // bun:ffi gives functions, not addresses: the loader is asked itself.
    const symbol = cString(name);
    const pointer = this.platform.os === "windows"
      ? this.#windowsSymbol(path, symbol)
      : this.#posixSymbol(path, symbol);
    if (pointer === null) throw new Error(`${path} has no symbol ${name}`);
    return pointer;
  }

  #posixSymbol(path: string, name: NativeBuffer): Pointer | null {
    const { dlopen, dlsym } = this.#dynamicLoader();
    const handle = dlopen(cString(path), RTLD_LAZY);
    return handle === null ? null : dlsym(handle, name);
  }

  /**
   * A name that the system's loader does not find, `bun:ffi` looks for in the working directory,
   * where anybody may have put it. One that the loader has opened is found there by all.
   */
  #askLoader(name: string): void {
    if (this.platform.os === "windows") return;
    const { dlopen, dlerror } = this.#dynamicLoader();
    if (dlopen(cString(name), RTLD_LAZY) !== null) return;
    const reason = dlerror();
    throw new Error(reason === null ? `${name} cannot be opened` : this.readString(reason));
  }

  /** The C library has these, before glibc 2.34 a library of their own beside it. */
  #dynamicLoader(): DynamicLoader {
    return this.#loader ??= this.#openLoader();
  }

  #openLoader(): DynamicLoader {
    const libc = this.platform.os === "darwin" ? DARWIN_LIBC : this.#loadedLibc();
    try {
      return this.open(libc, DYNAMIC_LOADER).symbols;
    } catch {
      return this.open(libc.replace(/[^/]+$/, "libdl.so.2"), DYNAMIC_LOADER).symbols;
    }
  }

  /** The file of the C library that this process runs with (proc(5)). */
  #loadedLibc(): string {
    const maps = this.process.getBuiltinModule("node:fs").readFileSync(MAPS, "utf8");
    const file = /\/\S*\/(?:libc\.so\.\d+|libc-2\.\d+\.so|(?:ld-|libc\.)musl-\S+)$/m.exec(maps);
    if (file === null) throw new Error(`${MAPS} does not name a C library`);
    return file[0];
  }

  #windowsSymbol(path: string, name: NativeBuffer): Pointer | null {
    const { symbols } = this.open("kernel32.dll", {
      LoadLibraryA: fn("pointer", "buffer"),
      GetProcAddress: fn("pointer", "pointer", "buffer"),
    });
    return symbols.GetProcAddress(symbols.LoadLibraryA(cString(path)), name);
  }

  pointerOf(memory: NativeBuffer): Pointer {
    if (memory.byteLength === 0) throw new RangeError("Cannot take the address of empty memory");
    // Bun moves a small array's bytes when `.buffer` is first touched, which
    // would leave an address taken before that dangling.
    void memory.buffer;
    return this.#ffi.ptr(memory) as unknown as Pointer;
  }

  addressOf(pointer: Pointer | null): bigint {
    return pointer === null ? 0n : BigInt(native(pointer));
  }

  fromAddress(address: bigint): Pointer | null {
    return opaque(Number(address));
  }

  offset(pointer: Pointer, bytes: number): Pointer {
    return (native(pointer) + bytes) as unknown as Pointer;
  }

  readI32(pointer: Pointer, offset: number): number {
    return this.#ffi.read.i32(native(pointer), offset);
  }

  readU32(pointer: Pointer, offset: number): number {
    return this.#ffi.read.u32(native(pointer), offset);
  }

  readI64(pointer: Pointer, offset: number): bigint {
    return this.#ffi.read.i64(native(pointer), offset);
  }

  readU8(pointer: Pointer, offset: number): number {
    return this.#ffi.read.u8(native(pointer), offset);
  }

  readPointer(pointer: Pointer, offset: number): Pointer | null {
    return opaque(this.#ffi.read.ptr(native(pointer), offset));
  }

  bufferAt(pointer: Pointer, byteLength: number): ArrayBuffer {
    return this.#ffi.toArrayBuffer(native(pointer), 0, byteLength);
  }

  readString(pointer: Pointer): string {
    return new this.#ffi.CString(native(pointer)).toString();
  }
}
