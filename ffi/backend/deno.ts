/**
 * The Deno backend: `Deno.dlopen` and `Deno.UnsafePointer`.
 *
 * @module
 */

import { keepLoaded, LOADER } from "./keep_loaded.ts";
import type {
  CType,
  FfiBackend,
  NativeBuffer,
  NativeLibrary,
  Platform,
  Pointer,
  SymbolTable,
} from "./types.ts";

const TYPES = {
  void: "void",
  i32: "i32",
  u32: "u32",
  i64: "i64",
  u64: "u64",
  f64: "f64",
  usize: "usize",
  pointer: "pointer",
  buffer: "buffer",
  rational: "u64",
} as const satisfies Record<CType, Deno.NativeResultType>;

function native(pointer: Pointer | null): Deno.PointerValue {
  return pointer as unknown as Deno.PointerValue;
}

function nonNull(pointer: Pointer): Deno.PointerObject {
  return pointer as unknown as Deno.PointerObject;
}

function opaque(pointer: Deno.PointerValue): Pointer | null {
  return pointer as unknown as Pointer | null;
}

function view(pointer: Pointer): Deno.UnsafePointerView {
  return new Deno.UnsafePointerView(nonNull(pointer));
}

/** What `read` gives; undefined when the path may not be read, or cannot be. */
function ifReadable<T>(path: string, read: () => T): T | undefined {
  // Asking for what is not permitted would prompt in a terminal.
  if (Deno.permissions.querySync({ name: "read", path }).state !== "granted") return undefined;
  try {
    return read();
  } catch {
    return undefined;
  }
}

const OS: Partial<Record<typeof Deno.build.os, Platform["os"]>> = {
  linux: "linux",
  android: "linux",
  darwin: "darwin",
  windows: "windows",
  freebsd: "freebsd",
};

/** Native calls through Deno's FFI; needs `--allow-ffi`. */
export class DenoBackend implements FfiBackend {
  readonly runtime = "deno";
  readonly platform: Platform = { os: OS[Deno.build.os] ?? "other", arch: Deno.build.arch };

  env(name: string): string | undefined {
    // Asking for a variable that is not permitted would prompt in a terminal.
    return this.missingEnvFlag(name) === undefined ? Deno.env.get(name) : undefined;
  }

  missingEnvFlag(name: string): string | undefined {
    const { state } = Deno.permissions.querySync({ name: "env", variable: name });
    return state === "granted" ? undefined : `--allow-env=${name}`;
  }

  fileText(path: string): string | undefined {
    return ifReadable(path, () => Deno.readTextFileSync(path));
  }

  realPath(path: string): string | undefined {
    return ifReadable(path, () => Deno.realPathSync(path));
  }

  fileNames(directory: string): readonly string[] {
    return ifReadable(directory, () => {
      return [...Deno.readDirSync(directory)].map(({ name }) => name);
    }) ?? [];
  }

  open<const T extends SymbolTable>(path: string, table: T): NativeLibrary<T> {
    const library = this.#open(path, table);
    keepLoaded(this.platform, path, (file) => this.#open(file, LOADER).symbols);
    return library;
  }

  #open<const T extends SymbolTable>(path: string, table: T): NativeLibrary<T> {
    const definitions: Record<string, Deno.ForeignFunction> = {};
    for (const [name, spec] of Object.entries(table)) {
      definitions[name] = {
        parameters: spec.parameters.map((type) => TYPES[type] as Deno.NativeType),
        result: TYPES[spec.result],
      };
    }
    const { symbols } = Deno.dlopen(path, definitions);
    return { path, symbols: symbols as unknown as NativeLibrary<T>["symbols"] };
  }

  symbolAddress(path: string, name: string): Pointer {
    const { symbols } = Deno.dlopen(path, { [name]: { type: "pointer" } });
    const pointer = opaque(symbols[name] as Deno.PointerValue);
    if (pointer === null) throw new Error(`${path} has no symbol ${name}`);
    return pointer;
  }

  pointerOf(memory: NativeBuffer): Pointer {
    const pointer = Deno.UnsafePointer.of(memory as Uint8Array<ArrayBuffer>);
    if (pointer === null) throw new RangeError("Cannot take the address of empty memory");
    return pointer as unknown as Pointer;
  }

  addressOf(pointer: Pointer | null): bigint {
    return Deno.UnsafePointer.value(native(pointer));
  }

  fromAddress(address: bigint): Pointer | null {
    return opaque(Deno.UnsafePointer.create(address));
  }

  offset(pointer: Pointer, bytes: number): Pointer {
    return Deno.UnsafePointer.offset(nonNull(pointer), bytes) as unknown as Pointer;
  }

  readI32(pointer: Pointer, offset: number): number {
    return view(pointer).getInt32(offset);
  }

  readU32(pointer: Pointer, offset: number): number {
    return view(pointer).getUint32(offset);
  }

  readI64(pointer: Pointer, offset: number): bigint {
    return view(pointer).getBigInt64(offset);
  }

  readU8(pointer: Pointer, offset: number): number {
    return view(pointer).getUint8(offset);
  }

  readPointer(pointer: Pointer, offset: number): Pointer | null {
    return opaque(view(pointer).getPointer(offset));
  }

  bufferAt(pointer: Pointer, byteLength: number): ArrayBuffer {
    return Deno.UnsafePointerView.getArrayBuffer(nonNull(pointer), byteLength);
  }

  readString(pointer: Pointer): string {
    return view(pointer).getCString();
  }
}
