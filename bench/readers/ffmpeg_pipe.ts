/** An ffmpeg child process with rgb24 through a pipe. Arguments: URL SECONDS WIDTH HEIGHT OPTION… */
import { spawn } from "node:child_process";
import process from "node:process";
import { Sampler } from "./sampler.ts";

const [url, seconds, width, height, ...options] = process.argv.slice(2);
const size = Number(width) * Number(height) * 3;
const data = new Uint8Array(size);
const sampler = new Sampler(Number(seconds));
const child = spawn("ffmpeg", [
  ...["-v", "quiet", "-nostdin", "-rtsp_transport", "tcp", ...options, "-i", url!],
  ...["-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
], { stdio: ["ignore", "pipe", "inherit"] });

let filled = 0;
for await (const chunk of child.stdout) {
  if (!collect(chunk)) break;
}
child.kill("SIGKILL");
sampler.print("ffmpeg pipe", "");

/** Fills the picture; false when the reader shall end. */
function collect(chunk: Uint8Array): boolean {
  for (let at = 0; at < chunk.length;) {
    const part = chunk.subarray(at, at + size - filled);
    data.set(part, filled);
    at += part.length;
    filled += part.length;
    if (filled < size) continue;
    filled = 0;
    if (!sampler.take({ data, width: Number(width), channels: 3 })) return false;
  }
  return true;
}
