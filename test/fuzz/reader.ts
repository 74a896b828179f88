/**
 * Reads what it is told to by lines on its standard input, `{"id": 7, "url": "…"}`, one after the
 * other, and says before each which it is and after it how it ended. When it says nothing more, it
 * has crashed; a stream that does not end is a hang.
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { StreamError, VideoStream } from "../../mod.ts";
import type { Case, Outcome } from "./cases.ts";

const FRAMES = 20;
const LIVES_FOR_MS = 3_000;
/** Far above all deadlines that the streams have. */
const HANGS_AFTER_MS = 15_000;

function say(line: object): void {
  console.log(JSON.stringify(line));
}

async function read(stream: VideoStream): Promise<Outcome> {
  let frames = 0;
  try {
    for await (const { data } of stream.frames({ signal: AbortSignal.timeout(LIVES_FOR_MS) })) {
      // Memory that is not there is noticed only when it is looked at.
      if (data[0]! + data[data.length - 1]! < 0 || ++frames === FRAMES) break;
    }
    return { how: "frames", frames };
  } catch (error) {
    if (error instanceof StreamError) return { how: error.code, frames };
    return { how: "unexpected", frames, text: String(error) };
  }
}

async function run({ url }: Case): Promise<Outcome> {
  const stream = new VideoStream(url, {
    reconnect: { maxAttempts: 0 },
    openTimeout: 2_000,
    readTimeout: 1_000,
    stallTimeout: 1_000,
    keyframeTimeout: 2_000,
    transport: url.startsWith("rtsp:") ? "tcp" : undefined,
    format: "gray8",
  });
  const outcome = await read(stream);
  await stream.stop();
  return outcome;
}

for await (const line of createInterface({ input: process.stdin })) {
  const one: Case = JSON.parse(line);
  say({ begin: one.id });
  const { promise: hang, resolve } = Promise.withResolvers<Outcome>();
  const timer = setTimeout(() => resolve({ how: "hang", frames: 0 }), HANGS_AFTER_MS);
  const outcome = await Promise.race([run(one), hang]);
  clearTimeout(timer);
  say({ end: one.id, ...outcome });
}
