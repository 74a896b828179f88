/**
 * The newest picture of a camera as a JPEG or PNG file.
 *
 *     deno run -A examples/snapshot.ts rtsp://camera-ip/stream picture.png
 */
import { VideoStream } from "@x/rtsp-stream";
import { writeFile } from "node:fs/promises";
import process from "node:process";

const url = process.argv[2] ?? "rtsp://camera-ip/stream";
const path = process.argv[3] ?? "snapshot.jpg";

await using stream = new VideoStream(url, { reconnect: { maxAttempts: 0 } }).start();
await stream.ready;
const type = path.endsWith(".png") ? "image/png" : "image/jpeg";
const bytes = await stream.snapshot({ type, quality: 90 });
await writeFile(path, bytes);
console.log(`${path}: ${stream.frameWidth}x${stream.frameHeight}, ${bytes.length} bytes`);
