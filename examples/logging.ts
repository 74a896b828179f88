/**
 * The library is silent until LogTape is configured, or a logger is given:
 * `console` and loggers of @std/log will do.
 *
 *     deno run -A examples/logging.ts rtsp://camera-ip/stream
 */
import { configure, getConsoleSink } from "@logtape/logtape";
import { VideoStream } from "@x/rtsp-stream";
import process from "node:process";

const url = process.argv[2] ?? "rtsp://camera-ip/stream";

await configure({
  sinks: { console: getConsoleSink() },
  loggers: [
    { category: ["rtsp-stream"], lowestLevel: "debug", sinks: ["console"] },
    { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["console"] },
  ],
});

await using stream = new VideoStream(url, { name: "front door" }).start();
const frame = await stream.next({ timeout: 10_000 });
console.log(`got frame ${frame.index}`);

await using other = new VideoStream(url, { name: "the same again", logger: console }).start();
await other.ready;
