/** A camera on loopback that writes the time into its own pixels. */
import { fileURLToPath } from "node:url";
import { Child } from "./child.ts";

export interface StampCameraOptions {
  readonly codec: "h264" | "hevc";
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Default: a free one. */
  readonly port?: number | undefined;
}

const SCRIPT = fileURLToPath(new URL("stamp_camera.py", import.meta.url));
// The system's own Python: the one that has the GObject bindings.
const PYTHON = "/usr/bin/python3";
const PATH = "/stamp";

export class StampCamera extends Child {
  port = 0;
  /** Epoch milliseconds at which it was seen to listen. */
  listening = 0;

  constructor(options: StampCameraOptions) {
    const { width, height, fps } = options;
    // What cameras are set to: 1 Mbit/s for a small picture, 6 for a large one, at 30 fps.
    const bitrate = Math.round((width * height > 1_000_000 ? 6000 : 1000) * fps / 30);
    const settings = { port: 0, path: PATH, bitrate, keyInterval: fps * 2, ...options };
    super(PYTHON, ["-u", SCRIPT, JSON.stringify(settings)], {
      env: { PYTHONDONTWRITEBYTECODE: "1" },
      onLine: (line) => {
        const [word, value] = line.split(" ");
        if (word !== "READY") return;
        this.port = Number(value);
        this.listening = Date.now();
      },
    });
  }

  get url(): string {
    return `rtsp://127.0.0.1:${this.port}${PATH}`;
  }
}

export async function startStampCamera(options: StampCameraOptions): Promise<StampCamera> {
  const camera = new StampCamera(options);
  await camera.until("stamp camera", () => camera.port || undefined);
  return camera;
}
