/**
 * Frames from a reader to a writer.
 *
 * @module
 */

import type { Frame } from "../core/frame/frame.ts";
import { abortSignal, type FieldsOf, flag, resolve } from "../core/options/fields.ts";
import { checkFunction } from "../core/options/validate.ts";

/**
 * Processes each frame on its way to the writer. It may draw into `frame.data`, return
 * another Frame, or return the bytes of a frame of the same size and format. If it
 * returns undefined, the frame itself is written; if it returns null, the frame is left
 * out.
 */
export type Transform = (frame: Frame) => Transformed | Promise<Transformed>;

/** What a {@linkcode Transform} gives back. */
export type Transformed = Frame | Uint8Array | null | undefined | void;

/** Options of `VideoStream.pipeTo()`. */
export interface PipeOptions {
  /** Ends the pipe without an error. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether the writer is left open at the end.
   * @default false
   */
  readonly preventClose?: boolean | undefined;
}

const FIELDS = { signal: abortSignal, preventClose: flag(false) } satisfies FieldsOf<PipeOptions>;

/** What frames are piped to. */
export interface FrameSink {
  readonly queuePolicy: "drop-oldest" | "block";
  write(picture: Frame | Uint8Array): boolean;
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** Writes all frames until they end; see `VideoStream.pipeTo()`. */
export async function pipe(
  frames: (options: { signal: AbortSignal | undefined }) => AsyncIterable<Frame>,
  sink: FrameSink,
  transform: Transform | undefined,
  options: PipeOptions,
): Promise<void> {
  checkFunction("pipeTo.transform", transform);
  const { signal, preventClose } = resolve("pipeTo", options, FIELDS);
  try {
    for await (const frame of frames({ signal })) {
      const result = await transform?.(frame);
      if (result === null) continue;
      if (sink.queuePolicy === "block") await sink.drain();
      sink.write(result instanceof Uint8Array ? frame.with(result) : result ?? frame);
    }
  } catch (error) {
    // This is why the pipe ends; that the sink cannot be closed after it says less.
    if (!preventClose) await sink.close().catch(() => {});
    throw error;
  }
  if (!preventClose) await sink.close();
}
