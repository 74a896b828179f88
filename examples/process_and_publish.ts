/**
 * The whole job: read a camera, hand each picture to a model, send what the model
 * found to a server. Ends with Ctrl-C.
 *
 *     deno run -A examples/process_and_publish.ts rtsp://camera-ip/stream rtmp://server/live/key
 *     bun examples/process_and_publish.ts rtsp://camera-ip/stream rtmp://server/live/key
 */
import { type Frame, VideoStream, VideoWriter } from "@x/rtsp-stream";
import process from "node:process";

const input = process.argv[2] ?? "rtsp://camera-ip/stream";
const output = process.argv[3] ?? "rtmp://server/live/key";
const GREEN = [0, 255, 0];
const BORDER = 4;

const interrupted = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.once(name, () => interrupted.abort());
}

await using stream = new VideoStream(input);
await using writer = new VideoWriter(output);
let age = 0;
const timer = setInterval(() => {
  const { written, dropped } = writer.stats();
  const lost = dropped.replaced + dropped.refused + dropped.lost;
  console.log(`${written} frames written, ${lost} dropped, the last one ${age.toFixed(1)} ms old`);
}, 1_000);

await stream.pipeTo(writer, (frame) => {
  show(frame, model(frame));
  age = frame.age;
}, { signal: interrupted.signal });
clearInterval(timer);

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Stands for a real one, which would look at the picture; it may be a Promise. */
function model({ width, height }: Frame): Box {
  return { left: width / 4, top: height / 4, right: width * 3 / 4, bottom: height * 3 / 4 };
}

/** A green frame around the box; what is outside becomes grey. */
function show({ data, width, height }: Frame, box: Box): void {
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const depth = Math.min(x - box.left, box.right - x, y - box.top, box.bottom - y);
      if (depth < 0) data.fill(data[at + 1]!, at, at + 3);
      else if (depth < BORDER) data.set(GREEN, at);
    }
  }
}
