/**
 * `./run demo [URL]`: reads a camera and prints what happens, once a second.
 * Without a URL it brings its own camera, cuts its feed after five seconds and
 * shows how the stream comes back.
 *
 * @module
 */

import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { StreamError, VideoStream, type VideoStreamOptions, VideoWriter } from "../../mod.ts";
import { TestPicture } from "./test_picture.ts";

const WIDTH = 640;
const HEIGHT = 360;
const FPS = 25;
/** Milliseconds after which the camera tries again when nobody listens yet. */
const RETRY_MS = 200;
const CUT_AT_MS = 5_000;
const CUT_FOR_MS = 2_000;
const DEMO_MS = 12_000;

/** A camera of our own, which pushes to the reader. */
class DemoCamera implements AsyncDisposable {
  readonly #bytes = new Uint8Array(WIDTH * HEIGHT * 3 / 2);
  readonly #picture = new TestPicture(this.#bytes, WIDTH, HEIGHT);
  #writer: VideoWriter | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #index = 0;

  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  start(): void {
    const writer = new VideoWriter(this.url, {
      width: WIDTH,
      height: HEIGHT,
      format: "yuv420p",
      fps: FPS,
      reconnect: { delay: RETRY_MS },
    });
    this.#writer = writer;
    this.#timer = setInterval(() => {
      this.#picture.draw(this.#index++);
      writer.write(this.#bytes);
    }, 1000 / FPS);
  }

  async cut(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writer?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cut();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("Cannot find a free port");
  return address.port;
}

function line(stream: VideoStream): string {
  const frame = stream.read();
  const { fps } = stream.stats();
  return [
    stream.state.padEnd(12),
    frame ? `${frame.width}x${frame.height}` : "no frame",
    `${(fps ?? 0).toFixed(1)} fps`,
    frame ? `frame ${frame.index}, ${Math.round(frame.age)} ms old` : "",
    `${stream.reconnectCount} reconnects`,
  ].filter((part) => part !== "").join("   ");
}

/** Prints a line a second until the stream is over or the time is. */
async function report(stream: VideoStream, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && stream.state !== "failed" && stream.state !== "stopped") {
    console.log(line(stream));
    await sleep(1_000, undefined, { signal }).catch(() => {});
  }
}

async function saveSnapshot(stream: VideoStream): Promise<void> {
  const path = join(tmpdir(), `rtsp-stream-snapshot-${process.pid}.jpg`);
  await writeFile(path, await stream.snapshot());
  console.log(`snapshot: ${path}`);
}

function open(url: string, options: VideoStreamOptions): VideoStream {
  return new VideoStream(url, {
    ...options,
    onConnect: () => console.log("-- connected"),
    onDisconnect: (error) => console.log(`-- lost: ${error.message}`),
    onReconnectFailure: (error) => console.log(`-- given up: ${error.message}`),
  });
}

async function watchCamera(url: string, signal: AbortSignal): Promise<number> {
  await using stream = open(url, {}).start();
  console.log(`reading ${stream.url}; Ctrl-C ends it`);
  await report(stream, signal);
  if (stream.isConnected) await saveSnapshot(stream);
  return stream.state === "failed" ? 1 : 0;
}

async function showOff(signal: AbortSignal): Promise<number> {
  const url = `rtsp://127.0.0.1:${await freePort()}/demo`;
  // The camera comes to the reader: the reader listens.
  await using stream = open(url, { ffmpeg: { format: { rtsp_flags: "listen" } } }).start();
  await using camera = new DemoCamera(url);
  console.log(`reading the demo's own camera at ${stream.url}; Ctrl-C ends it`);
  camera.start();
  const end = AbortSignal.any([signal, AbortSignal.timeout(DEMO_MS)]);
  const reporting = report(stream, end);
  await sleep(CUT_AT_MS, undefined, { signal: end }).catch(() => {});
  if (!end.aborted) {
    console.log("-- the camera's feed is cut");
    await camera.cut();
    await sleep(CUT_FOR_MS, undefined, { signal: end }).catch(() => {});
    camera.start();
  }
  await reporting;
  if (stream.isConnected) await saveSnapshot(stream);
  return signal.aborted || stream.isConnected ? 0 : 1;
}

const interrupted = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.once(name, () => interrupted.abort());
}
const [url] = process.argv.slice(2);
try {
  process.exitCode = url === undefined
    ? await showOff(interrupted.signal)
    : await watchCamera(url, interrupted.signal);
} catch (error) {
  const known = error instanceof StreamError || error instanceof TypeError;
  console.error(known ? error.message : error);
  process.exitCode = 1;
}
