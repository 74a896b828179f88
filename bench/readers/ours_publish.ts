/**
 * A camera's pictures, made grey, to a server; until it is killed. Arguments: URL TARGET
 * OPTIONS (JSON of VideoWriterOptions).
 */
import process from "node:process";
import { type Frame, VideoStream, VideoWriter, type VideoWriterOptions } from "../../mod.ts";

const [url, target, json] = process.argv.slice(2);
const options: VideoWriterOptions = JSON.parse(json!);
await using stream = new VideoStream(url!);
await stream.pipeTo(new VideoWriter(target!, options), makeGrey);

/** Green stands for grey, as in publish_recipe.py. */
function makeGrey({ data }: Frame): void {
  for (let at = 0; at < data.length; at += 3) data[at] = data[at + 2] = data[at + 1]!;
}
