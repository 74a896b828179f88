/** RTSP cameras that cannot be opened, or only just. */

import { Child } from "../../support/child.ts";
import { cameraH264 } from "../../support/elementary.ts";
import { freePort } from "../../support/port.ts";
import { startProxy } from "../../support/tcp_proxy.ts";
import {
  DRIPPING,
  NOISY,
  SILENT,
  SOUND,
  startWrongCamera,
  UNKNOWN_AUDIO,
  UNKNOWN_VIDEO,
  type WrongCameraOptions,
} from "../../support/wrong_camera.ts";
import {
  type Fault,
  FINAL,
  OPENED,
  type Scene,
  type Subject,
  type Table,
  TIMED_OUT,
  TRIED_AGAIN,
} from "./fault.ts";

/** A camera that is wrong until it is mended. */
function wrong(
  options: WrongCameraOptions,
  more: Omit<Subject, "url" | "mend"> = {},
): Fault["arrange"] {
  return async (scene) => {
    const footage = await cameraH264();
    const camera = await scene.use(startWrongCamera({ footage, ...options }));
    return { url: camera.url, mend: () => camera.become({}), ...more };
  };
}

/** A right camera behind a line that is bad until it is mended. */
function line(
  spoil: (proxy: Awaited<ReturnType<typeof startProxy>>) => void,
  options: Subject["options"] = {},
): Fault["arrange"] {
  return async (scene) => {
    const camera = await scene.use(startWrongCamera({ footage: await cameraH264() }));
    const proxy = await scene.use(startProxy({ targetPort: camera.port }));
    spoil(proxy);
    return { url: proxy.url, options, mend: () => proxy.pass() };
  };
}

async function closed(scene: Scene): Promise<Subject> {
  const port = await freePort();
  const footage = await cameraH264();
  return {
    url: `rtsp://127.0.0.1:${port}/stream`,
    mend: () => scene.use(startWrongCamera({ footage, port })),
  };
}

/** Its queue of connections is full, so that another one is never answered. */
const BLACK_HOLE = `
import socket, time
hole = socket.socket()
hole.bind(("127.0.0.1", 0))
hole.listen(0)
full = []
for _ in range(4):
    one = socket.socket()
    one.setblocking(False)
    one.connect_ex(hole.getsockname())
    full.append(one)
time.sleep(0.2)
print("READY", hole.getsockname()[1], flush=True)
time.sleep(60)
`;

export async function blackHole(scene: Scene): Promise<number> {
  let port = 0;
  const hole = await scene.use(
    new Child("/usr/bin/python3", ["-c", BLACK_HOLE], {
      onLine: (line) => port = Number(line.split(" ")[1]),
    }),
  );
  return await hole.until("black hole", () => port || undefined);
}

const STATUSES = ([
  [401, "AUTH_FAILED"],
  [403, "AUTH_FAILED"],
  [404, "NOT_FOUND"],
  [453, "REFUSED"],
  [500, "REFUSED"],
  [503, "REFUSED"],
] as const).flatMap(([status, code]) =>
  (["DESCRIBE", "SETUP", "PLAY"] as const).map((method): Fault => ({
    ...code === "AUTH_FAILED" ? FINAL : TRIED_AGAIN,
    over: "RTSP",
    wrong: `${method} is answered ${status}`,
    code,
    arrange: wrong({ answers: { [method]: { status } } }),
  }))
);

const account = { username: "operator", password: "right" };

const SILENCE = { ...TRIED_AGAIN, code: "READ_TIMEOUT", within: "readTimeout" } as const;

const replaced = (from: string, to: string) => (lines: string[]) =>
  lines.map((line) => line.replace(from, to));

