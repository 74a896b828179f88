/**
 * Reconnection with back-off, and callbacks that tell about it: 0.5, 1, 2, 4, 4 …
 * seconds between attempts, ten in a row at most.
 *
 *     deno run -A examples/reconnect.ts rtsp://camera-ip/stream
 */
import { StreamError, VideoStream } from "@x/rtsp-stream";
import process from "node:process";

const url = process.argv[2] ?? "rtsp://camera-ip/stream";
const maxAttempts = Number(process.argv[3] ?? 10);

await using stream = new VideoStream(url, {
  reconnect: { delay: 500, backoff: 2, maxDelay: 4_000, maxAttempts, jitter: 0.1 },
  readTimeout: 5_000,
  onConnect: () => console.log("connected"),
  onDisconnect: (error) => console.log(`lost (${error.code}): ${error.message}`),
  onReconnectFailure: (error) => console.log(`given up (${error.code})`),
}).start();

try {
  for await (const frame of stream) {
    if (frame.index % 100 === 0) {
      console.log(`connection ${frame.connection}, frame ${frame.index}`);
    }
  }
} catch (error) {
  if (!(error instanceof StreamError)) throw error;
  console.log(`${error.message} after ${stream.reconnectCount} reconnects`);
}
