/**
 * A real RTSP camera on loopback: gst-rtsp-server in a child process. It aborts now and then when
 * clients of one shared media come or go at the same moment (assertions in its rtsp-media.c and
 * rtsp-stream.c, seen with 1.22), so each client has a media of its own.
 */

import { fileURLToPath } from "node:url";
import { Child } from "./child.ts";
import { freePort } from "./port.ts";

export interface CameraOptions {
  codec?: "h264" | "hevc" | "mjpeg" | undefined;
  width?: number | undefined;
  height?: number | undefined;
  fps?: number | undefined;
  /** A pattern of videotestsrc: "ball", "smpte", "solid-color", ... */
  pattern?: string | undefined;
  /** 0xAARRGGBB, for the pattern "solid-color". */
  foreground?: number | undefined;
  /** Frames from one key frame to the next; default: one second. */
  keyInterval?: number | undefined;
  bframes?: number | undefined;
  /** Default "zerolatency", or none when there are B-frames. */
  tune?: string | undefined;
  /** H.264 slices (and encoder threads) per picture; default 1. */
  slices?: number | undefined;
  /** Kilobits per second; default by the size of the picture. */
  bitrate?: number | undefined;
  /** What SETUP may ask for; anything else is refused with 461. */
  transports?: ("tcp" | "udp")[] | undefined;
  auth?: { scheme: "basic" | "digest"; username: string; password: string };
  audio?: "only" | "with" | undefined;
  /** Default: a free one. Give one to restart a camera in its old place. */
  port?: number | undefined;
  path?: string | undefined;
  /** An MP4 file with that codec (H.264 or HEVC), sent as it is in real time. */
  file?: string | undefined;
  /** Whether the file begins again at its end; default true. */
  loop?: boolean | undefined;
  /** Whether a client may ask for a keyframe (RTP/AVPF); default false. */
  feedback?: boolean | undefined;
  /** A GStreamer pipeline instead of everything above, with pay0, pay1 ... */
  launch?: string | undefined;
  /** One media for all clients, who must not come or go at the same moment; default false. */
  shared?: boolean | undefined;
}

/** CONNECT and CLOSED are of the connection, the rest are granted requests. */
export type CameraEvent =
  | "CONNECT"
  | "OPTIONS"
  | "DESCRIBE"
  | "SETUP"
  | "PLAY"
  | "GET_PARAMETER"
  | "TEARDOWN"
  | "CLOSED";

const SCRIPT = fileURLToPath(new URL("gst_camera.py", import.meta.url));
// The system's own Python: the one that has the GObject bindings.
const PYTHON = "/usr/bin/python3";

function complete(options: CameraOptions) {
  const { width = 640, height = 360, fps = 30, bframes = 0 } = options;
  return {
    codec: "h264",
    pattern: "ball",
    foreground: null,
    keyInterval: fps,
    tune: bframes > 0 ? null : "zerolatency",
    slices: 1,
    bitrate: Math.max(500, Math.round(width * height * fps / 4000)),
    transports: ["tcp", "udp"],
    auth: null,
    audio: null,
    path: "/stream",
    file: null,
    loop: true,
    feedback: false,
    launch: null,
    shared: false,
    ...options,
    width,
    height,
    fps,
    bframes,
  };
}

export class Camera extends Child {
  readonly path: string;
  readonly events: CameraEvent[];
  port = 0;

  constructor(options: CameraOptions) {
    const settings = complete(options);
    const events: CameraEvent[] = [];
    super(PYTHON, ["-u", SCRIPT, JSON.stringify(settings)], {
      onLine: (line) => {
        const [word, value] = line.split(" ");
        if (word === "EVENT") events.push(value as CameraEvent);
        if (word === "READY") this.port = Number(value);
      },
    });
    this.events = events;
    this.path = settings.path!;
  }

  /** How often it happened: `count("CONNECT")` counts the attempts. */
  count(event: CameraEvent): number {
    return this.events.filter((one) => one === event).length;
  }

  get url(): string {
    return `rtsp://127.0.0.1:${this.port}${this.path}`;
  }

  urlWith(username: string, password: string): string {
    const [user, secret] = [username, password].map(encodeURIComponent);
    return `rtsp://${user}:${secret}@127.0.0.1:${this.port}${this.path}`;
  }
}

export async function startCamera(
  options: CameraOptions = {},
): Promise<Camera> {
  const camera = new Camera({ ...options, port: options.port || await freePort() });
  await camera.until("camera", () => camera.port || undefined);
  return camera;
}
