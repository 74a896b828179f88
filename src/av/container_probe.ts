/**
 * What libav takes the data at a URL for.
 *
 * @module
 */

import { cString, type Libav, PointerCell } from "../../ffi/mod.ts";
import type { InputRequest } from "./input.ts";
import { InputBytes } from "./input_bytes.ts";
import { OpenData } from "./open_data.ts";

/** What a look at the first bytes has shown. */
export interface ProbedContainer {
  /** libav's name of the demuxer; undefined when it cannot be told. */
  readonly demuxer: string | undefined;
  /** The Content-Type of HTTP; empty where there is none. */
  readonly contentType: string;
  /** There is nothing. */
  readonly empty: boolean;
}

/**
 * Opens the URL once more and looks at its first bytes.
 *
 * @param named whether its name counts too, as it does for libav
 * @returns undefined when it could not be opened
 */
export function probeContainer(
  libav: Libav,
  { url, optional, required, stop }: InputRequest,
  named: boolean,
): ProbedContainer | undefined {
  const { symbols, backend, memory, layout: { AVInputFormat } } = libav;
  try {
    using data = OpenData.open(libav, { url, options: { ...optional, ...required }, stop });
    const { contentType, pointer } = data;
    const empty = new InputBytes(libav, pointer).peek(1).length === 0;
    const cell = new PointerCell(backend);
    const name = cString(named ? url : "");
    const score = symbols.av_probe_input_buffer2(pointer, cell.buffer, name, null, 0, 0);
    const found = score < 0 ? null : cell.value;
    const text = found && memory.readString(memory.readPointer(found, AVInputFormat.name));
    return { demuxer: text ?? undefined, contentType, empty };
  } catch {
    return undefined;
  }
}
