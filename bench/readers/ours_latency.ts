/** This package. Arguments: URL SECONDS next|read OPTIONS (JSON of VideoStreamOptions). */
import process from "node:process";
import { type Frame, VideoStream, type VideoStreamOptions } from "../../mod.ts";
import { Sampler } from "./sampler.ts";

/** Milliseconds between the reads of the mode `read`. */
const PAUSE = 200;

const [url, seconds, mode, json = "{}"] = process.argv.slice(2);
const options: VideoStreamOptions = JSON.parse(json);
const sampler = new Sampler(Number(seconds));
await using stream = new VideoStream(url, options).start();

if (mode === "next") {
  while (take(await stream.next()));
} else {
  await stream.ready;
  for (let frame = stream.read(); frame === null || take(frame); frame = stream.read()) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}
const libav = stream.stats().libav;
sampler.print("this package", typeof libav === "string" ? libav : JSON.stringify(libav));

function take({ data, width, channels }: Frame): boolean {
  return sampler.take({ data, width, channels });
}
