/** Files that are none, are damaged, or are something else. */

import { Buffer } from "node:buffer";
import { mkdir, readFile, writeFile } from "node:fs/promises";

import { Child } from "../../support/child.ts";
import { audioOnly, makeVideo, truncated } from "../../support/media.ts";
import { countingVideo } from "../../support/patterns.ts";
import { Noise } from "../../support/wrong_camera/answers.ts";
import { SMALL, TemporaryDirectory } from "../reading.ts";
import { type ActorOptions, type Fault, FINAL, ONCE, type Scene, type Table } from "./fault.ts";

async function place(scene: Scene, name: string): Promise<string> {
  return (await scene.use(TemporaryDirectory.make())).file(name);
}

/** A file with this content. */
function content(name: string, data: () => string | Uint8Array | Promise<Uint8Array>) {
  return async (scene: Scene) => {
    const url = await place(scene, name);
    await writeFile(url, await data());
    return { url };
  };
}

/** A whole film, with an option that does not fit it. */
function film(options: ActorOptions): Fault["arrange"] {
  return async () => ({ url: await makeVideo(SMALL), options });
}

/** One of so many bytes is another one. */
function damaged(film: Buffer, every: number): Buffer {
  for (let at = every; at < film.length; at += every) film[at]! ^= 0xff;
  return film;
}

async function avi(): Promise<Buffer> {
  return await readFile(await makeVideo({ ...SMALL, codec: "mpeg4", container: "avi" }));
}

/** It ends as files do that are whole. */
const ENDS = {
  events: "connecting connected stopped",
  within: "at once",
  recovery: "not needed",
} as const;

const FAULTS: readonly Fault[] = [
  {
    ...ONCE,
    over: "a file",
    wrong: "it does not exist",
    code: "NOT_FOUND",
    arrange: async (scene) => ({ url: await place(scene, "missing.mp4") }),
  },
  {
    ...ONCE,
    over: "a file",
    wrong: "it is a folder",
    code: "INVALID_DATA",
    arrange: async (scene) => {
      const url = await place(scene, "folder.mp4");
      await mkdir(url);
      return { url };
    },
  },
  {
    ...ONCE,
    over: "a file",
    wrong: "it is empty",
    code: "INVALID_DATA",
    arrange: content("empty.mp4", () => ""),
  },
  {
    ...ONCE,
    over: "a file",
    wrong: "it is a text",
    code: "INVALID_DATA",
    arrange: content("text.mp4", () => "This is not a film.\n".repeat(2_000)),
  },
  {
    ...ONCE,
    over: "a file",
    wrong: "it is noise",
    code: "INVALID_DATA",
    arrange: content("noise.mp4", () => new Noise().bytes(50_000)),
  },
  {
    ...ONCE,
    over: "a file",
    wrong: "it is an MP4 file whose end, with the index, is missing",
    code: "INVALID_DATA",
    arrange: async () => ({ url: await truncated(await countingVideo(60, SMALL), 0.6) }),
  },
  {
    ...FINAL,
    over: "a file",
    wrong: "it is a pipe that nobody writes to",
    says: /it is a pipe \(FIFO\) and not a file/,
    code: "PROTOCOL_BLOCKED",
    arrange: async (scene) => {
      const url = await place(scene, "pipe.ts");
      await using mkfifo = new Child("mkfifo", [url]);
      await mkfifo.exited;
      return { url };
    },
  },
  {
    ...FINAL,
    over: "a file",
    wrong: "it is a device",
    says: /it is a device and not a file/,
    code: "PROTOCOL_BLOCKED",
    arrange: () => Promise.resolve({ url: "/dev/zero" }),
  },
  {
    ...ONCE,
    over: "a file",
    wrong: "it has sound alone",
    code: "NO_VIDEO",
    arrange: async () => ({ url: await audioOnly() }),
  },
  {
    ...FINAL,
    over: "a file",
    wrong: "its codec is one that nobody knows",
    code: "UNSUPPORTED_CODEC",
    arrange: content("unknown.avi", async () => {
      return Buffer.from((await avi()).toString("latin1").replaceAll("FMP4", "QZQZ"), "latin1");
    }),
  },
  {
    ...ONCE,
    over: "a file",
    wrong: "none of its pictures can be decoded",
    code: "INVALID_DATA",
    events: "connecting failed",
    says: /can be decoded|could be decoded/,
    arrange: content("damaged.avi", async () => {
      const film = await avi();
      // The index at the end, and the head, stay as they are.
      film.fill(0x55, film.indexOf("movi") + 12, film.indexOf("idx1") - 8);
      return film;
    }),
  },
  {
    ...FINAL,
    over: "a file",
    wrong: "it is a playlist of other files",
    code: "PROTOCOL_BLOCKED",
    arrange: content(
      "list.m3u8",
      () => "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n",
    ),
  },
  {
    ...FINAL,
    over: "a file",
    wrong: "the option container names none that there is",
    code: "UNSUPPORTED_CONTAINER",
    says: /did you mean "matroska"/,
    arrange: film({ container: "matrosca" }),
  },
  {
    ...FINAL,
    over: "a file",
    wrong: "a native option has a name that nobody knows",
    code: "OPTION_UNKNOWN",
    says: /ignore_editlists; did you mean ignore_editlist\?/,
    arrange: film({ ffmpeg: { format: { ignore_editlists: 1 } } }),
  },
  {
    ...ENDS,
    over: "a file",
    wrong: "it is an MPEG-TS file that ends in the middle",
    arrange: async () => {
      return { url: await truncated(await countingVideo(60, { ...SMALL, container: "ts" }), 0.6) };
    },
  },
  {
    ...ENDS,
    over: "a file",
    wrong: "one byte of 5 000 is another one",
    arrange: content("bits.ts", async () => {
      const whole = await countingVideo(60, { ...SMALL, container: "ts" });
      return damaged(await readFile(whole), 5_000);
    }),
  },
];

export const FILES: Table = {
  title: "Opening and reading a file",
  phase: "opening",
  faults: FAULTS,
};
