/**
 * The package koffi, as the program has installed it.
 *
 * @module
 */

import { LibavError } from "./errors.ts";
import type { HostProcess } from "./host_process.ts";
import { isOlder, LEAST_KOFFI, LEAST_NODE_FFI } from "./least_version.ts";

/** The part of koffi that is used, declared here because it may not be there. */
export interface Koffi {
  readonly version: string;
  load(path: string | null, options: { readonly lazy: boolean }): KoffiLibrary;
  address(memory: ArrayBufferView): bigint;
  view(pointer: bigint, byteLength: number): ArrayBuffer;
  readonly decode: {
    int32(pointer: bigint): number;
    uint32(pointer: bigint): number;
    int64(pointer: bigint): number | bigint;
    uint64(pointer: bigint): number | bigint;
    uint8(pointer: bigint): number;
    string(pointer: bigint): string;
  };
}

export interface KoffiLibrary {
  func(
    name: string,
    result: string,
    parameters: readonly string[],
  ): (...args: unknown[]) => unknown;
  symbol(name: string): bigint;
}

interface Require {
  (module: string): unknown;
  resolve(module: string): string;
}

interface NodeModule {
  createRequire(from: string): Require;
}

/** Data of this isolate, of which those that it begins have copies. */
interface WorkerThreads {
  getEnvironmentData(key: string): unknown;
  setEnvironmentData(key: string, value: unknown): void;
}

const NAME = "koffi";
/** Where the file of koffi is, for background threads. */
const FILE_KEY = "@x/rtsp-stream: the file of koffi";

/** In a bundle of CommonJS modules only: these have no `import.meta`. */
declare const __filename: string | undefined;

/**
 * Loads koffi from where it is installed for this package, or for the bundle that this package is
 * in. It is looked for nowhere else: what lies in the working directory or beside a file that is
 * read may be anybody's.
 *
 * @throws {LibavError} `LIBAV_UNSUPPORTED` with what to install
 */
export function loadKoffi(process: HostProcess): Koffi {
  const { createRequire } = process.getBuiltinModule("node:module") as NodeModule;
  let koffi: Koffi;
  try {
    const file = fileOf(process, createRequire);
    koffi = createRequire(file)(file) as Koffi;
  } catch (error) {
    throw refusal(process, reasonOf(error));
  }
  if (isOlder(koffi.version, LEAST_KOFFI)) {
    throw refusal(process, `the package koffi ${koffi.version} is older than ${LEAST_KOFFI}`);
  }
  return koffi;
}

function fileOf(process: HostProcess, createRequire: NodeModule["createRequire"]): string {
  const threads = process.getBuiltinModule("node:worker_threads") as WorkerThreads;
  const here = typeof __filename === "string" ? __filename : import.meta.url;
  // A thread whose module is its own text is nowhere: it is told by the one that has begun it.
  if (here.startsWith("data:")) return String(threads.getEnvironmentData(FILE_KEY));
  const file = createRequire(here).resolve(NAME);
  threads.setEnvironmentData(FILE_KEY, file);
  return file;
}

function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: string; message: string };
  if (code === "MODULE_NOT_FOUND") return "the package koffi is not installed";
  // Behind the first line are paths.
  return `the package koffi cannot be loaded (${String(message).split("\n", 1)[0]})`;
}

function refusal(process: HostProcess, reason: string): LibavError {
  return new LibavError(
    "LIBAV_UNSUPPORTED",
    `Node ${process.versions.node} cannot call native libraries by itself, and ${reason}: run ` +
      `"npm install koffi@${LEAST_KOFFI.split(".", 1)[0]}", or use Node ${LEAST_NODE_FFI} or newer`,
  );
}
