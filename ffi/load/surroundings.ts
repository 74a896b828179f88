/**
 * What the search for the libraries may ask of the system. An answer that the runtime has no
 * permission for is left out, and nobody is asked for it.
 *
 * @module
 */

import type { FfiBackend, Platform } from "../backend/types.ts";
import { runPathOf } from "./binary.ts";
import { withFileBytes } from "./file_bytes.ts";
import { findFile, type FoundFile } from "./file_kind.ts";

/** All answers may be missing. */
export interface Surroundings {
  readonly platform: Platform;
  /** An environment variable. */
  env(name: string): string | undefined;
  /** The text of a file. */
  text(path: string): string | undefined;
  /** The names in a directory. */
  names(directory: string): readonly string[];
  /** Where a path leads when all links are followed. */
  realPath(path: string): string | undefined;
  /** What is at a path; undefined where it cannot be told. */
  kind(path: string): "file" | "directory" | "nothing" | undefined;
  /** Whether a directory, by whatever name, is the one that the program was started in. */
  isWorkingDirectory(directory: string): boolean;
  /** Where a program looks for its libraries, before the system does. */
  runPath(program: string, directory: string): readonly string[];
}

export function surroundingsOf(backend: FfiBackend): Surroundings {
  const { platform } = backend;
  const working = findFile(backend, ".")?.identity;
  const canTell = working !== undefined;
  return {
    platform,
    env: (name) => backend.env(name),
    text: (path) => backend.fileText(path),
    names: (directory) => backend.fileNames(directory),
    realPath: (path) => backend.realPath(path),
    kind(path) {
      const found = findFile(backend, path);
      if (found) return isPlain(found.kind) ? found.kind : "nothing";
      if (canTell) return "nothing";
      return backend.realPath(path) === undefined ? undefined : "file";
    },
    isWorkingDirectory(directory) {
      if (canTell) return findFile(backend, directory)?.identity === working;
      const here = backend.realPath(".");
      const there = backend.realPath(directory) ?? directory;
      return here !== undefined && sameWindowsPath(here, there);
    },
    runPath: (program, directory) =>
      platform.os === "linux"
        ? withFileBytes(backend, program, (read) => runPathOf(read, directory))
        : [],
  };
}

/** A pipe would hold up whoever opens it. */
function isPlain(kind: FoundFile["kind"]): kind is "file" | "directory" {
  return kind === "file" || kind === "directory";
}

function sameWindowsPath(a: string, b: string): boolean {
  const [one, other] = [a, b].map((path) => path.toLowerCase().replace(/[\\/]+$/, ""));
  return one === other;
}
