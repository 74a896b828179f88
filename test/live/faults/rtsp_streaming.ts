/** RTSP streams that are lost, come damaged, or are odd and go on. */

import { Buffer } from "node:buffer";
import { assertGreater } from "@std/assert";
import { startCamera } from "../../support/camera.ts";
import { cameraH264 } from "../../support/elementary.ts";
import { type Proxy, startProxy } from "../../support/tcp_proxy.ts";
import {
  loss,
  METADATA,
  SOUND,
  startWrongCamera,
  times,
  type WrongCamera,
  type WrongCameraOptions,
} from "../../support/wrong_camera.ts";
import { SMALL_CAMERA } from "../lifecycle.ts";
import { type Fault, LOST, STALLED, type Subject, type Table, UNHARMED } from "./fault.ts";

/** A camera that is wrong by itself, or once it is spoilt, until it is mended. */
function wrong(
  options: WrongCameraOptions,
  more: Omit<Subject, "url" | "mend" | "spoil"> & { spoil?: (camera: WrongCamera) => unknown } = {},
): Fault["arrange"] {
  return async (scene) => {
    const camera = await scene.use(startWrongCamera({ footage: await cameraH264(), ...options }));
    const { spoil, ...rest } = more;
    return {
      url: camera.url,
      mend: () => camera.become({}),
      ...rest,
      ...spoil && { spoil: () => spoil(camera) },
    };
  };
}

/** A right camera behind a line that becomes bad. */
function line(
  spoil: (proxy: Proxy) => void,
  more: Omit<Subject, "url" | "mend" | "spoil"> = {},
): Fault["arrange"] {
  return async (scene) => {
    const camera = await scene.use(startWrongCamera({ footage: await cameraH264() }));
    const proxy = await scene.use(startProxy({ targetPort: camera.port }));
    return {
      url: proxy.url,
      spoil: () => spoil(proxy),
      mend: () => {
        proxy.pass();
        // An attempt may have begun on the bad line.
        proxy.cut();
      },
      ...more,
    };
  };
}

/** What a server says between two packets. */
function said(data: string | Uint8Array): Fault["arrange"] {
  return wrong({}, { spoil: (camera) => camera.say(data) });
}

/** An interleaved packet (RFC 2326, 10.12). */
function packet(channel: number, data: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0x24, channel, data.length >> 8, data.length & 255]), data]);
}

const ENDED = { ...LOST, code: "END_OF_STREAM" } as const;
const SILENT = { ...LOST, code: "READ_TIMEOUT", within: "readTimeout" } as const;
/** The session ends after two seconds without a request: the client has to ask in between. */
const ALIVE = { session: { timeout: 2, enforced: true } } as const;

