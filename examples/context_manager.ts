/**
 * `await using` stops the stream however the block is left; the loop gets every
 * frame at most once, always the newest there is.
 *
 *     deno run -A examples/context_manager.ts rtsp://camera-ip/stream 50
 */
import { VideoStream } from "@x/rtsp-stream";
import process from "node:process";

const url = process.argv[2] ?? "rtsp://camera-ip/stream";
const wanted = Number(process.argv[3] ?? 50);

{
  await using stream = new VideoStream(url, { format: "gray8", width: 320 }).start();
  let count = 0;
  for await (const frame of stream) {
    const brightness = frame.data.reduce((sum, value) => sum + value, 0) / frame.data.length;
    console.log(`frame ${frame.index}: brightness ${brightness.toFixed(1)}`);
    if (++count === wanted) break;
  }
  const { dropped } = stream.stats();
  console.log(`${count} frames, ${dropped.unread} came too fast for this loop`);
}
console.log("the stream is closed");
