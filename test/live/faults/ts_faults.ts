/** MPEG-TS over UDP and SRT: nobody has to be there, and nobody says that he goes. */

import { Buffer } from "node:buffer";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { Child } from "../../support/child.ts";
import { lateStart } from "../../support/odd_files.ts";
import { freePort, freeUdpPort } from "../../support/port.ts";
import { startPublisher } from "../../support/publish.ts";
import { Noise } from "../../support/wrong_camera/answers.ts";
import { type Fault, LOST, type Scene, type Table, TRIED_AGAIN, UNHARMED } from "./fault.ts";

/** Seven packets of 188 bytes, as they are usually sent. */
const DATAGRAM = 7 * 188;
/** Of the film: 50 pictures, 25 a second. */
const SECONDS = 2;

/** Sends a film again and again, at its own speed. */
class TsSender implements Disposable {
  /** What becomes of a datagram; undefined: it is not sent. */
  spoil: (data: Buffer, index: number) => Buffer | undefined = (data) => data;
  readonly #socket: Socket;
  readonly #timer: ReturnType<typeof setInterval>;
  #sent = 0;

  constructor(film: Buffer, port: number) {
    this.#socket = createSocket("udp4");
    this.#socket.on("error", () => {});
    const count = Math.ceil(film.length / DATAGRAM);
    this.#timer = setInterval(() => {
      const at = this.#sent++ % count * DATAGRAM;
      const data = this.spoil(Buffer.from(film.subarray(at, at + DATAGRAM)), this.#sent);
      if (data) this.#socket.send(data, port, "127.0.0.1");
    }, SECONDS * 1000 / count);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#socket.close();
  }
}

async function sent(scene: Scene, spoil?: TsSender["spoil"]) {
  const port = await freeUdpPort();
  const sender = await scene.use(new TsSender(await readFile(await lateStart()), port));
  if (spoil) sender.spoil = spoil;
  const mend = () => sender.spoil = (data) => data;
  return { url: `udp://127.0.0.1:${port}`, sender, mend };
}

/** A sender that becomes wrong. */
function wrong(spoil: TsSender["spoil"], frames?: number): Fault["arrange"] {
  return async (scene) => {
    const { url, sender, mend } = await sent(scene);
    return { url, spoil: () => sender.spoil = spoil, mend, frames };
  };
}

/** An SRT server that plays to one caller after the other, as the ffmpeg command has it. */
async function startSrt(scene: Scene, port: number): Promise<Child> {
  const film = await lateStart();
  return await scene.use(
    new Child("ffmpeg", [
      ..."-nostdin -v error -re -stream_loop -1 -i".split(" "),
      ...[film, "-c", "copy", "-f", "mpegts", `srt://127.0.0.1:${port}?mode=listener`],
    ]),
  );
}

/** Another one each time that it ends: an attempt that was given up has ended it. */
async function keepSrt(scene: Scene, port: number): Promise<void> {
  while (!scene.isOver) await (await startSrt(scene, port)).exited;
}

const noise = new Noise();

const OPENING: readonly Fault[] = [
  {
    ...TRIED_AGAIN,
    over: "MPEG-TS over UDP",
    wrong: "nobody sends",
    code: "OPEN_TIMEOUT",
    within: "openTimeout",
    arrange: (scene) => sent(scene, () => undefined),
  },
  {
    ...TRIED_AGAIN,
    over: "MPEG-TS over UDP",
    wrong: "noise is sent",
    code: "OPEN_TIMEOUT",
    within: "openTimeout",
    arrange: (scene) => sent(scene, () => noise.bytes(DATAGRAM)),
  },
  {
    ...TRIED_AGAIN,
    over: "MPEG-TS over UDP",
    wrong: "another program has the port",
    code: "REFUSED",
    says: /another program has the address already/,
    arrange: async (scene) => {
      const { url, mend } = await sent(scene);
      const other = createSocket("udp4");
      let isOpen = true;
      const leave = () => {
        if (isOpen) other.close();
        isOpen = false;
      };
      scene.defer(leave);
      other.bind(Number(new URL(url).port), "127.0.0.1");
      await once(other, "listening");
      return { url, mend: () => (leave(), mend()) };
    },
  },
  {
    ...TRIED_AGAIN,
    over: "MPEG-TS over UDP",
    wrong: "no keyframe is sent",
    code: "KEYFRAME_TIMEOUT",
    events: "connecting reconnecting",
    within: "keyframeTimeout",
    recovery: "retried",
    says: /timed out, data arrives but no keyframe for 1500 ms/,
    arrange: async (scene) => {
      const url = `udp://127.0.0.1:${await freeUdpPort()}`;
      const small = { width: 320, height: 180, keyInterval: 100_000 };
      await scene.use(startPublisher(url, small));
      return { url };
    },
  },
  {
    ...TRIED_AGAIN,
    over: "SRT",
    wrong: "nobody listens on the port",
    code: "OPEN_TIMEOUT",
    within: "openTimeout",
    arrange: async (scene) => {
      const port = await freePort();
      return { url: `srt://127.0.0.1:${port}`, mend: () => void keepSrt(scene, port) };
    },
  },
];

const STREAMING: readonly Fault[] = [
  {
    ...LOST,
    over: "MPEG-TS over UDP",
    wrong: "the sender stops",
    code: "READ_TIMEOUT",
    within: "readTimeout",
    arrange: wrong(() => undefined),
  },
  {
    ...LOST,
    over: "MPEG-TS over UDP",
    wrong: "noise is sent from now on",
    code: "READ_TIMEOUT",
    within: "readTimeout",
    arrange: wrong(() => noise.bytes(DATAGRAM)),
  },
  {
    ...UNHARMED,
    over: "MPEG-TS over UDP",
    wrong: "one datagram of forty is lost",
    arrange: wrong((data, index) => index % 40 ? data : undefined, 30),
  },
  {
    ...UNHARMED,
    over: "MPEG-TS over UDP",
    wrong: "one datagram of forty is noise",
    arrange: wrong((data, index) => index % 40 ? data : noise.bytes(DATAGRAM), 30),
  },
  {
    ...LOST,
    over: "SRT",
    wrong: "the sender is killed",
    code: "END_OF_STREAM",
    arrange: async (scene) => {
      const port = await freePort();
      const sender = await startSrt(scene, port);
      return {
        url: `srt://127.0.0.1:${port}`,
        spoil: () => sender.kill(),
        mend: () => startSrt(scene, port),
      };
    },
  },
  {
    ...LOST,
    over: "SRT",
    wrong: "the sender freezes",
    code: "READ_TIMEOUT",
    within: "readTimeout",
    recovery: "retried",
    arrange: async (scene) => {
      const port = await freePort();
      const sender = await startSrt(scene, port);
      scene.defer(() => sender.resume());
      return { url: `srt://127.0.0.1:${port}`, spoil: () => sender.pause() };
    },
  },
];

export const TS: readonly Table[] = [
  { title: "Opening a transport stream", phase: "opening", faults: OPENING },
  { title: "While a transport stream runs", phase: "streaming", faults: STREAMING },
];
