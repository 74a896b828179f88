/**
 * Whether libav can read a file that an option names.
 *
 * @module
 */

import { cString, type Libav, PointerCell } from "../../ffi/mod.ts";
import { Dictionary } from "./dictionary.ts";

const AVIO_FLAG_READ = 1;

/** Opens it and closes it again; libav needs no permission of the runtime for that. */
export function canRead(libav: Libav, path: string): boolean {
  const { symbols, backend } = libav;
  const file = new PointerCell(backend);
  using options = new Dictionary(libav, { protocol_whitelist: "file" });
  const address = backend.pointerOf(file.buffer);
  const url = cString(`file:${path}`);
  const code = symbols.avio_open2(address, url, AVIO_FLAG_READ, null, options.reference);
  if (code >= 0) symbols.avio_closep(address);
  return code >= 0;
}
