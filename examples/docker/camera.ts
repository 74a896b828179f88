/**
 * Prints a line a second about the newest frame of a camera, until the container is stopped.
 *
 *     docker run --rm --env CAMERA=rtsp://camera-ip/stream camera
 */
import { VideoStream } from "@x/rtsp-stream";
import process from "node:process";

const url = process.env.CAMERA;
if (!url) {
  console.error("CAMERA is not set: docker run --env CAMERA=rtsp://camera-ip/stream …");
  process.exit(2);
}

// The system gives the first process of a container no signal that it does not listen to.
const stopped = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopped.abort());

await using stream = new VideoStream(url, {
  maxFps: 1,
  logger: console,
  signal: stopped.signal,
}).start();

for await (const frame of stream) {
  const [red, green, blue] = frame.data;
  console.log(
    `frame ${frame.index}: ${frame.width}x${frame.height}, ${frame.age.toFixed(1)} ms old, ` +
      `first pixel ${red} ${green} ${blue}`,
  );
}
console.log("stopped");
