/**
 * Pictures that the program makes, into a file: a white bar on its way from left
 * to right.
 *
 *     deno run -A examples/write_file.ts video.mp4
 *     bun examples/write_file.ts video.mp4
 */
import { VideoWriter } from "@x/rtsp-stream";
import process from "node:process";

const path = process.argv[2] ?? "video.mp4";
const width = 640;
const height = 360;
const fps = 25;
const count = 100;
const bar = 40;

const writer = new VideoWriter(path, { width, height, fps, format: "rgb24" });
const picture = new Uint8Array(width * height * 3);
for (let index = 0; index < count; index++) {
  const left = Math.round(index / (count - 1) * (width - bar));
  picture.fill(0);
  for (let y = 0; y < height; y++) {
    const at = (y * width + left) * 3;
    picture.fill(255, at, at + bar * 3);
  }
  // The encoder sets the pace; the picture is copied, so it can be drawn on at once.
  await writer.drain();
  writer.write(picture);
}
await writer.close();
const { written, bytes, encoder } = writer.stats();
console.log(`${path}: ${written} frames, ${bytes} bytes, ${encoder}`);
