/**
 * A file, frame by frame: none is lost, however slow the loop is.
 *
 *     deno run -A examples/read_file.ts video.mp4
 */
import { VideoStream } from "@x/rtsp-stream";
import process from "node:process";

const path = process.argv[2] ?? "video.mp4";

await using stream = new VideoStream(path, { format: "rgb24" }).start();
let count = 0;
let last: number | undefined;
for await (const frame of stream) {
  if (count === 0) console.log(`${frame.width}x${frame.height}, ${stream.codec}`);
  if (frame.keyframe) console.log(`keyframe ${frame.index} at ${frame.pts?.toFixed(3)} s`);
  count++;
  last = frame.pts;
}
console.log(`${count} frames, the last one at ${last?.toFixed(3)} s`);
