/**
 * The types that both runtimes' backends share. Nothing here touches a runtime.
 *
 * @module
 */

declare const pointerBrand: unique symbol;

/**
 * A native address in the running backend's own form (an object in Deno, a
 * number in Bun). Never null: a NULL is `null`. Only its `bigint` form
 * ({@linkcode FfiBackend.addressOf}) may cross to another thread.
 */
export type Pointer = { readonly [pointerBrand]: true };

/** Memory that JavaScript owns and lends to a native call. */
export type NativeBuffer = Uint8Array<ArrayBufferLike>;

/**
 * C types of parameters and results. `buffer` is a pointer parameter filled
 * with JavaScript memory that is lent for the call only; `rational` is an
 * AVRational passed by value, packed as {@linkcode packRational} does.
 */
export type CType =
  | "void"
  | "i32"
  | "u32"
  | "i64"
  | "u64"
  | "f64"
  | "usize"
  | "pointer"
  | "buffer"
  | "rational";

/** One C function: its parameter types and its result type. */
export interface SymbolSpec {
  readonly parameters: readonly CType[];
  readonly result: CType;
}

/** The functions of one library, by their C names. */
export type SymbolTable = Readonly<Record<string, SymbolSpec>>;

/** Declares a C function: `fn(result, ...parameters)`, in the order of the C prototype. */
export function fn<R extends CType, const P extends readonly CType[]>(
  result: R,
  ...parameters: P
): { readonly parameters: P; readonly result: R } {
  return { parameters, result };
}

interface ParameterTypes {
  void: never;
  i32: number;
  u32: number;
  i64: bigint;
  u64: bigint;
  f64: number;
  usize: bigint;
  pointer: Pointer | null;
  buffer: NativeBuffer | null;
  rational: bigint;
}

interface ResultTypes extends Omit<ParameterTypes, "void" | "buffer"> {
  void: void;
  buffer: never;
}

/** A native function as TypeScript calls it. */
export type NativeFunction<S extends SymbolSpec> = (
  ...args: Arguments<S["parameters"]>
) => ResultTypes[S["result"]];

type Arguments<P extends readonly CType[]> = {
  -readonly [I in keyof P]: ParameterTypes[P[I]];
};

/** All functions of a table, callable. */
export type NativeFunctions<T extends SymbolTable> = {
  readonly [K in keyof T]: NativeFunction<T[K]>;
};

/** A loaded library. Never closed: a call after `dlclose` would jump into freed code. */
export interface NativeLibrary<T extends SymbolTable> {
  readonly path: string;
  readonly symbols: NativeFunctions<T>;
}

/** Where this process runs, in the words that pick library names and error numbers. */
export interface Platform {
  readonly os: "linux" | "darwin" | "windows" | "freebsd" | "other";
  readonly arch: string;
}

/**
 * What the native room needs of a runtime. One file per runtime implements it
 * and both pass the same contract tests (`test/contract`).
 *
 * Reads and writes take a byte offset from the pointer and are not checked:
 * a wrong offset reads or breaks foreign memory, which is why offsets come
 * from generated layouts only.
 */
export interface FfiBackend {
  readonly runtime: "deno" | "bun" | "node";
  readonly platform: Platform;
  /** An environment variable; undefined when unset or not permitted. */
  env(name: string): string | undefined;
  /** The runtime's flag without which the variable cannot be read; undefined where it can. */
  missingEnvFlag(name: string): string | undefined;
  /** A text file; undefined when there is none or it may not be read. */
  fileText(path: string): string | undefined;
  /** Where a path leads when all links are followed; undefined as for {@linkcode fileText}. */
  realPath(path: string): string | undefined;
  /** The names in a directory; none as for {@linkcode fileText}. */
  fileNames(directory: string): readonly string[];
  /**
   * Loads a shared library with all functions of `table`.
   *
   * @throws {Error} The library cannot be loaded, or a symbol is missing;
   * the message names it.
   */
  open<const T extends SymbolTable>(path: string, table: T): NativeLibrary<T>;
  /** The address of a function, to hand to native code as a callback. */
  symbolAddress(path: string, name: string): Pointer;
  /** The address of JavaScript memory, which the caller keeps alive. */
  pointerOf(memory: NativeBuffer): Pointer;
  addressOf(pointer: Pointer | null): bigint;
  fromAddress(address: bigint): Pointer | null;
  offset(pointer: Pointer, bytes: number): Pointer;
  readI32(pointer: Pointer, offset: number): number;
  readU32(pointer: Pointer, offset: number): number;
  readI64(pointer: Pointer, offset: number): bigint;
  readU8(pointer: Pointer, offset: number): number;
  readPointer(pointer: Pointer, offset: number): Pointer | null;
  /**
   * Native memory as an ArrayBuffer, without a copy. It is not freed with the
   * ArrayBuffer, and has to last longer than that.
   */
  bufferAt(pointer: Pointer, byteLength: number): ArrayBuffer;
  /** A NUL-terminated UTF-8 string. */
  readString(pointer: Pointer): string;
}
