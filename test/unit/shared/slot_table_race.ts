/** What both threads of the race over the slots know. */

/** How the writing thread behaves. */
export type WriterMode =
  /** As on a live stream: a free slot, else the oldest unread frame gives way. */
  | "live"
  /** As on a file: waits for a free slot. */
  | "lossless"
  /** Broken on purpose: publishes a slot before its bytes are there. */
  | "publish-first";

export interface WriterOrder {
  readonly mode: WriterMode;
  readonly slots: number;
  /** Control words and slots. */
  readonly memory: SharedArrayBuffer;
  /** The bytes of all slots, `SLOT_BYTES` each. */
  readonly payload: SharedArrayBuffer;
  /** How many frames are written; the stop byte ends it before. */
  readonly frames: number;
}

export const SLOT_BYTES = 512;

/** Every byte of a frame; 251 is a prime, so that slots and values do not go in step. */
export function byteOf(index: number): number {
  return index % 251;
}
