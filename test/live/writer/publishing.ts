/** Live pictures, and a player of them. */

import type { Frame, VideoStream } from "../../../mod.ts";
import { within } from "../../support/waiting.ts";
import { SMALL_RGB } from "../writing.ts";

/** A player that comes in mid-stream waits for the next keyframe. */
export const LIVE = { ...SMALL_RGB, gop: 10 } as const;

/** Looks at the next frames of a stream, while they are valid. */
export async function watch(
  stream: VideoStream,
  count: number,
  look: (frame: Frame) => void = () => {},
): Promise<void> {
  const read = async () => {
    let seen = 0;
    for await (const frame of stream) {
      look(frame);
      if (++seen === count) return;
    }
    throw new Error(`${stream.url} ended after ${seen} frames`);
  };
  await within(`${count} frames of ${stream.url}`, read());
}
