/** The first frame in a fresh process. Arguments: URL MODULE, the latter that of this package. */
import process from "node:process";
import { pathToFileURL } from "node:url";

const [url, path] = process.argv.slice(2);
const begin = performance.now();
const { VideoStream }: typeof import("../../mod.ts") = await import(pathToFileURL(path!).href);
const importMs = performance.now() - begin;

const cpu = process.cpuUsage();
const start = performance.now();
const stream = new VideoStream(url!).start();
await stream.next();
const firstFrameMs = performance.now() - start;
const { user, system } = process.cpuUsage(cpu);
await stream.stop();
console.log(JSON.stringify({ importMs, firstFrameMs, cpuMs: (user + system) / 1000 }));
