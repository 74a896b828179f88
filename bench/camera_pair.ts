/** Two cameras with a clock in their pixels, and the way to the second one. */
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Child } from "../test/support/child.ts";
import { freePort } from "../test/support/port.ts";
import { StampCamera, startStampCamera } from "../test/support/stamp_camera.ts";
import { ours } from "./reader_process.ts";

export const CAMERA = { codec: "h264", width: 640, height: 360, fps: 30 } as const;
const RELAY = fileURLToPath(new URL("relay.ts", import.meta.url));

export class CameraPair implements AsyncDisposable {
  readonly left: string;
  readonly right: string;
  readonly #cameras: readonly StampCamera[];

  private constructor(cameras: readonly StampCamera[]) {
    this.#cameras = cameras;
    [this.left, this.right] = cameras.map(({ url }) => url) as [string, string];
  }

  /** Resolves when the first one listens; the second one is started so many milliseconds later. */
  static async start(apart: number): Promise<CameraPair> {
    const starting = startStampCamera(CAMERA);
    await sleep(apart);
    const port = await freePort();
    const right = new StampCamera({ ...CAMERA, port });
    right.port = port;
    return new CameraPair([await starting, right]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#cameras.map((camera) => camera.stop()));
  }
}

/** A longer way to a camera, in a process of its own. */
export class Relay extends Child {
  #port = 0;

  static async start(url: string, milliseconds: number): Promise<Relay> {
    const relay = new Relay(new URL(url), milliseconds);
    await relay.until("relay", () => relay.#port || undefined);
    return relay;
  }

  readonly target: URL;

  private constructor(target: URL, milliseconds: number) {
    const [command, ...args] = [...ours("bun", RELAY), target.port, `${milliseconds}`];
    super(command, args, {
      onLine: (line) => {
        const [word, value] = line.split(" ");
        if (word === "READY") this.#port = Number(value);
      },
    });
    this.target = target;
  }

  get url(): string {
    const url = new URL(this.target);
    url.port = `${this.#port}`;
    return url.href;
  }
}
