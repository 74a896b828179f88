/**
 * The camera that the demo brings: a test picture that is pushed to the reader.
 *
 * @module
 */

import { createServer } from "node:net";
import { VideoWriter } from "../../mod.ts";
import { TestPicture } from "./test_picture.ts";

const WIDTH = 640;
const HEIGHT = 360;
const FPS = 25;
/** Milliseconds after which the camera tries again when nobody listens yet. */
const RETRY_MS = 200;

/** A camera of our own, which pushes to the reader. */
export class DemoCamera implements AsyncDisposable {
  readonly #bytes = new Uint8Array(WIDTH * HEIGHT * 3 / 2);
  readonly #picture = new TestPicture(this.#bytes, WIDTH, HEIGHT);
  #writer: VideoWriter | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #index = 0;
  #sending = false;

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
      onReconnectFailure: (error) => {
        if (this.#sending) console.log(`-- the demo's camera: ${error.message}`);
      },
    });
    this.#writer = writer;
    this.#sending = true;
    this.#timer = setInterval(() => {
      this.#picture.draw(this.#index++);
      writer.write(this.#bytes);
    }, 1000 / FPS);
  }

  async cut(): Promise<void> {
    clearInterval(this.#timer);
    this.#sending = false;
    // The reader may have gone before the last frames were sent, which nobody misses.
    await this.#writer?.close().catch(() => {});
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cut();
  }
}

/** A TCP port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("Cannot find a free port");
  return address.port;
}
