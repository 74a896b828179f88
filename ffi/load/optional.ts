/**
 * Loads the functions that not all releases have.
 *
 * @module
 */

import type { FfiBackend, NativeFunctions } from "../backend/types.ts";
import type { LibraryName } from "../symbols/mod.ts";
import { OPTIONAL, type OptionalSymbols } from "../symbols/optional.ts";

/** @param paths the files of the libraries, which are loaded */
export function openOptional(
  backend: FfiBackend,
  paths: Readonly<Record<LibraryName, string>>,
): Partial<NativeFunctions<OptionalSymbols>> {
  const found: Record<string, unknown> = {};
  for (const [library, table] of Object.entries(OPTIONAL)) {
    for (const [name, prototype] of Object.entries(table)) {
      try {
        const { symbols } = backend.open(paths[library as LibraryName], { [name]: prototype });
        found[name] = symbols[name];
      } catch {
        // This release has it not.
      }
    }
  }
  return found as Partial<NativeFunctions<OptionalSymbols>>;
}
