/** The states in which a stream is stopped, and the time that this takes. */

import { assertEquals, assertLess, assertThrows } from "@std/assert";
import { closeSync, constants, openSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { FrameReleasedError, VideoStream } from "../../../mod.ts";
import { startCamera } from "../../support/camera.ts";
import { Child } from "../../support/child.ts";
import { cameraH264, longGop } from "../../support/elementary.ts";
import { makeVideo } from "../../support/media.ts";
import { freePort, freeUdpPort } from "../../support/port.ts";
import { startRtmpServer } from "../../support/rtmp_server.ts";
import { startProxy } from "../../support/tcp_proxy.ts";
import { rejection, timed, until } from "../../support/waiting.ts";
import { DRIPPING, NOISY, SILENT, startWrongCamera } from "../../support/wrong_camera.ts";
import { startWrongWeb } from "../../support/wrong_web.ts";
import {
  assertBack,
  Follower,
  holdings,
  Notes,
  QUICK,
  SMALL_CAMERA,
  warmUp,
} from "../lifecycle.ts";
import { codeOf, SLOW, TemporaryDirectory } from "../reading.ts";
import { type ActorOptions, type Medium, Scene } from "./fault.ts";
import { blackHole } from "./rtsp_opening.ts";

/** `closeTimeout`: the thread is left behind then, as the README says. */
export type StopBound = "500 ms" | "closeTimeout";

export interface Stop {
  readonly over: Medium;
  /** A clause: "the server accepts and never answers". */
  readonly when: string;
  readonly within: StopBound;
  readonly arrange: (scene: Scene) => Promise<StopSubject>;
}

interface StopSubject {
  readonly url: string;
  readonly options?: ActorOptions | undefined;
  /** Frames come before it is reached. */
  readonly streams?: boolean | undefined;
  /** No more of them come, so that whoever asks for one waits. */
  readonly silent?: boolean | undefined;
  /** Waits until the stream has come so far; after its frames, where it has some. */
  readonly reach?: ((stream: VideoStream) => unknown) | undefined;
}

/** Less than the 2000 ms of `closeTimeout`, and more than 500 ms by what a busy machine adds. */
const BOUND = 1_500;
/** Long enough to be in the middle of something. */
const MIDDLE = 300;

const connected = (stop: { connections: number }) => async () => {
  await until("a connection", () => stop.connections > 0);
  await sleep(MIDDLE);
};

const web = (over: "HTTP" | "HLS", path: string, head: string, when: string): Stop => ({
  over,
  when,
  within: "500 ms",
  arrange: async (scene) => {
    const server = await scene.use(
      startWrongWeb({
        "/": async (exchange) => {
          exchange.head(200, { "Content-Type": head });
          await exchange.write(head.includes("mpegurl") ? "#EXTM3U\n" : "");
          await exchange.sleep(60_000);
        },
      }),
    );
    return { url: server.at(path), reach: connected(server) };
  },
});

/** Ends the open of a thread that was left behind in it. */
function release(pipe: string): void {
  closeSync(openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK));
}

