/**
 * The whole job: read a camera, hand each picture to a model, send what the model
 * found to a server. Ends with Ctrl-C.
 *
 *     deno run -A examples/process_and_publish.ts rtsp://camera-ip/stream rtmp://server/live/key
 *     bun examples/process_and_publish.ts rtsp://camera-ip/stream rtmp://server/live/key
 */
import { type Frame, type Rect, VideoStream, VideoWriter } from "@x/rtsp-stream";
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

/**
 * Stands for a real one, which would look at the picture; it may be a Promise. With a small
 * picture for the model and a large one to draw on, `frame.transform.boxToSource(box)` gives
 * the box in the pixels of the camera.
 */
function model({ width, height }: Frame): Rect {
  return { x: width / 4, y: height / 4, width: width / 2, height: height / 2 };
}

/** A green frame around the box; what is outside becomes grey. */
function show({ data, width, height }: Frame, box: Rect): void {
  const [right, bottom] = [box.x + box.width, box.y + box.height];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const depth = Math.min(x - box.x, right - x, y - box.y, bottom - y);
      if (depth < 0) data.fill(data[at + 1]!, at, at + 3);
      else if (depth < BORDER) data.set(GREEN, at);
    }
  }
}
