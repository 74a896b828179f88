/**
 * How FFmpeg's libraries are called, per operating system.
 *
 * @module
 */

import type { Platform } from "../backend/types.ts";
import type { LibraryName } from "../symbols/mod.ts";

/** The file name that carries the major version, which is the ABI. */
export function libraryFile(
  library: LibraryName,
  major: number,
  os: Platform["os"],
): string {
  if (os === "windows") return `${library}-${major}.dll`;
  if (os === "darwin") return `lib${library}.${major}.dylib`;
  return `lib${library}.so.${major}`;
}

/** A directory and a file name joined in the system's way. */
export function libraryPath(directory: string, file: string, os: Platform["os"]): string {
  if (directory === "") return file;
  const separator = os === "windows" ? "\\" : "/";
  return directory.endsWith(separator) ? directory + file : directory + separator + file;
}
