/**
 * Which of a user's options has a value that libav does not take: its own answer is one number for
 * all of them, and for much else.
 *
 * @module
 */

import {
  averrorName,
  cString,
  type Libav,
  nativeBytes,
  type Pointer,
  PointerCell,
} from "../../ffi/mod.ts";
import { CallError, type Explanation, SessionError } from "./check.ts";
import { Dictionary } from "./dictionary.ts";
import { installInterrupter } from "./interrupter.ts";

type Options = Readonly<Record<string, string>>;

const AV_OPT_SEARCH_CHILDREN = 1;
const AVIO_FLAG_WRITE = 2;
/** What libav says of a value. */
const REFUSALS: ReadonlySet<string | undefined> = new Set(["EINVAL", "ERANGE"]);
/** Their values are right, but may not allow what is to be opened. */
const LISTS: ReadonlySet<string> = new Set([
  ...["protocol_whitelist", "protocol_blacklist", "format_whitelist", "codec_whitelist"],
]);

/** Whether it may be the value of an option. */
export function mayBeValue({ detail }: CallError): boolean {
  return REFUSALS.has(detail);
}

/**
 * The error, or the one for an option whose value is wrong.
 *
 * @param wrongValue its name; asked if the error may be that
 */
export function orValueRefused(error: unknown, wrongValue: () => string | undefined): unknown {
  const name = error instanceof CallError && mayBeValue(error) ? wrongValue() : undefined;
  return name === undefined ? error : valueRefused(name);
}

/** What EINVAL means where the program itself has given a list. */
export function notOnList(options: Options): Explanation | undefined {
  const list = Object.keys(options).find((name) => LISTS.has(name));
  if (list === undefined) return undefined;
  return { code: "PROTOCOL_BLOCKED", reason: `the native option ${list} does not allow it` };
}

/** The error for an option whose value is wrong; the value may be a secret. */
export function valueRefused(name: string): SessionError {
  const reason = `libav does not take the value of the option ${name}`;
  return new SessionError("open", "OPTION_UNKNOWN", reason);
}

/**
 * Asks a context, or what is inside it.
 *
 * @param context that is not used after this
 */
export function wrongValueIn(libav: Libav, context: Pointer, options: Options): string | undefined {
  return named(libav, options, (name, value) => {
    return libav.symbols.av_opt_set(context, cString(name), cString(value), AV_OPT_SEARCH_CHILDREN);
  });
}

/**
 * Has an input opened once more for each option, but at no server, and interrupted at once.
 *
 * @param demuxer the one that was found
 */
export function wrongInputValue(
  libav: Libav,
  url: string,
  demuxer: string | undefined,
  options: Options,
): string | undefined {
  const { symbols } = libav;
  const open = (place: string, format: Pointer | null, one: Options): number => {
    const context = symbols.avformat_alloc_context();
    if (context === null) return 0;
    const stop = stopped();
    installInterrupter(libav, context, stop);
    const cell = libav.ownedCell("avformat_close_input", context);
    using dictionary = new Dictionary(libav, one);
    const code = symbols.avformat_open_input(
      cell.buffer,
      cString(place),
      format,
      dictionary.reference,
    );
    if (code >= 0) symbols.avformat_close_input(cell.buffer);
    cell.release();
    return code;
  };
  const ask = (place: string, format: Pointer | null) => {
    // What fails without any option is not the fault of one.
    if (isRefusal(libav, open(place, format, {}))) return undefined;
    return named(libav, options, (name, value) => open(place, format, { [name]: value }));
  };
  const format = demuxer === undefined ? null : symbols.av_find_input_format(cString(demuxer));
  return ask(nowhere(libav, url), null) ?? (format && ask(emptyFile(libav), format) || undefined);
}

/** The same for the protocol of an output. */
export function wrongOutputValue(libav: Libav, url: string, options: Options): string | undefined {
  const { symbols, backend, layout: { AVFormatContext } } = libav;
  const open = (one: Options): number => {
    const context = symbols.avformat_alloc_context();
    if (context === null) return 0;
    const stop = stopped();
    installInterrupter(libav, context, stop);
    const connection = new PointerCell(backend);
    using dictionary = new Dictionary(libav, one);
    try {
      const code = symbols.avio_open2(
        backend.pointerOf(connection.buffer),
        cString(nowhere(libav, url)),
        AVIO_FLAG_WRITE,
        backend.offset(context, AVFormatContext.interrupt_callback),
        dictionary.reference,
      );
      if (code >= 0) symbols.avio_closep(backend.pointerOf(connection.buffer));
      return code;
    } finally {
      symbols.avformat_free_context(context);
    }
  };
  if (isRefusal(libav, open({}))) return undefined;
  return named(libav, options, (name, value) => open({ [name]: value }));
}

function named(
  libav: Libav,
  options: Options,
  code: (name: string, value: string) => number,
): string | undefined {
  return Object.entries(options).find(([name, value]) => {
    return !LISTS.has(name) && isRefusal(libav, code(name, value));
  })?.[0];
}

function isRefusal(libav: Libav, code: number): boolean {
  return code < 0 && REFUSALS.has(averrorName(code, libav.backend.platform.os));
}

/** The stop byte of what is not to go on. */
function stopped(): Uint8Array {
  const bytes = nativeBytes(2);
  bytes[0] = 1;
  return bytes;
}

/** The URL with an address at which nothing is; a file is one that has nothing in it. */
function nowhere(libav: Libav, url: string): string {
  return url.startsWith("file:")
    ? emptyFile(libav)
    : url.replace(/^(\w+:\/\/)[^/?#]*/, (_, scheme: string) => `${scheme}127.0.0.1:1`);
}

function emptyFile({ backend }: Libav): string {
  return backend.platform.os === "windows" ? "file:NUL" : "file:/dev/null";
}
