/** A system that exists only as a list of files and variables. */

import type { Platform } from "../../ffi/backend/types.ts";
import type { Surroundings } from "../../ffi/load/surroundings.ts";

export interface MadeUpSystem {
  readonly os: Platform["os"];
  readonly arch?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Absolute paths; their directories are there, too. */
  readonly files?: readonly string[];
  /** Where links lead: files, or directories at the beginning of a path. */
  readonly links?: Readonly<Record<string, string>>;
  /** What is written in text files. */
  readonly texts?: Readonly<Record<string, string>>;
  /** Where programs look for their libraries. */
  readonly runPaths?: Readonly<Record<string, readonly string[]>>;
  readonly workingDirectory?: string;
  /** The runtime may read no file: only what native code finds out is left. */
  readonly unreadable?: boolean;
}

export function madeUp(system: MadeUpSystem): Surroundings {
  const { os, arch = "x86_64", env = {}, links = {}, texts = {}, runPaths = {} } = system;
  const { workingDirectory = os === "windows" ? "D:\\project" : "/home/me/project" } = system;
  const separator = os === "windows" ? "\\" : "/";
  const readable = !system.unreadable;
  const files = [...system.files ?? [], ...Object.keys(texts)];
  const resolve = (path: string): string => {
    const link = Object.keys(links).find((one) => path === one || path.startsWith(one + separator));
    return link === undefined ? path : resolve(links[link] + path.slice(link.length));
  };
  const isDirectory = (path: string) => files.some((file) => file.startsWith(path + separator));
  const kind = (path: string) => {
    const real = resolve(path);
    return files.includes(real) ? "file" : isDirectory(real) ? "directory" : "nothing";
  };
  return {
    platform: { os, arch },
    env: (name) => env[name],
    text: (path) => readable ? texts[path] : undefined,
    names: (directory) => {
      const within = files.filter((file) => file.startsWith(directory + separator));
      const names = within.map((file) => file.slice(directory.length + 1).split(separator)[0]!);
      return readable ? [...new Set(names)] : [];
    },
    realPath: (path) => readable && kind(path) !== "nothing" ? resolve(path) : undefined,
    // On Windows no native function is asked for it.
    kind: (path) => os === "windows" && !readable ? undefined : kind(path),
    isWorkingDirectory: (directory) => resolve(directory) === resolve(workingDirectory),
    runPath: (program) => runPaths[program] ?? [],
  };
}