const FAULTS: readonly Fault[] = [
  {
    ...TRIED_AGAIN,
    over: "RTSP",
    wrong: "nothing listens on the port",
    code: "REFUSED",
    says: /ECONNREFUSED/,
    arrange: closed,
  },
  {
    ...TRIED_AGAIN,
    over: "RTSP",
    wrong: "every connection is closed at once",
    says: /the server closed the connection without an answer/,
    code: "REFUSED",
    arrange: line((proxy) => proxy.refuse()),
  },
  {
    ...TIMED_OUT,
    over: "RTSP",
    wrong: "the connection is not even answered",
    recovery: "retried",
    arrange: async (scene) => ({ url: `rtsp://127.0.0.1:${await blackHole(scene)}/stream` }),
  },
  {
    ...TRIED_AGAIN,
    over: "RTSP",
    wrong: "there is no host of this name",
    code: "UNREACHABLE",
    recovery: "retried",
    says: /nonexistent\.invalid/,
    arrange: () => Promise.resolve({ url: "rtsp://nonexistent.invalid/stream" }),
  },
  {
    ...TIMED_OUT,
    over: "RTSP",
    wrong: "the server accepts and never answers",
    says: /timed out after 1500 ms$/,
    arrange: wrong(SILENT),
  },
  {
    ...TIMED_OUT,
    over: "RTSP",
    wrong: "the answer is a header without an end, byte by byte",
    arrange: wrong(DRIPPING),
  },
  {
    ...TIMED_OUT,
    over: "RTSP",
    wrong: "the line drips",
    arrange: line((proxy) => proxy.drip(50)),
  },
  {
    ...TIMED_OUT,
    over: "RTSP",
    wrong: "nobody is behind the line any more",
    arrange: line((proxy) => proxy.halfOpen()),
  },
  {
    ...TIMED_OUT,
    over: "RTSP",
    wrong: "DESCRIBE is redirected to itself",
    arrange: wrong({ answers: { DESCRIBE: { status: 302 } } }),
  },
  {
    ...SILENCE,
    over: "RTSP",
    wrong: "PLAY is granted, and nothing is sent",
    arrange: wrong({ pauses: [{ at: 0, ms: 60_000 }] }),
  },
  {
    ...SILENCE,
    over: "RTSP",
    wrong: "PLAY is granted, and only sound is sent",
    arrange: wrong({ after: [SOUND], pauses: [{ at: 0, ms: 60_000 }] }),
  },
  {
    ...TIMED_OUT,
    over: "RTSP",
    wrong: "noise is sent in place of answers",
    arrange: wrong(NOISY),
  },
  {
    ...TIMED_OUT,
    over: "RTSP",
    wrong: "an answer to DESCRIBE is noise",
    arrange: wrong({ answers: { DESCRIBE: "garbage" } }),
  },
  {
    ...TRIED_AGAIN,
    over: "RTSP",
    wrong: "the server hangs up on DESCRIBE",
    says: /the server closed the connection without an answer/,
    code: "REFUSED",
    arrange: wrong({ answers: { DESCRIBE: "close" } }),
  },
  {
    ...TRIED_AGAIN,
    over: "RTSP",
    wrong: "the server hangs up after PLAY",
    code: "END_OF_STREAM",
    arrange: wrong({ hangUp: { at: 0 } }),
  },
  {
    ...TRIED_AGAIN,
    over: "RTSP",
    wrong: "the session description is said to have 2 GB",
    code: "INVALID_DATA",
    says: /announces a description .* of 2000000000 bytes, and FFmpeg gets no more than 300000000/,
    arrange: wrong({ answers: { DESCRIBE: { contentLength: 2_000_000_000 } } }),
  },
  {
    ...TIMED_OUT,
    over: "RTSP",
    wrong: "the session description does not end",
    arrange: wrong({ answers: { DESCRIBE: { contentLength: 1_000_000 } } }),
  },
  {
    ...TRIED_AGAIN,
    over: "RTSP",
    wrong: "the session description is cut off",
    code: "INVALID_DATA",
    says: /announces a description .* of 100000 bytes, and sends \d{3} of them/,
    arrange: wrong({ answers: { DESCRIBE: { contentLength: 100_000, last: true } } }),
  },
  {
    ...TRIED_AGAIN,
    over: "RTSP",
    wrong: "it is not told how long the session description is",
    code: "INVALID_DATA",
    says: /does not say by a Content-Length how long it is/,
    arrange: wrong({ answers: { DESCRIBE: { contentLength: 0 } } }),
  },
  {
    ...TRIED_AGAIN,
    over: "RTSP",
    wrong: "the session description is empty",
    code: "INVALID_DATA",
    says: /sent no description of the stream \(SDP\) \(/,
    arrange: wrong({ answers: { DESCRIBE: { headers: { "Content-Length": "0" }, body: "" } } }),
  },
  {
    ...TRIED_AGAIN,
    over: "RTSP",
    wrong: "the session description is noise",
    code: "NO_VIDEO",
    arrange: wrong({ answers: { DESCRIBE: { body: "\x00\xff".repeat(500) } } }),
  },
  {
    ...TRIED_AGAIN,
    over: "RTSP",
    wrong: "the camera has sound alone",
    code: "NO_VIDEO",
    arrange: wrong({
      answers: {
        DESCRIBE: {
          body: "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=audio 0 RTP/AVP 8\r\n" +
            "a=rtpmap:8 PCMA/8000\r\na=control:sound\r\n",
        },
      },
    }),
  },
  {
    ...FINAL,
    over: "RTSP",
    wrong: "the codec is one that nobody knows",
    code: "UNSUPPORTED_CODEC",
    arrange: wrong({ sdp: { fmtp: false, change: replaced("H264", "X-SECRET-CODEC") } }),
  },
  {
    ...TRIED_AGAIN,
    over: "RTSP",
    wrong: "no transport is granted",
    code: "REFUSED",
    says: /refuses to send over TCP and over UDP/,
    arrange: wrong({ transports: [] }),
  },
  {
    ...TRIED_AGAIN,
    over: "RTSP",
    wrong: "rtsps, and the server speaks no TLS",
    code: "TLS_FAILED",
    recovery: "retried",
    arrange: async (scene) => {
      const camera = await scene.use(startWrongCamera(NOISY));
      return { url: camera.url.replace("rtsp:", "rtsps:") };
    },
  },
  ...(["basic", "md5"] as const).map((scheme): Fault => ({
    ...FINAL,
    over: "RTSP",
    wrong: `the password is wrong (${scheme === "md5" ? "Digest" : "Basic"})`,
    code: "AUTH_FAILED",
    arrange: wrong({ authentication: { ...account, schemes: [scheme] } }, {
      options: { username: "operator", password: "wrong" },
    }),
  })),
  {
    ...FINAL,
    over: "RTSP",
    wrong: "every password is called stale",
    code: "AUTH_FAILED",
    arrange: wrong({ authentication: { ...account, alwaysStale: true } }, { options: account }),
  },
  ...STATUSES,
  {
    ...OPENED,
    over: "RTSP",
    wrong: "everything arrives 400 ms later",
    arrange: line((proxy) => proxy.delay(400)),
  },
  {
    ...OPENED,
    over: "RTSP",
    wrong: "each answer takes 500 ms",
    arrange: wrong({ answers: { all: { delay: 500 } } }),
  },
  {
    ...TRIED_AGAIN,
    over: "RTSP",
    wrong: "OPTIONS is answered 404",
    code: "NOT_FOUND",
    arrange: wrong({ answers: { OPTIONS: { status: 404 } } }),
  },
  {
    ...OPENED,
    over: "RTSP",
    wrong: "the head of an answer has a line of 100 000 bytes, and a thousand more",
    arrange: wrong({
      answers: {
        DESCRIBE: {
          headers: {
            "X-Long": "x".repeat(100_000),
            ...Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`X-${i}`, `${i}`])),
          },
        },
      },
    }),
  },
  {
    ...OPENED,
    over: "RTSP",
    wrong: "other answers are said to have 2 GB",
    arrange: wrong({
      answers: {
        OPTIONS: { contentLength: 2_000_000_000 },
        SETUP: { contentLength: 2_000_000_000 },
        PLAY: { contentLength: 2_000_000_000 },
      },
    }),
  },
  {
    ...OPENED,
    over: "RTSP",
    wrong: "the session description has a megabyte",
    arrange: wrong({
      sdp: {
        change: (lines) => [
          lines[0]!,
          ...Array.from({ length: 500 }, () => `a=x-${"x".repeat(2_000)}`),
          ...lines.slice(1),
        ],
      },
    }),
  },
  {
    ...OPENED,
    over: "RTSP",
    wrong: "the session description has no parameter sets",
    arrange: wrong({ sdp: { parameterSets: false } }),
  },
  {
    ...OPENED,
    over: "RTSP",
    wrong: "the session description has two names, and an address that is none",
    arrange: wrong({
      sdp: { change: (lines) => [lines[0]!, "s=one", "c=IN IP4 nowhere", ...lines.slice(1)] },
    }),
  },
  {
    ...OPENED,
    over: "RTSP",
    wrong: "there are twenty media that nobody can decode beside the video",
    arrange: wrong({
      before: Array.from({ length: 10 }, (_, i) => ({ ...UNKNOWN_VIDEO, control: `v${i}` })),
      after: Array.from({ length: 10 }, (_, i) => ({ ...UNKNOWN_AUDIO, control: `a${i}` })),
    }),
  },
];

export const RTSP_OPENING: Table = { title: "Opening a camera", phase: "opening", faults: FAULTS };
