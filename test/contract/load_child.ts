/**
 * Loads FFmpeg's libraries as the environment says, and tells how that ended
 * as one line of JSON. The argument says what to do:
 *
 * - `open`: openLibav, twice
 * - `load`: loadRelease; `load JSON RELEASE`: with these changes of that release,
 *   newest first (`[{"majors": {"avutil": 58}}, {}]`; `{}` is the release as it is)
 * - `hidden`: the same as `load`, as if the libraries of this system were not installed;
 *   `half-hidden`: as if its loader did not find avformat
 * - `retry`: openLibav, and again without the override
 */

import { readFileSync } from "node:fs";
import process from "node:process";
import { LibavError, type LoadAttempt } from "../../ffi/backend/errors.ts";
import { loadBackend } from "../../ffi/backend/mod.ts";
import type { FfiBackend, SymbolTable } from "../../ffi/backend/types.ts";
import { DIRECTORY_VARIABLE } from "../../ffi/load/locate.ts";
import { loadRelease } from "../../ffi/load/mod.ts";
import { RELEASES } from "../../ffi/load/releases.ts";
import { openLibav } from "../../ffi/mod.ts";
import type { LibraryName } from "../../ffi/symbols/mod.ts";

export interface Failure {
  code: string;
  message: string;
  attempts: readonly LoadAttempt[];
}

export interface Outcome {
  release?: string | undefined;
  version?: string | undefined;
  paths?: Readonly<Record<LibraryName, string>> | undefined;
  missingFlag?: string | undefined;
  /** A second call gave the same object. */
  same?: boolean | undefined;
  /** Two calls at once gave the same object. */
  sameAtOnce?: boolean | undefined;
  failure?: Failure | undefined;
  /** Files of the working directory that were loaded; undefined where that may not be read. */
  stray?: readonly string[] | undefined;
  /** FFmpeg's files that were loaded, of any set; undefined where that may not be read. */
  loaded?: readonly string[] | undefined;
}

/** What lies in this process; undefined where that may not be read. */
function loadedFiles(): readonly string[] | undefined {
  let maps;
  try {
    maps = readFileSync("/proc/self/maps", "utf8").split("\n");
  } catch {
    return undefined;
  }
  return [...new Set(maps.map((line) => line.slice(line.indexOf("/"))))];
}

/** FFmpeg's libraries by their names, and those of the system's directories. */
const HIDDEN: Readonly<Record<string, RegExp>> = {
  hidden: /^(\/(usr\/(local\/)?)?lib\S*\/)?lib(av|sw)[a-z]+\.so/,
  "half-hidden": /^(\/(usr\/(local\/)?)?lib\S*\/lib(av|sw)[a-z]+|libavformat)\.so/,
};

/** A system without some libraries, as far as the search for them can tell. */
function without(hidden: RegExp, backend: FfiBackend): FfiBackend {
  return new Proxy(backend, {
    get(target, name) {
      if (name === "open") {
        return (path: string, table: SymbolTable) => {
          if (hidden.test(path)) {
            throw new Error(`${path} is hidden`);
          }
          return target.open(path, table);
        };
      }
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof LibavError)) throw error;
  const { code, message, attempts } = error;
  return { code, message, attempts };
}

function open(): Outcome {
  const [first, atOnce] = [openLibav(), openLibav()];
  const { release, version, paths, missingFlag } = first;
  const same = first === openLibav();
  return { release, version, paths, missingFlag, same, sameAtOnce: first === atOnce };
}

/** A release that is like another one, but for some versions. */
export interface Change {
  majors?: Partial<Record<LibraryName, number>> | undefined;
  minors?: Partial<Record<LibraryName, number>> | undefined;
}

function load(changes: readonly Change[], name: string): Outcome {
  const releases = RELEASES.filter((row) => row.name === name).flatMap((row) =>
    changes.map(({ majors, minors = row.minors }, i) => ({
      ...row,
      name: `${row.name}-${i}`,
      majors: { ...row.majors, ...majors },
      minors,
    }))
  );
  const backend = loadBackend();
  const { release, paths } = loadRelease(
    HIDDEN[order!] ? without(HIDDEN[order!]!, backend) : backend,
    releases.length ? releases : undefined,
  );
  return { release: release.name, paths };
}

function retry(): Outcome {
  let failure: Outcome["failure"];
  try {
    openLibav();
  } catch (error) {
    failure = failureOf(error);
  }
  delete process.env[DIRECTORY_VARIABLE];
  return { ...open(), failure };
}

const [order, changes = "[]", release = ""] = process.argv.slice(2);
let outcome: Outcome;
try {
  if (order === "open") outcome = open();
  else if (order === "retry") outcome = retry();
  else outcome = load(JSON.parse(changes), release);
} catch (error) {
  outcome = { failure: failureOf(error) };
}
const files = loadedFiles();
console.log(JSON.stringify({
  ...outcome,
  stray: files?.filter((file) => file.startsWith(`${process.cwd()}/`)),
  loaded: files?.filter((file) => /\/lib(av|sw)[a-z]+\.so/.test(file)),
}));
