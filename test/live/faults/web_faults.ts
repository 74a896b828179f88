/** HTTP cameras that are away, silent or odd. */

import { Buffer } from "node:buffer";
import { freePort } from "../../support/port.ts";
import * as odd from "../../support/odd_files.ts";
import { countingVideo } from "../../support/patterns.ts";
import { type Proxy, startProxy } from "../../support/tcp_proxy.ts";
import { type Exchange, type Route, startWrongWeb } from "../../support/wrong_web.ts";
import { file } from "../../support/wrong_web/files.ts";
import { multipart } from "../../support/wrong_web/multipart.ts";
import { Noise } from "../../support/wrong_camera/answers.ts";
import { DRIPPING, SILENT, startWrongCamera } from "../../support/wrong_camera.ts";
import { SMALL } from "../reading.ts";
import { HLS_OPENING, HLS_STREAMING } from "./hls_faults.ts";
import { answered, said } from "./web_answers.ts";
import {
  type Fault,
  FINAL,
  LOST,
  ONCE,
  OPENED,
  type Table,
  TIMED_OUT,
  TRIED_AGAIN,
  UNHARMED,
} from "./fault.ts";

/** A camera with multipart pictures whose route is wrong until it is mended. */
function wrong(route: Route): Fault["arrange"] {
  return async (scene) => {
    const right = multipart(await odd.jpegs());
    let isMended = false;
    const web = await scene.use(
      startWrongWeb({
        "/live": (exchange) => isMended ? right(exchange) : route(exchange),
        "/other": right,
      }),
    );
    return { url: web.at("/live"), mend: () => isMended = true };
  };
}

/** A right camera behind a line that becomes bad. */
function line(spoil: (proxy: Proxy) => void, frames?: number): Fault["arrange"] {
  return async (scene) => {
    const web = await scene.use(startWrongWeb({ "/live": multipart(await odd.jpegs()) }));
    const proxy = await scene.use(startProxy({ targetPort: web.port }));
    const mend = () => {
      proxy.pass();
      proxy.cut();
    };
    return { url: `http://127.0.0.1:${proxy.port}/live`, spoil: () => spoil(proxy), mend, frames };
  };
}

/** A server that is no web server, and is none later either. */
function misplaced(options: typeof SILENT): Fault["arrange"] {
  return async (scene) => {
    const camera = await scene.use(startWrongCamera(options));
    return { url: `http://127.0.0.1:${camera.port}/live` };
  };
}