export const STOPS: readonly Stop[] = [
  ...([
    ["accepts and never answers", SILENT],
    ["answers drop by drop", DRIPPING],
    ["sends noise", NOISY],
    ["redirects to itself", { answers: { DESCRIBE: { status: 302 } } }],
  ] as const).map(([what, options]): Stop => ({
    over: "RTSP",
    when: `the server ${what}`,
    within: "500 ms",
    arrange: async (scene) => {
      const camera = await scene.use(startWrongCamera(options));
      return { url: camera.url, reach: connected(camera) };
    },
  })),
  {
    over: "RTSP",
    when: "the connection is not even answered",
    within: "500 ms",
    arrange: async (scene) => ({
      url: `rtsp://127.0.0.1:${await blackHole(scene)}/stream`,
      reach: async (stream) => {
        await sleep(MIDDLE);
        assertEquals([stream.state, stream.lastError], ["connecting", undefined]);
      },
    }),
  },
  {
    over: "RTSP",
    when: "it waits a minute for its next attempt",
    within: "500 ms",
    arrange: async () => ({
      url: `rtsp://127.0.0.1:${await freePort()}/stream`,
      options: { reconnect: { delay: 60_000, maxDelay: 60_000 } },
      reach: (stream) => until("a wait", () => stream.state === "reconnecting"),
    }),
  },
  {
    over: "RTSP",
    when: "PLAY is granted, and nothing is sent",
    within: "500 ms",
    arrange: async (scene) => {
      const footage = await cameraH264();
      const camera = await scene.use(
        startWrongCamera({ footage, pauses: [{ at: 0, ms: 60_000 }] }),
      );
      const reach = () => until("PLAY", () => camera.requested("PLAY").length > 0);
      return { url: camera.url, reach };
    },
  },
  {
    over: "RTSP",
    when: "it waits for a keyframe",
    within: "500 ms",
    arrange: async (scene) => {
      const camera = await scene.use(startWrongCamera({ footage: await longGop(), start: 10 }));
      const reach = (stream: VideoStream) =>
        until("packets", () => stream.stats().dropped.beforeKeyframe > 3);
      return { url: camera.url, reach };
    },
  },
  ...(["tcp", "udp"] as const).map((transport): Stop => ({
    over: "RTSP",
    when: `frames come over ${transport.toUpperCase()}`,
    within: "500 ms",
    arrange: async (scene) => {
      const { url } = await scene.use(startCamera(SMALL_CAMERA));
      return { url, options: { transport }, streams: true };
    },
  })),
  {
    over: "RTSP",
    when: "the camera has frozen",
    within: "500 ms",
    arrange: async (scene) => {
      const camera = await scene.use(startCamera(SMALL_CAMERA));
      scene.defer(() => camera.resume());
      return {
        url: camera.url,
        options: { transport: "tcp" },
        streams: true,
        silent: true,
        reach: async (stream) => {
          camera.pause();
          await until("a silence", () => (stream.read()?.age ?? 0) > MIDDLE);
        },
      };
    },
  },
  {
    over: "RTSP",
    when: "the camera has gone, and nobody says so",
    within: "500 ms",
    arrange: async (scene) => {
      const camera = await scene.use(startWrongCamera({ footage: await cameraH264() }));
      const proxy = await scene.use(startProxy({ targetPort: camera.port }));
      const reach = async (stream: VideoStream) => {
        proxy.halfOpen();
        await until("a silence", () => (stream.read()?.age ?? 0) > MIDDLE);
      };
      return { url: proxy.url, streams: true, silent: true, reach };
    },
  },
  {
    over: "RTMP",
    when: "the server accepts and never answers",
    within: "500 ms",
    arrange: async (scene) => {
      const server = await scene.use(startWrongCamera(SILENT));
      return { url: `rtmp://127.0.0.1:${server.port}/live/key`, reach: connected(server) };
    },
  },
  {
    over: "RTMP",
    when: "it waits for a publisher",
    within: "500 ms",
    arrange: async (scene) => {
      const server = await scene.use(startRtmpServer({ idleStreams: true }));
      return { url: server.url("live"), reach: () => sleep(2 * MIDDLE) };
    },
  },
  web("HTTP", "/live", "multipart/x-mixed-replace; boundary=b", "the answer has no content"),
  web("HLS", "/live.m3u8", "application/vnd.apple.mpegurl", "the playlist does not end"),
  {
    over: "MPEG-TS over UDP",
    when: "nobody sends",
    within: "500 ms",
    arrange: async () => ({
      url: `udp://127.0.0.1:${await freeUdpPort()}`,
      reach: () => sleep(2 * MIDDLE),
    }),
  },
  {
    over: "SRT",
    when: "nobody listens on the port",
    within: "500 ms",
    arrange: async () => ({
      url: `srt://127.0.0.1:${await freePort()}`,
      reach: () => sleep(MIDDLE),
    }),
  },
  {
    over: "a file",
    when: "it waits for its reader",
    within: "500 ms",
    arrange: async () => ({
      url: await makeVideo({ frames: 60 }),
      streams: true,
      reach: () => sleep(MIDDLE),
    }),
  },
  {
    over: "a file",
    when: "it waits for the time of its next frame",
    within: "500 ms",
    arrange: async () => ({
      url: await makeVideo({ frames: 10, fps: 1, name: "slow" }),
      options: { pace: true },
      streams: true,
    }),
  },
  {
    over: "a file",
    when: "it is a pipe that nobody writes to, opened by the option container",
    within: "closeTimeout",
    arrange: async (scene) => {
      const url = (await scene.use(await TemporaryDirectory.make())).file("pipe.ts");
      await using mkfifo = new Child("mkfifo", [url]);
      await mkfifo.exited;
      scene.defer(() => release(url));
      return {
        url,
        options: { container: "mpegts", closeTimeout: 400 },
        reach: async (stream) => {
          await until("the libraries", () => stream.stats().libav);
          await sleep(2 * MIDDLE);
        },
      };
    },
  },
];

/** Stops a stream in this state: whoever waits for it hears of that, and nothing is left. */
export async function stopIn({ within, arrange }: Stop): Promise<void> {
  const before = holdings();
  await using scene = new Scene();
  const { url, options, streams, silent = !streams, reach } = await arrange(scene);
  const notes = new Notes();
  await using stream = new VideoStream(url, { ...QUICK, logger: notes, ...options });
  stream.start();
  const ready = rejection(stream.ready);
  const frame = streams ? await stream.next() : undefined;
  await reach?.(stream);
  stream.read();
  const next = silent ? rejection(stream.next()) : undefined;
  const loop = new Follower(stream);
  const elapsed = await timed(Promise.all([stream.stop(), ready, next, loop.ended]));
  assertLess(elapsed, within === "500 ms" ? BOUND : 400 + BOUND);
  const left = notes.find(/did not end within/).length;
  assertEquals(left, within === "500 ms" ? 0 : 1);
  assertEquals([stream.state, stream.isConnected, stream.read()], ["stopped", false, null]);
  assertEquals(await loop.ended, undefined);
  if (silent) assertEquals(codeOf(await next), "CLOSED");
  assertEquals(codeOf(await rejection(stream.next())), "CLOSED");
  if (frame) assertThrows(() => frame.data, FrameReleasedError);
  else assertEquals(codeOf(await ready), "ABORTED");
  await scene[Symbol.asyncDispose]();
  await assertBack(before);
}

export function testStops(): void {
  for (const stop of STOPS) {
    test(`stop(): ${stop.over}: ${stop.when}`, SLOW, async () => {
      await warmUp();
      await stopIn(stop);
    });
  }
}
