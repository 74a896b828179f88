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
const MAIN_SIDE =
  /^src\/worker\/(spawn|thread|protocol|publish_thread|publish_protocol|exit_guard)\.ts$/;
const PUBLIC = /^src\/[^/]+\.ts$/;
const FFI_DOOR = /^ffi\/mod\.ts$/;
/** Takes addresses of memory; loads nothing. */
const FFI_ADDRESSES = /^ffi\/(backend|types)\.ts$/;
const DOOR = /^mod\.ts$/;
const RUNTIME = /^src\/runtime\//;
const SUPPORT = /^test\/support\//;

const NODE = /^node:/;
const ASSERT = /^@std\/assert$/;
const OURSELVES = /^@x\/rtsp-stream(\/(capture|publish)-worker)?$/;
const LOGTAPE = /^@logtape\/logtape$/;

/** Each file belongs to the first room that it fits. */
export const ROOMS: readonly Room[] = [
  { name: "ffi", files: /^ffi\//, imports: [], packages: [/^bun:ffi$/] },
  { name: "core", files: CORE, imports: [], packages: [] },
  { name: "av", files: /^src\/av\//, imports: [CORE, FFI_DOOR], packages: [] },
  {
    name: "the main thread's side",
    files: MAIN_SIDE,
    imports: [CORE, FFI_ADDRESSES],
    packages: [NODE],
  },
  {
    name: "worker",
    files: /^src\/worker\//,
    imports: [/^src\/av\//, CORE, FFI_DOOR, RUNTIME],
    packages: [NODE],
  },
  { name: "runtime", files: RUNTIME, imports: [], packages: [NODE] },
  { name: "cli", files: /^src\/cli\//, imports: [DOOR, RUNTIME], packages: [NODE, OURSELVES] },
  { name: "view", files: /^src\/view\//, imports: [DOOR, RUNTIME], packages: [OURSELVES] },
  { name: "public classes", files: PUBLIC, imports: [MAIN_SIDE, CORE], packages: [LOGTAPE] },
  { name: "door", files: DOOR, imports: [PUBLIC, CORE], packages: [] },
  ...["examples", "bench", "test/rtsp"].map((folder): Room => ({
    name: folder,
    files: new RegExp(`^${folder}/`),
    imports: [DOOR, RUNTIME, SUPPORT],
    packages: [NODE, ASSERT, OURSELVES, ...(folder === "examples" ? [LOGTAPE] : [])],
  })),
];

/** A package that only one file of `src/` may import, whichever that is. */
export const SINGLE_PACKAGES: readonly RegExp[] = [LOGTAPE];

/** What the main thread never loads, by any way of imports. */
export const MAIN_THREAD_ROOTS: readonly RegExp[] = [DOOR, PUBLIC];
export const WORKER_ONLY =
  /^(ffi\/(mod|load|loaded_file|locate|releases|refusal|survey|selftest|canary|format_canary|codec_canary)\.ts$|ffi\/(symbols|layouts)\/|src\/av\/)/;

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
    name: "a runtime is named only in ffi/backend_* and src/runtime",
    allowed: [/^ffi\/backend_\w+\.ts$/, RUNTIME],
    words: [
      /(?<![.\w])(?:Deno|Bun)(?:\?\.|!?\.(?=\w)|\[)/,
      /\bglobalThis\s*(?:\?\.|\.)\s*(?:Deno|Bun)\b/,
      /["'`]bun:\w+["'`]/,
    ],
  },
  {
    name: "a module with a computed name is loaded only in ffi/backend_* and src/runtime",
    // Peers are measured where they are installed, which is outside of the project.
    allowed: [/^ffi\/backend_\w+\.ts$/, RUNTIME, /^bench\//],
    words: [/\bimport\(\s*(?!["'])/],
  },
  {
    name: "a library's major is compared only in ffi/{releases,load,symbols,layouts}",
    allowed: [/^ffi\/(releases|load)\.ts$/, /^ffi\/(symbols|layouts)\//],
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
];
