/** A real RTSP server on loopback that one publishes to: gst-rtsp-server in a child process. */

import { mkdtempSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Child } from "./child.ts";
import { freePort } from "./port.ts";

export interface RecordServerOptions {
  codec?: "h264" | "hevc" | "mpeg4" | "mjpeg" | undefined;
  /** What SETUP may ask for; anything else is refused with 461. */
  transports?: ("tcp" | "udp")[] | undefined;
  auth?: { scheme: "basic" | "digest"; username: string; password: string };
  /** Default: a free one. Give one to restart a server in its old place. */
  port?: number | undefined;
}

/** CONNECT and CLOSED are of the connection, the rest are granted requests. */
export type RecordServerEvent =
  | "CONNECT"
  | "OPTIONS"
  | "ANNOUNCE"
  | "SETUP"
  | "RECORD"
  | "TEARDOWN"
  | "CLOSED";

/** A picture as it was decoded, packed, three bytes a pixel. */
export interface RecordedPicture {
  width: number;
  height: number;
  rgb: Uint8Array;
}

const SCRIPT = fileURLToPath(new URL("gst_record_server.py", import.meta.url));
// The system's own Python: the one that has the GObject bindings.
const PYTHON = "/usr/bin/python3";

export class RecordServer extends Child {
  readonly events: RecordServerEvent[] = [];
  /** Sizes of the pictures so far. */
  readonly sizes: (readonly [width: number, height: number])[] = [];
  /** When each of them is shown, by the publisher's clock, in seconds. */
  readonly times: number[] = [];
  port = 0;
  readonly #file: string;

  constructor(options: RecordServerOptions) {
    const directory = mkdtempSync(join(tmpdir(), "rtsp-stream-record-"));
    const file = join(directory, "pictures");
    const settings = {
      codec: "h264",
      transports: ["tcp", "udp"],
      auth: null,
      port: 0,
      ...options,
      pictures: file,
    };
    super(PYTHON, ["-u", SCRIPT, JSON.stringify(settings)], {
      onLine: (line) => {
        const [word, ...values] = line.split(" ");
        if (word === "EVENT") this.events.push(values[0] as RecordServerEvent);
        if (word === "READY") this.port = Number(values[0]);
        if (word !== "PICTURE") return;
        const [width, height, time] = values.map(Number);
        this.sizes.push([width!, height!]);
        this.times.push(time!);
      },
    });
    this.#file = file;
    this.owns(directory);
  }

  count(event: RecordServerEvent): number {
    return this.events.filter((one) => one === event).length;
  }

  get url(): string {
    return `rtsp://127.0.0.1:${this.port}/record`;
  }

  /** All pictures so far. */
  async pictures(): Promise<RecordedPicture[]> {
    const sizes = [...this.sizes];
    const bytes = new Uint8Array(await readFile(this.#file));
    let start = 0;
    return sizes.map(([width, height]) => {
      const rgb = new Uint8Array(width * height * 3);
      for (let i = 0; i < rgb.length; i++) rgb[i] = bytes[start + Math.floor(i / 3) * 4 + i % 3]!;
      start += width * height * 4;
      return { width, height, rgb };
    });
  }
}

export async function startRecordServer(options: RecordServerOptions = {}): Promise<RecordServer> {
  const server = new RecordServer({ ...options, port: options.port || await freePort() });
  await server.until("record server", () => server.port || undefined);
  return server;
}
