/** RTMP servers and publishers that are away, silent or odd. */

import { freePort } from "../../support/port.ts";
import { startPublisher } from "../../support/publish.ts";
import { type RtmpServer, startRtmpServer } from "../../support/rtmp_server.ts";
import { startRtmpHello } from "../../support/rtmp_hello.ts";
import { type Proxy, startProxy } from "../../support/tcp_proxy.ts";
import { NOISY, SILENT, startWrongCamera } from "../../support/wrong_camera.ts";
import { type Fault, LOST, type Scene, type Table, TRIED_AGAIN, UNHARMED } from "./fault.ts";

const SMALL = { width: 320, height: 180, keyInterval: 10 } as const;

/** A server with a publisher, and a proxy before it. */
async function published(scene: Scene, key = "live") {
  const server = await scene.use(startRtmpServer());
  const publisher = await scene.use(startPublisher(server.url(key), SMALL));
  const proxy = await scene.use(startProxy({ targetPort: server.port }));
  return { server, publisher, proxy, url: `rtmp://127.0.0.1:${proxy.port}/live/${key}` };
}

function line(spoil: (proxy: Proxy) => void): Fault["arrange"] {
  return async (scene) => {
    const { proxy, url } = await published(scene);
    const mend = () => {
      proxy.pass();
      proxy.cut();
    };
    return { url, spoil: () => spoil(proxy), mend };
  };
}

/** An address whose server is not an RTMP server until it is mended. */
async function misplaced(scene: Scene, options: typeof SILENT) {
  const camera = await scene.use(startWrongCamera(options));
  return {
    url: `rtmp://127.0.0.1:${camera.port}/live/live`,
    mend: async () => {
      await camera.stop();
      await publishAt(scene, camera.port);
    },
  };
}

async function publishAt(scene: Scene, port: number): Promise<RtmpServer> {
  const server = await scene.use(startRtmpServer({ port }));
  await scene.use(startPublisher(server.url("live"), SMALL));
  return server;
}

export const RTMP_OPENING: readonly Fault[] = [
  {
    ...TRIED_AGAIN,
    over: "RTMP",
    wrong: "nothing listens on the port",
    code: "REFUSED",
    says: /ECONNREFUSED/,
    arrange: async (scene) => {
      const port = await freePort();
      return {
        url: `rtmp://127.0.0.1:${port}/live/live`,
        mend: () => publishAt(scene, port),
      };
    },
  },
  {
    ...TRIED_AGAIN,
    over: "RTMP",
    wrong: "the server accepts and never answers",
    code: "OPEN_TIMEOUT",
    within: "openTimeout",
    arrange: (scene) => misplaced(scene, SILENT),
  },
  {
    ...TRIED_AGAIN,
    over: "RTMP",
    wrong: "the answer is noise",
    code: "REFUSED",
    arrange: (scene) => misplaced(scene, NOISY),
  },
  {
    ...TRIED_AGAIN,
    over: "RTMP",
    wrong: "the server hangs up after the handshake",
    code: "REFUSED",
    says: /refused the connection or closed it/,
    recovery: "retried",
    arrange: async (scene) => ({ url: (await scene.use(startRtmpHello())).url }),
  },
  {
    ...TRIED_AGAIN,
    over: "RTMP",
    wrong: "nobody publishes to the stream key",
    code: "REFUSED",
    arrange: async (scene) => {
      const server = await scene.use(startRtmpServer());
      const url = server.url("live");
      return { url, mend: () => scene.use(startPublisher(url, SMALL)) };
    },
  },
  {
    ...TRIED_AGAIN,
    over: "RTMP",
    wrong: "the server has no such application",
    code: "REFUSED",
    recovery: "retried",
    arrange: async (scene) => {
      const server = await scene.use(startRtmpServer());
      return { url: server.url("live").replace("/live/", "/nowhere/") };
    },
  },
  {
    ...TRIED_AGAIN,
    over: "RTMP",
    wrong: "the line drips",
    code: "OPEN_TIMEOUT",
    within: "openTimeout",
    arrange: async (scene) => {
      const { proxy, url } = await published(scene);
      proxy.drip(50);
      return { url, mend: () => proxy.pass() };
    },
  },
];

export const RTMP_STREAMING: readonly Fault[] = [
  {
    ...LOST,
    over: "RTMP",
    wrong: "the publisher goes",
    code: "END_OF_STREAM",
    arrange: async (scene) => {
      const { url, publisher, server } = await published(scene);
      return {
        url,
        spoil: () => publisher.kill(),
        mend: () => scene.use(startPublisher(server.url("live"), SMALL)),
      };
    },
  },
  {
    ...LOST,
    over: "RTMP",
    wrong: "the publisher freezes",
    code: "READ_TIMEOUT",
    within: "readTimeout",
    arrange: async (scene) => {
      const { url, publisher } = await published(scene);
      scene.defer(() => publisher.resume());
      return { url, spoil: () => publisher.pause(), mend: () => publisher.resume() };
    },
  },
  {
    ...LOST,
    over: "RTMP",
    wrong: "the line goes dead",
    code: "READ_TIMEOUT",
    within: "readTimeout",
    arrange: line((proxy) => proxy.stall()),
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
    wrong: "the connection is cut after some bytes",
    code: "END_OF_STREAM",
    arrange: line((proxy) => proxy.dropAfter(5_000)),
  },
  {
    ...UNHARMED,
    over: "RTMP",
    wrong: "the line is slower from now on, by 400 ms",
    arrange: line((proxy) => proxy.delay(400)),
  },
];

export const RTMP: readonly Table[] = [
  { title: "Opening an RTMP stream", phase: "opening", faults: RTMP_OPENING },
  { title: "While an RTMP stream runs", phase: "streaming", faults: RTMP_STREAMING },
];
