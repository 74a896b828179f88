/** The rules of the house: who may import whom, and which words stay in which room. */

/** One room: its files, and what they may import. */
export interface Room {
  readonly name: string;
  /** Paths from the project's root. */
  readonly files: RegExp;
  /** Files of this project that may be imported, beside the room's own `files`. */
  readonly imports: readonly RegExp[];
  /** Packages and built-in modules that may be imported. */
  readonly packages: readonly RegExp[];
}

const CORE = /^src\/core\//;
const LIFECYCLE = /^src\/lifecycle\//;
const STREAM = /^src\/stream\//;
const WRITER = /^src\/writer\//;
const GROUP = /^src\/group\//;
const THREAD = /^src\/thread\//;
const WORKER = /^src\/worker\//;
const AV = /^src\/av\//;
const FFI_DOOR = /^ffi\/mod\.ts$/;
/** Takes addresses of memory; loads nothing but libc. */
const FFI_BACKEND = /^ffi\/backend\//;
const DOOR = /^mod\.ts$/;
const RUNTIME = /^src\/runtime\//;
const SUPPORT = /^test\/support\//;
const PACK = /^pack\//;

const NODE = /^node:/;
const ASSERT = /^@std\/assert$/;
const OURSELVES = /^@x\/rtsp-stream(\/(read|write)-worker)?$/;
const LOGTAPE = /^@logtape\/logtape$/;

/** Each file belongs to the first room that it fits. */
export const ROOMS: readonly Room[] = [
  { name: "ffi", files: /^ffi\//, imports: [], packages: [/^bun:ffi$/] },
  { name: "core", files: CORE, imports: [], packages: [] },
  { name: "av", files: AV, imports: [CORE, FFI_DOOR], packages: [] },
  { name: "thread", files: THREAD, imports: [CORE, FFI_BACKEND, RUNTIME], packages: [NODE] },
  {
    name: "worker",
    files: WORKER,
    imports: [THREAD, AV, CORE, FFI_DOOR, RUNTIME],
    packages: [NODE],
  },
  { name: "runtime", files: RUNTIME, imports: [], packages: [NODE] },
  { name: "lifecycle", files: LIFECYCLE, imports: [CORE], packages: [LOGTAPE] },
  { name: "writer", files: WRITER, imports: [LIFECYCLE, THREAD, CORE], packages: [] },
  { name: "stream", files: STREAM, imports: [WRITER, LIFECYCLE, THREAD, CORE], packages: [] },
  { name: "group", files: GROUP, imports: [STREAM, LIFECYCLE, CORE], packages: [] },
  { name: "cli", files: /^src\/cli\//, imports: [DOOR, RUNTIME], packages: [NODE, OURSELVES] },
  { name: "door", files: DOOR, imports: [STREAM, WRITER, GROUP, CORE], packages: [] },
  { name: "pack", files: PACK, imports: [SUPPORT], packages: [NODE, /^tsdown$/] },
  { name: "test/pack", files: /^test\/pack\//, imports: [PACK, SUPPORT], packages: [NODE, ASSERT] },
  ...["examples", "bench", "test/live", "test/fuzz", "test/soak"].map((folder): Room => ({
    name: folder,
    files: new RegExp(`^${folder}/`),
    imports: [DOOR, RUNTIME, SUPPORT],
    packages: [NODE, ASSERT, OURSELVES, ...(folder === "examples" ? [LOGTAPE] : [])],
  })),
];

/** A package that only one file of `src/` may import, whichever that is. */
export const SINGLE_PACKAGES: readonly RegExp[] = [LOGTAPE];

/** What the main thread never loads, by any way of imports. */
export const MAIN_THREAD_ROOTS: readonly RegExp[] = [DOOR, GROUP, STREAM, WRITER, LIFECYCLE];
export const WORKER_ONLY =
  /^(ffi\/(mod\.ts$|load\/|selftest\/|symbols\/|layouts\/)|src\/(av|worker)\/)/;

/** Words that only some files may say. */
export interface WordRule {
  readonly name: string;
  readonly allowed: readonly RegExp[];
  readonly words: readonly RegExp[];
}

const COMPARISON = String.raw`(?:[!=]==?|(?<![=<>])[<>]=?(?![<>]))`;
const MAJOR = String.raw`\b(?:\w+M|m)ajors?\b(?:\.\w+|\[[^\]]*\])?`;
const VERSION_NUMBER = String.raw`(?:_version\([^()]*\)|>>>?\s*16\b)\s*\)?`;

export const WORD_RULES: readonly WordRule[] = [
  {
    name: "a runtime is named only in ffi/backend and src/runtime",
    allowed: [/^ffi\/backend\/(deno|bun)\.ts$/, RUNTIME],
    words: [
      /(?<![.\w])(?:Deno|Bun)(?:\?\.|!?\.(?=\w)|\[)/,
      /\bglobalThis\s*(?:\?\.|\.)\s*(?:Deno|Bun)\b/,
      /["'`]bun:\w+["'`]/,
    ],
  },
  {
    name: "a background thread is begun only in src/runtime",
    // A server of a test or a measurement may have one of its own.
    allowed: [RUNTIME, /^(test|bench|examples)\//],
    words: [/\bnew\s+Worker\b/],
  },
  {
    name: "a module with a computed name is loaded only in ffi/backend and src/runtime",
    // Peers are measured where they are installed, which is outside of the project.
    allowed: [/^ffi\/backend\/(deno|bun)\.ts$/, RUNTIME, /^bench\//],
    words: [/\bimport\(\s*(?!["'])/],
  },
  {
    name: "a library's major is compared only in ffi/{load,symbols,layouts}",
    allowed: [/^ffi\/(load|symbols|layouts)\//],
    words: [
      new RegExp(String.raw`${MAJOR}\s*${COMPARISON}`),
      new RegExp(String.raw`${COMPARISON}\s*[\w.]*${MAJOR}`),
      new RegExp(String.raw`${VERSION_NUMBER}\s*${COMPARISON}`),
      new RegExp(String.raw`\brelease(?:\.name)?\s*${COMPARISON}\s*["'\d]`),
    ],
  },
  {
    name: "a struct offset is a number only in ffi/layouts",
    allowed: [/^ffi\/layouts\//],
    words: [
      // The second argument of a read or a write, or a part of it, above 16.
      /\b(?:read|write)(?:I32|U32|I64|U64|U8|F64|Pointer|Rational)\(\s*(?:[^,()]|\([^()]*\))+,[^,()]*(?<![\w.])(?:1[7-9]|[2-9]\d|\d{3,}|0x[\da-f]{2,})\b/i,
    ],
  },
  {
    name: "libav is called, and its structs are reached into, only in ffi and src/av",
    allowed: [/^ffi\//, AV],
    words: [
      /\bsymbols\s*(?:\?\.|!?\.|\[)/,
      /\bmemory\s*(?:\?\.|!?\.)\s*(?:read|write|copy|clear)\w*\(/,
      /\blayout\s*(?:\?\.|!?\.|:\s*\{)\s*AV/,
      // The parts of it by name, on their way into other variables.
      /\blibav\s*:\s*\{[^{}]*\b(?:symbols|memory|layout)\b/,
      /\blibav\s*(?:\?\.|!?\.)\s*(?:symbols|memory|layout)\b/,
      /\{[^{}]*\b(?:symbols|memory|layout)\b(?:[^{}]|\{[^{}]*\})*\}\s*(?:=[^=>][\w.#]*[lL]ibav\b|:\s*Libav\b)/,
    ],
  },
];
