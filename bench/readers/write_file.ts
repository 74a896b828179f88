/**
 * Writes raw rgb24 pictures into a video file, as a whole process to be timed.
 * Arguments: FILE TARGET WIDTH HEIGHT OPTIONS (JSON of VideoWriterOptions).
 */
import { closeSync, openSync, readSync } from "node:fs";
import process from "node:process";
import { VideoWriter, type VideoWriterOptions } from "../../mod.ts";

const [file, target, width, height, json] = process.argv.slice(2);
const size = { width: Number(width), height: Number(height) };
const options: VideoWriterOptions = { ...JSON.parse(json!), ...size, format: "rgb24" };
const picture = new Uint8Array(size.width * size.height * 3);
const input = openSync(file!, "r");
const writer = new VideoWriter(target!, options);
while (readSync(input, picture, 0, picture.length, null) === picture.length) {
  await writer.drain();
  writer.write(picture);
}
await writer.close();
closeSync(input);
console.log(JSON.stringify(writer.stats()));
