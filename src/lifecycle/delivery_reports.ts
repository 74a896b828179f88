/**
 * What a connection reports about its frames, as events and log lines.
 *
 * @module
 */

import type { Logger } from "../core/connection/logger.ts";
import type { StreamStatus } from "../core/connection/states.ts";
import { now } from "../core/timing/clock.ts";
import type { AttemptEvents } from "./connector.ts";

/** An event without its time. */
export type Event<S = StreamStatus> = S extends StreamStatus ? Omit<S, "time"> : never;

/**
 * @param name of the stream, as the log calls it
 * @param emit takes the events
 */
export function deliveryReports(
  name: string,
  log: Logger,
  emit: (event: Event) => void,
): Pick<AttemptEvents, "onFormatChange" | "onWaiting" | "onDropped"> {
  return {
    onFormatChange(codec, width, height) {
      log.info(`${name}: the size of the frames is ${width}x${height} now`);
      emit({ type: "format-change", codec, width, height });
    },
    onWaiting(waiting, since) {
      const waited = Math.round(now() - since);
      if (waiting === undefined) {
        log.info(`${name}: frames are delivered, after a wait of ${waited} ms`);
        emit({ type: "resumed", waited });
        return;
      }
      const what = waiting === "buffer"
        ? "every frame buffer is in use"
        : waiting === "clock"
        ? "the times in the stream stand still"
        : `waiting for ${waiting === "undamaged frame" ? "an" : "a"} ${waiting}`;
      log.warn(`${name}: data arrives, and no frame was delivered for ${waited} ms: ${what}`);
      emit({ type: "waiting", waiting, waited });
    },
    onDropped(count, cause) {
      const frames = count === 1 ? "1 frame was" : `${count} frames were`;
      log.info(`${name}: ${frames} not delivered: ${cause}`);
    },
  };
}
