/**
 * The newest frame, as often as the program wants one.
 *
 *     deno run -A examples/quick_start.ts rtsp://camera-ip/stream
 *     bun examples/quick_start.ts rtsp://camera-ip/stream
 */
import { VideoStream } from "@x/rtsp-stream";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

const url = process.argv[2] ?? "rtsp://camera-ip/stream";

const stream = new VideoStream(url).start();
await stream.ready;
console.log(`${stream.frameWidth}x${stream.frameHeight}, ${stream.fps} fps, ${stream.codec}`);

for (let i = 0; i < 5; i++) {
  const frame = stream.read();
  if (frame) {
    const [red, green, blue] = frame.data;
    console.log(
      `frame ${frame.index}: ${frame.age.toFixed(1)} ms old, first pixel ${red} ${green} ${blue}`,
    );
  }
  await sleep(200);
}

await stream.stop();
