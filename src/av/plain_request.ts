/**
 * One request to a server and its answer, by libav's own connections.
 *
 * @module
 */

import { cString, type Libav, nativeBytes } from "../../ffi/mod.ts";
import { Dictionary } from "./dictionary.ts";
import { installInterrupter } from "./interrupter.ts";

const AVIO_FLAG_READ_WRITE = 3;
const PIECE = 16 * 1024;

export interface PlainRequest {
  /** `tcp://host:port` or `tls://host:port`. */
  readonly url: string;
  readonly text: string;
  readonly options: Readonly<Record<string, string>>;
  /** Whether no more of the answer is wanted than has come. */
  readonly isEnough: (answer: string) => boolean;
  /** Begins with the stop byte; see `installInterrupter`. */
  readonly stop: Uint8Array;
}

/** What came of the answer, a byte a character; empty when there is none. */
export function answerTo(
  libav: Libav,
  { url, text, options, isEnough, stop }: PlainRequest,
): string {
  const { symbols, backend, memory, layout: { AVFormatContext: at } } = libav;
  const context = symbols.avformat_alloc_context();
  if (context === null) return "";
  installInterrupter(libav, context, stop);
  const io = backend.offset(context, at.pb);
  const interrupt = backend.offset(context, at.interrupt_callback);
  using dictionary = new Dictionary(libav, options);
  try {
    const opened = symbols.avio_open2(
      io,
      cString(url),
      AVIO_FLAG_READ_WRITE,
      interrupt,
      dictionary.reference,
    );
    const server = opened < 0 ? null : memory.readPointer(context, at.pb);
    if (server === null) return "";
    const request = cString(text);
    symbols.avio_write(server, request, request.length - 1);
    symbols.avio_flush(server);
    const bytes = nativeBytes(PIECE);
    let answer = "";
    while (!isEnough(answer)) {
      const count = symbols.avio_read_partial(server, bytes, bytes.length);
      if (count <= 0) break;
      answer += new TextDecoder("latin1").decode(bytes.subarray(0, count));
    }
    return answer;
  } finally {
    symbols.avio_closep(io);
    symbols.avformat_free_context(context);
  }
}
