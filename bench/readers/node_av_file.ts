/** Reads a file to its end with node-av, as a whole process to be timed. Arguments: FILE MODULE. */
import process from "node:process";
import type { NodeAv } from "./node_av_api.ts";

const [file, module] = process.argv.slice(2);
const av: NodeAv = await import(module!);
const input = await av.Demuxer.open(file!);
const stream = input.video();
const decoder = await av.Decoder.create(stream, { options: { threads: "1" } });
const scaler = new av.Scaler();
let frames = 0;
let bytes = 0;
for await (const frame of decoder.frames(input.packets(stream?.index ?? 0))) {
  if (frame === null) continue;
  bytes += (await scaler.toBuffer(frame, { format: "rgb" })).length;
  frame.free();
  frames++;
}
console.log(JSON.stringify({ frames, bytes }));
process.exit(0);
