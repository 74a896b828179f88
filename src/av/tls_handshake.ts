/**
 * A TLS connection that is made only to see whether it can be.
 *
 * @module
 */

import { cString, type Libav, PointerCell } from "../../ffi/mod.ts";
import { Dictionary } from "./dictionary.ts";
import { installInterrupter } from "./interrupter.ts";

const AVIO_FLAG_READ_WRITE = 3;

/**
 * Whether a server and libav agree on a connection, of which nothing is used.
 *
 * @param address host and port
 * @param stop begins with the stop byte
 */
export function shakesHands(
  libav: Libav,
  address: string,
  options: Readonly<Record<string, string>>,
  stop: Uint8Array,
): boolean {
  const { symbols, backend, layout: { AVFormatContext } } = libav;
  // It is there for its interrupt callback.
  const context = symbols.avformat_alloc_context();
  if (context === null) return false;
  installInterrupter(libav, context, stop);
  const connection = new PointerCell(backend);
  using dictionary = new Dictionary(libav, { protocol_whitelist: "tls,tcp", ...options });
  try {
    const code = symbols.avio_open2(
      backend.pointerOf(connection.buffer),
      cString(`tls://${address}`),
      AVIO_FLAG_READ_WRITE,
      backend.offset(context, AVFormatContext.interrupt_callback),
      dictionary.reference,
    );
    if (code >= 0) symbols.avio_closep(backend.pointerOf(connection.buffer));
    return code >= 0;
  } finally {
    symbols.avformat_free_context(context);
  }
}
