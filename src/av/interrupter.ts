/**
 * Makes blocking libav calls end when a byte is set, from any thread.
 *
 * @module
 */

import type { Libav, Pointer } from "../../ffi/mod.ts";

/**
 * Sets `AVFormatContext.interrupt_callback` to libc's `strlen` of the stop byte:
 * libav calls it about every 100 ms while it waits, and gives up when the
 * result is not 0. No JavaScript runs in it, so any thread may call it.
 *
 * @param stop begins with the stop byte and a 0; the caller keeps it alive as
 * long as the context
 */
export function installInterrupter(libav: Libav, context: Pointer, stop: Uint8Array): void {
  const { memory, backend, strlen } = libav;
  const { interrupt_callback: at } = libav.layout.AVFormatContext;
  memory.writePointer(context, at, strlen);
  // AVIOInterruptCB { int (*callback)(void *); void *opaque; }
  memory.writePointer(context, at + 8, backend.pointerOf(stop));
}
