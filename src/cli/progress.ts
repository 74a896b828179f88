/**
 * What the demo prints of a stream: a line a second, and a line for each event.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { StreamError, VideoStream } from "../../mod.ts";

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function line(stream: VideoStream): string {
  const frame = stream.read();
  const { fps } = stream.stats();
  return [
    stream.state.padEnd(12),
    frame ? `${frame.width}x${frame.height}` : "no frame",
    `${(fps ?? 0).toFixed(1)} fps`,
    frame ? `frame ${frame.index}, ${Math.round(frame.age)} ms old` : "",
    counted(stream.reconnectCount, "reconnect"),
  ].filter((part) => part !== "").join("   ");
}

/** Prints a line a second until the stream is over or the signal is aborted. */
export async function report(stream: VideoStream, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && stream.state !== "failed" && stream.state !== "stopped") {
    console.log(line(stream));
    await sleep(1_000, undefined, { signal }).catch(() => {});
  }
}

/** Prints a line for each event, until the stream is over. */
export async function follow(stream: VideoStream): Promise<void> {
  let lost: StreamError | undefined;
  for await (const event of stream.status()) {
    switch (event.type) {
      case "connected":
        console.log(`-- connected: ${event.codec} ${event.width}x${event.height}`);
        break;
      case "disconnected":
        lost = event.error;
        console.log(`-- lost: ${lost.message}`);
        break;
      case "reconnecting": {
        const next = `next attempt in ${event.delay / 1_000} s`;
        // A loss has been printed before.
        console.log(event.error === lost ? `-- ${next}` : `-- ${event.error.message}; ${next}`);
        break;
      }
      case "waiting":
        console.log(`-- data arrives and no frame yet: waiting for ${event.waiting}`);
        break;
      case "failed":
        console.log(`-- given up: ${event.error.message}`);
        break;
      case "stopped":
        console.log(event.reason === "end" ? "-- ended" : "-- stopped");
        break;
    }
  }
}

/** The next connection; not waited for when the stream is over or the signal is aborted. */
export async function connection(stream: VideoStream, signal: AbortSignal): Promise<void> {
  const events = stream.status();
  const end = () => void events.return?.();
  signal.addEventListener("abort", end, { once: true });
  for await (const event of events) {
    if (event.type === "connected") break;
  }
  signal.removeEventListener("abort", end);
}

/** The last line. */
export function summary(stream: VideoStream): string {
  const { decoded, reconnects } = stream.stats();
  return `${counted(decoded, "frame")} decoded, ${counted(reconnects, "reconnect")}`;
}
