/** This package. Arguments: URL SECONDS next|read OPTIONS (JSON of VideoStreamOptions). */
import process from "node:process";
import { type Frame, VideoStream, type VideoStreamOptions } from "../../mod.ts";
import { untilNextLook } from "./consumer.ts";
import { Sampler } from "./sampler.ts";

const [url, seconds, mode, json = "{}"] = process.argv.slice(2);
const options: VideoStreamOptions = JSON.parse(json);
// The libraries are there when the clock starts, as the other readers' are after their imports.
await new VideoStream("no-such-file.mp4").start().ready.catch(() => {});
const sampler = new Sampler(Number(seconds));
await using stream = new VideoStream(url!, options).start();

if (mode === "next") {
  while (take(await stream.next()));
} else {
  await stream.ready;
  for (let frame = stream.read(); frame === null || take(frame); frame = stream.read()) {
    await untilNextLook();
  }
}
sampler.print("this package", `libav ${JSON.stringify(stream.stats().libav)}`);

function take({ data, width, channels }: Frame): boolean {
  return sampler.take({ data, width, channels });
}
