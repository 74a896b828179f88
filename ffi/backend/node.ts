/**
 * The Node backend: `node:ffi`.
 *
 * @module
 */

import { LibavError } from "./errors.ts";
import { keepLoaded, LOADER } from "./keep_loaded.ts";
import { assertNotTooOld, LEAST_NODE_FFI } from "./least_version.ts";
import type {
  CType,
  FfiBackend,
  NativeBuffer,
  NativeLibrary,
  Platform,
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

interface NodeProcess {
  readonly platform: string;
  readonly arch: string;
  readonly versions: { readonly node: string };
  readonly env: Record<string, string | undefined>;
  getBuiltinModule(name: "node:ffi"): NodeFfi | undefined;
  getBuiltinModule(name: "node:fs"): { readFileSync(path: string, encoding: "utf8"): string };
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

const OS: Record<string, Platform["os"]> = {
  linux: "linux",
  android: "linux",
  darwin: "darwin",
  win32: "windows",
  freebsd: "freebsd",
};

/** The names that Deno, compilers and Debian's file names use. */
const ARCH: Record<string, string> = { x64: "x86_64", arm64: "aarch64" };

/** `node:ffi` has 0 where others have null. */
function native(pointer: Pointer | null): bigint {
  return pointer === null ? 0n : pointer as unknown as bigint;
}

function opaque(address: bigint): Pointer | null {
  return address === 0n ? null : address as unknown as Pointer;
}

/** Native calls through `node:ffi`, which Node 26.9 and newer have. */
export class NodeBackend implements FfiBackend {
  readonly runtime = "node";
  readonly platform: Platform;
  readonly #ffi: NodeFfi;
  readonly #process: NodeProcess;

  private constructor(ffi: NodeFfi, process: NodeProcess) {
    this.#ffi = ffi;
    this.#process = process;
    this.platform = {
      os: OS[process.platform] ?? "other",
      arch: ARCH[process.arch] ?? process.arch,
    };
  }

  /** @throws {LibavError} This Node is too old. */
  static load(): NodeBackend {
    const { process } = globalThis as unknown as { process: NodeProcess };
    assertNotTooOld("Node", process.versions.node);
    const ffi = process.getBuiltinModule("node:ffi");
    if (ffi) return new NodeBackend(ffi, process);
    throw new LibavError(
      "LIBAV_UNSUPPORTED",
      `Node ${process.versions.node} cannot call native libraries: this package needs Node ` +
        `${LEAST_NODE_FFI} or newer`,
    );
  }

  env(name: string): string | undefined {
    return this.#process.env[name];
  }

  missingEnvFlag(): undefined {
    // Node's permissions say nothing of variables.
    return undefined;
  }

  fileText(path: string): string | undefined {
    try {
      return this.#process.getBuiltinModule("node:fs").readFileSync(path, "utf8");
    } catch {
      return undefined;
    }
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
