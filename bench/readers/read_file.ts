/** Reads a file to its end, as a whole process to be timed. */
import { VideoStream } from "../../mod.ts";
import process from "node:process";

await using stream = new VideoStream(process.argv[2]!).start();
let frames = 0;
let bytes = 0;
for await (const frame of stream) {
  frames++;
  bytes += frame.data.length;
}
console.log(JSON.stringify({ frames, bytes }));
