/**
 * The Bun backend: `bun:ffi`.
 *
 * @module
 */

import type {
  CType,
  FfiBackend,
  NativeBuffer,
  NativeLibrary,
  Platform,
  Pointer,
  SymbolTable,
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
  CString: new (pointer: number) => { toString(): string };
}

interface BunProcess {
  readonly platform: string;
  readonly arch: string;
  readonly env: Record<string, string | undefined>;
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

const OS: Record<string, Platform["os"]> = {
  linux: "linux",
  android: "linux",
  darwin: "darwin",
  win32: "windows",
  freebsd: "freebsd",
};

function native(pointer: Pointer): number {
  return pointer as unknown as number;
}

function opaque(pointer: number | null): Pointer | null {
  return pointer === null || pointer === 0 ? null : pointer as unknown as Pointer;
}

/** Native calls through `bun:ffi`. */
export class BunBackend implements FfiBackend {
  readonly runtime = "bun";
  readonly platform: Platform;
  readonly #ffi: BunFfi;
  readonly #process: BunProcess;
  #dlsym: ((handle: null, name: NativeBuffer) => Pointer | null) | undefined;

  private constructor(ffi: BunFfi, process: BunProcess) {
    this.#ffi = ffi;
    this.#process = process;
    this.platform = { os: OS[process.platform] ?? "other", arch: process.arch };
  }

  static async load(): Promise<BunBackend> {
    // A specifier that other runtimes cannot resolve must not be in the module graph.
    const specifier = "bun:ffi";
    const ffi = await import(specifier) as BunFfi;
    return new BunBackend(ffi, (globalThis as unknown as { process: BunProcess }).process);
  }

  env(name: string): string | undefined {
    return this.#process.env[name];
  }

  open<const T extends SymbolTable>(path: string, table: T): NativeLibrary<T> {
    const definitions: Record<string, { args: string[]; returns: string }> = {};
    for (const [name, spec] of Object.entries(table)) {
      definitions[name] = {
        args: spec.parameters.map((type) => TYPES[type]),
        returns: TYPES[spec.result],
      };
    }
    const { symbols } = this.#ffi.dlopen(path, definitions);
    return { path, symbols: symbols as unknown as NativeLibrary<T>["symbols"] };
  }

  symbolAddress(path: string, name: string): Pointer {
    // bun:ffi gives functions, not addresses: the loader is asked itself.
    const bytes = new Uint8Array(new ArrayBuffer(name.length + 1));
    new TextEncoder().encodeInto(name, bytes);
    const pointer = this.platform.os === "windows"
      ? this.#windowsSymbol(path, bytes)
      : this.#posixSymbol(path, bytes);
    if (pointer === null) throw new Error(`${path} has no symbol ${name}`);
    return pointer;
  }

  #posixSymbol(path: string, name: NativeBuffer): Pointer | null {
    this.#dlsym ??= this.open(path, {
      dlsym: { parameters: ["pointer", "buffer"], result: "pointer" },
    }).symbols.dlsym;
    return this.#dlsym(null, name);
  }

  #windowsSymbol(path: string, name: NativeBuffer): Pointer | null {
    const { symbols } = this.open("kernel32.dll", {
      LoadLibraryA: { parameters: ["buffer"], result: "pointer" },
      GetProcAddress: { parameters: ["pointer", "buffer"], result: "pointer" },
    });
    const file = new Uint8Array(new ArrayBuffer(path.length + 1));
    new TextEncoder().encodeInto(path, file);
    return symbols.GetProcAddress(symbols.LoadLibraryA(file), name);
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

  readString(pointer: Pointer): string {
    return new this.#ffi.CString(native(pointer)).toString();
  }
}