const FAULTS: readonly Fault[] = [
  {
    ...ENDED,
    over: "RTSP",
    wrong: "the camera closes the connection",
    arrange: wrong({ hangUp: { at: 20 } }),
  },
  {
    ...ENDED,
    over: "RTSP",
    wrong: "the camera ends its side of the connection",
    arrange: wrong({ hangUp: { at: 20, how: "half-close" } }),
  },
  {
    ...ENDED,
    over: "RTSP",
    wrong: "the connection ends in the middle of a packet",
    arrange: wrong({ hangUp: { at: 20, how: "mid-packet" } }),
  },
  {
    ...ENDED,
    over: "RTSP",
    wrong: "the connection is reset",
    arrange: line((proxy) => proxy.reset()),
  },
  {
    ...ENDED,
    over: "RTSP",
    wrong: "the connection is cut after some bytes",
    arrange: line((proxy) => proxy.dropAfter(7_000)),
  },
  {
    ...ENDED,
    over: "RTSP",
    wrong: "the camera says BYE (RTCP)",
    arrange: wrong({ fps: 50, end: "bye" }),
  },
  {
    ...SILENT,
    over: "RTSP",
    wrong: "the camera freezes",
    says: /timed out, no data for 1500 ms$/,
    arrange: async (scene) => {
      const camera = await scene.use(startCamera(SMALL_CAMERA));
      scene.defer(() => camera.resume());
      return {
        url: camera.url,
        options: { transport: "tcp" },
        spoil: () => camera.pause(),
        mend: () => camera.resume(),
      };
    },
  },
  {
    ...SILENT,
    over: "RTSP",
    wrong: "the line goes dead",
    arrange: line((proxy) => proxy.stall()),
  },
  {
    ...SILENT,
    over: "RTSP",
    wrong: "the camera has gone, and nobody says so",
    arrange: line((proxy) => proxy.halfOpen()),
  },
  {
    ...STALLED,
    over: "RTSP",
    wrong: "the line goes dead, and stallTimeout is the shorter one",
    arrange: line((proxy) => proxy.stall(), { options: { readTimeout: 30_000 } }),
  },
  {
    ...STALLED,
    over: "RTSP",
    wrong: "the line drips: a byte now and then",
    arrange: line((proxy) => proxy.drip(20), { options: { readTimeout: 30_000 } }),
  },
  {
    ...SILENT,
    over: "RTSP",
    wrong: "no picture comes any more, and sound goes on",
    arrange: wrong({ after: [SOUND], pauses: [{ at: 20, ms: 60_000 }] }),
  },
  {
    ...SILENT,
    over: "RTSP",
    wrong: "over UDP, nothing comes any more",
    arrange: wrong({ transports: ["udp"], pauses: [{ at: 20, ms: 60_000 }] }),
  },
  {
    ...STALLED,
    over: "RTSP",
    wrong: "every keyframe is lost from now on",
    within: "keyframeTimeout",
    arrange: wrong({
      fates: ({ keyframe, picture }) => keyframe && picture > 20 ? "lose" : "send",
    }),
  },
  {
    ...UNHARMED,
    over: "RTSP",
    wrong: "over UDP, one packet of a hundred is lost",
    arrange: wrong({ transports: ["udp"], fates: loss.everyNth(100) }),
  },
  {
    ...UNHARMED,
    over: "RTSP",
    wrong: "over UDP, one packet of a hundred comes twice",
    arrange: wrong({ transports: ["udp"], fates: loss.duplicates(100) }),
  },
  {
    ...UNHARMED,
    over: "RTSP",
    wrong: "the line is slower from now on, by 400 ms",
    arrange: line((proxy) => proxy.delay(400)),
  },
  {
    ...UNHARMED,
    over: "RTSP",
    wrong: "the line takes half of what the camera sends",
    arrange: line((proxy) => proxy.throttle(40_000)),
  },
  {
    ...UNHARMED,
    over: "RTSP",
    wrong: "one bit of 20 000 bytes is wrong",
    arrange: line((proxy) => proxy.corrupt(20_000), { frames: 60 }),
  },
  {
    ...UNHARMED,
    over: "RTSP",
    wrong: "pieces of the connection arrive in the wrong order",
    arrange: line((proxy) => proxy.reorder(), { frames: 30 }),
  },
  {
    ...UNHARMED,
    over: "RTSP",
    wrong: "a packet of a channel that was never set up",
    arrange: said(packet(77, Buffer.alloc(1_000, 0x80))),
  },
  {
    ...UNHARMED,
    over: "RTSP",
    wrong: "a packet of no length, and one that is too short for a header",
    arrange: said(Buffer.concat([packet(0, Buffer.alloc(0)), packet(0, Buffer.from([0x80]))])),
  },
  {
    ...UNHARMED,
    over: "RTSP",
    wrong: "a packet of 65 535 bytes of noise",
    arrange: said(packet(0, Buffer.alloc(65_535, 0x93))),
  },
  {
    ...UNHARMED,
    over: "RTSP",
    wrong: "text between two packets that is no RTSP",
    arrange: said("camera: low battery\r\n\r\n"),
  },
  {
    ...UNHARMED,
    over: "RTSP",
    wrong: "the camera asks the client: OPTIONS",
    arrange: said("OPTIONS * RTSP/1.0\r\nCSeq: 4711\r\n\r\n"),
  },
  {
    ...UNHARMED,
    over: "RTSP",
    wrong: "the camera asks the client: SET_PARAMETER",
    arrange: said("SET_PARAMETER * RTSP/1.0\r\nCSeq: 4712\r\nContent-Length: 6\r\n\r\na: b\r\n"),
  },
  {
    ...UNHARMED,
    over: "RTSP",
    wrong: "requests that keep the session alive are not answered",
    arrange: wrong({
      ...{ session: { timeout: 2 }, answers: { GET_PARAMETER: "never" } },
    }, { frames: 75 }),
  },
  {
    ...UNHARMED,
    over: "RTSP",
    wrong: "requests that keep the session alive are answered 405",
    arrange: wrong({
      ...{ session: { timeout: 2 }, answers: { GET_PARAMETER: { status: 405 } } },
    }, { frames: 75 }),
  },
  {
    ...UNHARMED,
    over: "RTSP",
    wrong: "the camera hangs up on those who ask nothing for two seconds",
    arrange: async (scene) => {
      const footage = await cameraH264();
      const camera = await scene.use(startWrongCamera({ footage, ...ALIVE }));
      const asked = camera.requests.length;
      const check = () => assertGreater(camera.requests.length, asked);
      return { url: camera.url, frames: 100, check };
    },
  },
  {
    ...UNHARMED,
    over: "RTSP",
    wrong: "the password's nonce is stale after five requests",
    arrange: async (scene) => {
      const account = { username: "operator", password: "right" };
      const camera = await scene.use(startWrongCamera({
        footage: await cameraH264(),
        authentication: { ...account, requestsPerNonce: 5 },
        ...ALIVE,
      }));
      return { url: camera.url, options: account, frames: 125 };
    },
  },
  ...([
    ["stand still", times.frozen()],
    ["go backwards", times.backwards()],
    ["jump by an hour", times.jump({ at: 30 })],
    ["begin again", times.restart({ at: 30 })],
    ["pass their greatest value", times.wrapping()],
  ] as const).map(([what, timestamps]): Fault => ({
    ...UNHARMED,
    over: "RTSP",
    wrong: `the times of the pictures ${what}`,
    arrange: wrong({ timestamps }, { frames: 50 }),
  })),
  {
    ...UNHARMED,
    over: "RTSP",
    wrong: "sender reports have no time",
    arrange: wrong({ reports: { zero: true, every: 200 } }, { frames: 30 }),
  },
  {
    ...UNHARMED,
    over: "RTSP",
    wrong: "no picture ends with a marker",
    arrange: wrong({ marker: "never" }, { frames: 30 }),
  },
  {
    ...UNHARMED,
    over: "RTSP",
    wrong: "there is metadata beside the video",
    arrange: wrong({ after: [METADATA] }),
  },
];

export const RTSP_STREAMING: Table = {
  title: "While a camera's stream runs",
  phase: "streaming",
  faults: FAULTS,
};
