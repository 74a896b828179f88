/**
 * The camera of `./run demo`: draws a moving picture and pushes it to a
 * listening RTSP reader, until its feed is cut; then it tries again.
 *
 * @module
 */

import { type Libav, nativeBytes, openLibav } from "../../ffi/mod.ts";
import { Encoder, hasEncoder } from "../av/encoder.ts";
import { AvFrame } from "../av/frame.ts";
import { Output } from "../av/output.ts";
import { Packet } from "../av/packet.ts";
import { frameByteLength } from "../core/formats.ts";
import { TestPicture } from "./test_picture.ts";

/** What the demo asks of its camera. */
export type ToDemoCamera =
  | {
    readonly type: "start";
    readonly url: string;
    readonly width: number;
    readonly height: number;
  }
  /** The connection is closed and stays so until the next `start`. */
  | { readonly type: "cut" }
  | { readonly type: "close" };

interface WorkerScope {
  onmessage: ((event: MessageEvent<ToDemoCamera>) => void) | null;
  close(): void;
}

const FPS = 25;
const RETRY_MS = 200;
/** In the order of preference; the first one that this FFmpeg has. */
const ENCODERS: readonly { name: string; options: Record<string, string> }[] = [
  {
    name: "libx264",
    options: { preset: "ultrafast", tune: "zerolatency", g: `${FPS}`, threads: "1" },
  },
  { name: "libopenh264", options: { g: `${FPS}` } },
  { name: "mpeg4", options: { g: `${FPS}`, b: "2000000" } },
];

let running: AbortController | undefined;

async function run(url: string, width: number, height: number, signal: AbortSignal) {
  const libav = openLibav();
  const stop = nativeBytes(8);
  signal.addEventListener("abort", () => stop[0] = 1);
  while (!signal.aborted) {
    try {
      await push(libav, url, width, height, stop, signal);
    } catch {
      // Nobody listens yet, or the reader has gone: it will be there again.
      await sleep(RETRY_MS);
    }
  }
}

async function push(
  libav: Libav,
  url: string,
  width: number,
  height: number,
  stop: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const encoder = ENCODERS.find(({ name }) => hasEncoder(libav, name));
  if (!encoder) throw new Error("Cannot encode video: FFmpeg has none of the encoders");
  using encoding = Encoder.open(libav, {
    encoder: encoder.name,
    width,
    height,
    pixelFormat: "yuv420p",
    rate: { num: FPS, den: 1 },
    options: encoder.options,
  });
  using output = Output.open(libav, encoding, {
    url,
    muxer: "rtsp",
    options: { rtsp_transport: "tcp" },
    stop,
  });
  using frame = new AvFrame(libav);
  using packet = new Packet(libav);
  const bytes = nativeBytes(frameByteLength("yuv420p", width, height));
  const address = libav.backend.addressOf(libav.backend.pointerOf(bytes));
  frame.wrap({ width, height }, "yuv420p", address);
  const picture = new TestPicture(bytes, width, height);
  const start = performance.now();
  for (let index = 0; !signal.aborted; index++) {
    picture.draw(index);
    frame.pts = BigInt(index);
    encoding.send(frame);
    while (encoding.receive(packet) === "packet") output.write(packet);
    await sleep(start + (index + 1) * 1000 / FPS - performance.now());
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, milliseconds)));
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = ({ data: message }) => {
  running?.abort();
  if (message.type === "close") {
    scope.close();
  } else if (message.type === "start") {
    running = new AbortController();
    void run(message.url, message.width, message.height, running.signal);
  }
};