const HTTP_OPENING: readonly Fault[] = [
  {
    ...TRIED_AGAIN,
    over: "HTTP",
    wrong: "nothing listens on the port",
    code: "REFUSED",
    recovery: "retried",
    says: /ECONNREFUSED/,
    arrange: async () => ({ url: `http://127.0.0.1:${await freePort()}/live` }),
  },
  ...([
    [401, "AUTH_FAILED"],
    [403, "AUTH_FAILED"],
    [404, "NOT_FOUND"],
    [429, "REFUSED"],
    [500, "REFUSED"],
    [503, "REFUSED"],
  ] as const).map(([status, code]): Fault => ({
    ...code === "AUTH_FAILED" ? FINAL : TRIED_AGAIN,
    over: "HTTP",
    wrong: `the answer is ${status}`,
    code,
    arrange: wrong(answered(status)),
  })),
  {
    ...TIMED_OUT,
    over: "HTTP",
    wrong: "the server accepts and never answers",
    recovery: "retried",
    arrange: misplaced(SILENT),
  },
  {
    ...TIMED_OUT,
    over: "HTTP",
    wrong: "the answer is a header without an end, byte by byte",
    recovery: "retried",
    arrange: misplaced(DRIPPING),
  },
  {
    ...TRIED_AGAIN,
    over: "HTTP",
    wrong: "the content is noise",
    code: "INVALID_DATA",
    arrange: wrong(said(new Noise().bytes(20_000), "video/mp4")),
  },
  {
    ...TRIED_AGAIN,
    over: "HTTP",
    wrong: "the server hangs up in place of an answer",
    says: /the server closed the connection without an answer/,
    code: "REFUSED",
    arrange: wrong((exchange) => exchange.end()),
  },
  {
    ...TIMED_OUT,
    over: "HTTP",
    wrong: "the answer has no content",
    arrange: wrong(async (exchange) => {
      exchange.head(200, { "Content-Type": "multipart/x-mixed-replace; boundary=frame" });
      await exchange.sleep(60_000);
    }),
  },
  {
    ...TRIED_AGAIN,
    over: "HTTP",
    wrong: "the content is a web page",
    code: "INVALID_DATA",
    arrange: wrong(said("<!doctype html><title>Login</title>".repeat(50))),
  },
  {
    ...ONCE,
    over: "HTTP",
    wrong: "the content is called multipart and is text",
    says: /can be decoded|could be decoded/,
    code: "INVALID_DATA",
    arrange: wrong(said("Not a picture.\r\n".repeat(500), "multipart/mixed; boundary=b")),
  },
  {
    ...TRIED_AGAIN,
    over: "HTTP",
    wrong: "a redirect leads to itself",
    code: "INVALID_DATA",
    arrange: wrong(answered(302, { Location: "/live" })),
  },
  {
    ...OPENED,
    over: "HTTP",
    wrong: "a redirect leads to another path",
    arrange: wrong(answered(302, { Location: "/other" })),
  },
  {
    ...FINAL,
    over: "HTTP",
    wrong: "a redirect leads to a file of this machine",
    code: "PROTOCOL_BLOCKED",
    arrange: wrong(answered(302, { Location: "file:///etc/hostname" })),
  },
  {
    ...FINAL,
    over: "HTTP",
    wrong: "the content is a list of files for concat",
    code: "PROTOCOL_BLOCKED",
    says: /its container is "concat", which is not allowed/,
    arrange: wrong(said("ffconcat version 1.0\nfile 'a.ts'\n", "text/plain")),
  },
  {
    ...ONCE,
    over: "HTTP",
    wrong: "a film ends in the middle, and the server has no ranges",
    events: "connecting connected disconnected failed",
    code: "END_OF_STREAM",
    arrange: async (scene) => {
      const ts = await countingVideo(100, { ...SMALL, container: "ts" });
      const route = file(ts, { breakAt: 100_000, ranges: false });
      return { url: (await scene.use(startWrongWeb({ "/film.ts": route }))).at("/film.ts") };
    },
  },
];

const HTTP_STREAMING: readonly Fault[] = [
  {
    ...LOST,
    over: "HTTP",
    wrong: "the camera hangs up",
    code: "END_OF_STREAM",
    arrange: async (scene) => {
      const web = await scene.use(
        startWrongWeb({ "/live": multipart(await odd.jpegs(), { pictures: 30 }) }),
      );
      return { url: web.at("/live") };
    },
  },
  {
    ...LOST,
    over: "HTTP",
    wrong: "the line goes dead",
    code: "READ_TIMEOUT",
    within: "readTimeout",
    arrange: line((proxy) => proxy.stall()),
  },
  {
    ...LOST,
    over: "HTTP",
    wrong: "the connection is reset",
    code: "END_OF_STREAM",
    arrange: line((proxy) => proxy.reset()),
  },
  {
    ...UNHARMED,
    over: "HTTP",
    wrong: "one bit of 50 000 bytes is wrong",
    arrange: line((proxy) => proxy.corrupt(50_000), 30),
  },
  {
    ...LOST,
    over: "HTTP",
    wrong: "pictures end, and something else comes",
    code: "INVALID_DATA",
    arrange: async (scene) => {
      const pictures = await odd.jpegs();
      const right = multipart(pictures);
      const ending = multipart([...pictures, ...pictures], { pictures: 20 });
      let isMended = false;
      const route = async (exchange: Exchange) => {
        if (isMended) return await right(exchange);
        await ending(exchange);
        await exchange.write(Buffer.alloc(200_000, "no picture\r\n"));
      };
      const web = await scene.use(startWrongWeb({ "/live": route }));
      return { url: web.at("/live"), mend: () => isMended = true };
    },
  },
];

export const WEB: readonly Table[] = [
  {
    title: "Opening an HTTP stream",
    phase: "opening",
    faults: [...HTTP_OPENING, ...HLS_OPENING],
  },
  {
    title: "While an HTTP stream runs",
    phase: "streaming",
    faults: [...HTTP_STREAMING, ...HLS_STREAMING],
  },
];
