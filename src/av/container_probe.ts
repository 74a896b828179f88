/**
 * What libav takes the data at a URL for.
 *
 * @module
 */

import { cString, type Libav, type Pointer, PointerCell } from "../../ffi/mod.ts";
import { Dictionary } from "./dictionary.ts";
import type { InputRequest } from "./input.ts";
import { InputBytes } from "./input_bytes.ts";
import { installInterrupter } from "./interrupter.ts";

const AVIO_FLAG_READ = 1;

/** `AV_OPT_SEARCH_CHILDREN`. */
const SEARCH_CHILDREN = 1;

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
  const { symbols, backend, memory, layout: { AVFormatContext, AVInputFormat } } = libav;
  const context = symbols.avformat_alloc_context();
  if (context === null) return undefined;
  const io = backend.offset(context, AVFormatContext.pb);
  const interrupt = backend.offset(context, AVFormatContext.interrupt_callback);
  installInterrupter(libav, context, stop);
  using options = new Dictionary(libav, { ...optional, ...required });
  try {
    const opened = symbols.avio_open2(
      io,
      cString(url),
      AVIO_FLAG_READ,
      interrupt,
      options.reference,
    );
    const data = opened < 0 ? null : memory.readPointer(context, AVFormatContext.pb);
    if (data === null) return undefined;
    const contentType = contentTypeOf(libav, data);
    const empty = new InputBytes(libav, data).peek(1).length === 0;
    const cell = new PointerCell(backend);
    const name = cString(named ? url : "");
    const score = symbols.av_probe_input_buffer2(data, cell.buffer, name, null, 0, 0);
    const found = score < 0 ? null : cell.value;
    const text = found && memory.readString(memory.readPointer(found, AVInputFormat.name));
    return { demuxer: text ?? undefined, contentType, empty };
  } finally {
    symbols.avio_closep(io);
    symbols.avformat_free_context(context);
  }
}

/** @param data an AVIOContext */
function contentTypeOf({ symbols, backend, memory }: Libav, data: Pointer): string {
  const cell = new PointerCell(backend);
  const code = symbols.av_opt_get(data, cString("mime_type"), SEARCH_CHILDREN, cell.buffer);
  const text = cell.value;
  if (code < 0 || text === null) return "";
  try {
    return memory.readString(text) ?? "";
  } finally {
    symbols.av_free(text);
  }
}
