/** Servers and files that do not take what is written. */

import { mkdir, writeFile } from "node:fs/promises";
import { startRecordServer } from "../../support/gst_record_server.ts";
import { freePort } from "../../support/port.ts";
import { startRtmpServer } from "../../support/rtmp_server.ts";
import { type Proxy, startProxy } from "../../support/tcp_proxy.ts";
import { NOISY, SILENT, startWrongCamera } from "../../support/wrong_camera.ts";
import { TemporaryDirectory } from "../reading.ts";
import { noise } from "../writing.ts";
import {
  type Fault,
  FINAL,
  LOST,
  ONCE,
  type Scene,
  type Table,
  TRIED_AGAIN,
  UNHARMED,
} from "./fault.ts";

/** An RTMP server behind a line that becomes bad. */
function line(spoil: (proxy: Proxy) => void, begins: "good" | "bad" = "good"): Fault["arrange"] {
  return async (scene) => {
    const server = await scene.use(startRtmpServer());
    const proxy = await scene.use(startProxy({ targetPort: server.port }));
    if (begins === "bad") spoil(proxy);
    const mend = () => {
      proxy.pass();
      proxy.cut();
    };
    return { url: `rtmp://127.0.0.1:${proxy.port}/live/key`, spoil: () => spoil(proxy), mend };
  };
}

async function place(scene: Scene, name: string): Promise<string> {
  return (await scene.use(TemporaryDirectory.make())).file(name);
}

const OPENING: readonly Fault[] = [
  {
    ...TRIED_AGAIN,
    over: "RTMP",
    wrong: "nothing listens on the port",
    code: "REFUSED",
    arrange: async (scene) => {
      const port = await freePort();
      const url = `rtmp://127.0.0.1:${port}/live/key`;
      return { url, mend: () => scene.use(startRtmpServer({ port })) };
    },
  },
  {
    ...TRIED_AGAIN,
    over: "RTMP",
    wrong: "every connection is closed at once",
    code: "REFUSED",
    arrange: line((proxy) => proxy.refuse(), "bad"),
  },
  {
    ...TRIED_AGAIN,
    over: "RTMP",
    wrong: "the server accepts and never answers",
    code: "OPEN_TIMEOUT",
    within: "openTimeout",
    arrange: line((proxy) => proxy.stall(), "bad"),
  },
  {
    ...TRIED_AGAIN,
    over: "RTMP",
    wrong: "the server refuses publishers",
    code: "REFUSED",
    recovery: "retried",
    arrange: async (scene) => {
      return { url: (await scene.use(startRtmpServer({ onPublish: "deny" }))).url("key") };
    },
  },
  {
    ...TRIED_AGAIN,
    over: "RTMP",
    wrong: "the server hangs up two seconds after it has accepted",
    code: "REFUSED",
    arrange: line((proxy) => proxy.cutAfter(1_900), "bad"),
  },
  {
    ...FINAL,
    over: "RTMP",
    wrong: "the codec is one that the protocol cannot carry",
    code: "UNSUPPORTED_CODEC",
    arrange: async (scene) => {
      const server = await scene.use(startRtmpServer());
      return { url: server.url("key"), options: { codec: "mjpeg" } };
    },
  },
  {
    ...TRIED_AGAIN,
    over: "RTSP",
    wrong: "the server accepts and never answers",
    code: "OPEN_TIMEOUT",
    within: "openTimeout",
    recovery: "retried",
    arrange: async (scene) => ({ url: (await scene.use(startWrongCamera(SILENT))).url }),
  },
  {
    ...TRIED_AGAIN,
    over: "RTSP",
    wrong: "noise is sent in place of answers",
    code: "OPEN_TIMEOUT",
    within: "openTimeout",
    recovery: "retried",
    arrange: async (scene) => ({ url: (await scene.use(startWrongCamera(NOISY))).url }),
  },
  ...([
    [401, "AUTH_FAILED"],
    [404, "NOT_FOUND"],
    [503, "REFUSED"],
  ] as const).map(([status, code]): Fault => ({
    ...code === "AUTH_FAILED" ? FINAL : { ...TRIED_AGAIN, recovery: "retried" },
    over: "RTSP",
    wrong: `ANNOUNCE is answered ${status}`,
    code,
    arrange: async (scene) => {
      const answers = { ANNOUNCE: { status } };
      return { url: (await scene.use(startWrongCamera({ answers }))).url };
    },
  })),
  {
    ...FINAL,
    over: "RTSP",
    wrong: "the password is wrong",
    code: "AUTH_FAILED",
    arrange: async (scene) => {
      const auth = { scheme: "digest", username: "operator", password: "right" } as const;
      const server = await scene.use(startRecordServer({ auth }));
      return { url: server.url, options: { username: "operator", password: "wrong" } };
    },
  },
  {
    ...TRIED_AGAIN,
    over: "SRT",
    wrong: "nobody listens on the port",
    code: "OPEN_TIMEOUT",
    within: "openTimeout",
    recovery: "retried",
    arrange: async () => ({ url: `srt://127.0.0.1:${await freePort()}` }),
  },
  {
    ...ONCE,
    over: "a file",
    wrong: "it exists, and overwrite is not set",
    code: "WRITE_FAILED",
    arrange: async (scene) => {
      const url = await place(scene, "film.mp4");
      await writeFile(url, "something");
      return { url };
    },
  },
  {
    ...ONCE,
    over: "a file",
    wrong: "its folder does not exist",
    code: "NOT_FOUND",
    arrange: async (scene) => ({ url: await place(scene, "missing/film.mp4") }),
  },
  {
    ...ONCE,
    over: "a file",
    wrong: "it is a folder",
    code: "WRITE_FAILED",
    arrange: async (scene) => {
      const url = await place(scene, "folder.mp4");
      await mkdir(url);
      return { url, options: { overwrite: true } };
    },
  },
];

const RUNNING: readonly Fault[] = [
  {
    ...LOST,
    over: "RTMP",
    wrong: "the server ends the connection",
    code: "END_OF_STREAM",
    arrange: line((proxy) => proxy.cut()),
  },
  {
    ...LOST,
    over: "RTMP",
    wrong: "the connection is reset",
    code: "END_OF_STREAM",
    arrange: line((proxy) => proxy.reset()),
  },
  {
    ...LOST,
    over: "RTMP",
    wrong: "the server freezes, and the system's buffers are full",
    code: "WRITE_TIMEOUT",
    within: "writeTimeout",
    arrange: async (scene) => {
      const server = await scene.use(startRtmpServer());
      scene.defer(() => server.resume());
      const [spoil, mend] = [() => server.pause(), () => server.resume()];
      // As much as fills them within a second or two.
      const options = { fps: 60, preset: "ultrafast", bitrate: 100_000_000 };
      return { url: server.url("key"), options, pictures: noise(8), spoil, mend };
    },
  },
  {
    ...UNHARMED,
    over: "RTMP",
    wrong: "the line is slower from now on, by 400 ms",
    arrange: line((proxy) => proxy.delay(400)),
  },
  {
    ...LOST,
    over: "RTSP",
    wrong: "the server is killed",
    code: "END_OF_STREAM",
    arrange: async (scene) => {
      const server = await scene.use(startRecordServer());
      return {
        url: server.url,
        spoil: () => server.kill(),
        mend: () => scene.use(startRecordServer({ port: server.port })),
      };
    },
  },
];

export const WRITING: readonly Table[] = [
  { title: "Opening a writer", phase: "opening to write", faults: OPENING },
  { title: "While a writer runs", phase: "writing", faults: RUNNING },
];
