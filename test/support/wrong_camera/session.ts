/** One client of the wrong camera. */

import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { UdpSender } from "../udp_sender.ts";
import { answerTo, Noise, type Reply, replyText, type Request } from "./answers.ts";
import type { Guard } from "./authentication.ts";
import type { Footage } from "./footage.ts";
import type { Fate } from "./loss.ts";
import type { ExtraMedia, WrongCameraOptions } from "./options.ts";
import { type Outlet, Player } from "./player.ts";
import { describe, payloadTypeOf } from "./sdp.ts";

const INTERLEAVED = 0x24;
/** So much may wait for a client that does not read. */
const SEND_LIMIT = 4 << 20;
const SESSION = "12345678";

/** What the sessions of a camera share. */
export interface SessionCamera {
  readonly options: WrongCameraOptions;
  readonly footage: Footage | undefined;
  readonly guard: Guard | undefined;
  readonly age: number;
  readonly requests: string[];
  readonly asked: Request[];
  pictures: number;
  reports: number;
  countPacket(fate: Fate): void;
}

export class Session {
  readonly #camera: SessionCamera;
  readonly #socket: Socket;
  readonly #connection: number;
  readonly #player: Player | undefined;
  readonly #before = new Map<string, number>();
  #rest = Buffer.alloc(0);
  #answered: Promise<void> = Promise.resolve();
  #frozen = false;
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(camera: SessionCamera, socket: Socket, connection: number) {
    this.#camera = camera;
    this.#socket = socket;
    this.#connection = connection;
    this.#player = this.#makePlayer();
    socket.on("data", (chunk: Uint8Array) => this.#receive(chunk));
    socket.on("end", () => socket.end());
    socket.once("close", () => {
      clearTimeout(this.#idle);
      this.#player?.stop();
    });
    this.#watch();
  }

  #makePlayer(): Player | undefined {
    const { footage, options } = this.#camera;
    if (!footage) return undefined;
    return new Player(footage, payloadTypeOf(footage.codec, options), options, {
      sent: (fate) => this.#camera.countPacket(fate),
      picture: () => this.#camera.pictures++,
      freeze: () => this.#frozen = true,
      hangUp: (how) => {
        if (how === "close") return this.#socket.destroySoon();
        if (how === "mid-packet") this.#socket.write(Buffer.from([INTERLEAVED, 0, 5, 0, 0x80]));
        this.#socket.end();
      },
      isFull: () => this.#socket.writableLength > SEND_LIMIT,
    });
  }

  /** Hangs up when nothing was asked for too long. */
  #watch(): void {
    const { timeout = 60, enforced } = this.#camera.options.session ?? {};
    if (!enforced) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#socket.destroy(), timeout * 1000);
  }

  #receive(chunk: Uint8Array): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      if (this.#rest[0] === INTERLEAVED) {
        const length = this.#rest.length < 4 ? Infinity : 4 + this.#rest.readUInt16BE(2);
        if (this.#rest.length < length) return;
        this.#camera.reports++;
        this.#rest = this.#rest.subarray(length);
        continue;
      }
      const end = this.#rest.indexOf("\r\n\r\n");
      if (end === -1) return;
      const head = this.#rest.toString("latin1", 0, end);
      const body = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      if (this.#rest.length < end + 4 + body) return;
      this.#rest = this.#rest.subarray(end + 4 + body);
      this.#request(head);
    }
  }

  #request(head: string): void {
    this.#watch();
    const [line, ...lines] = head.split("\r\n");
    const [method = "", url = ""] = line!.split(" ");
    const headers = Object.fromEntries(lines.map((text) => {
      const colon = text.indexOf(":");
      return [text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim()];
    }));
    const before = this.#before.get(method) ?? 0;
    this.#before.set(method, before + 1);
    this.#camera.requests.push(line!);
    const request = { method, url, headers, connection: this.#connection, before };
    this.#camera.asked.push(request);
    // One after the other, for an answer may take its time.
    this.#answered = this.#answered.then(() => this.#answer(request));
  }

  async #answer(request: Request): Promise<void> {
    const answer = answerTo(request, this.#camera.options.answers);
    if (this.#frozen || answer === "never") return;
    if (answer === "close") return void this.#socket.destroy();
    if (answer === "garbage") return void this.#socket.write(new Noise().bytes(4096));
    const different: Reply = answer === "right" ? {} : answer;
    const { status = 200 } = different;
    // What is refused has no effect.
    const right = status === 200 ? await this.#right(request) : refusal(status, request);
    if (different.delay) await sleep(different.delay);
    if (this.#socket.destroyed || this.#frozen) return;
    const headers = { ...right.headers, ...different.headers };
    this.#socket.write(
      replyText(request.headers.cseq ?? "0", { ...right, ...different, headers }),
      "latin1",
    );
    if (different.last) return void this.#socket.destroySoon();
    if (status !== 200 || (right.status ?? 200) !== 200) return;
    if (request.method === "PLAY") void this.#player?.play(this.#camera.age);
    if (request.method === "TEARDOWN") this.#player?.stop();
  }

  /** What a camera answers that is not wrong. */
  async #right(request: Request): Promise<Reply> {
    const { options, footage, guard } = this.#camera;
    const challenges = request.method === "OPTIONS" ? [] : guard?.challenges(request) ?? [];
    if (challenges.length > 0) {
      // Each has a line of its own: some clients read only the first of one.
      return {
        status: 401,
        headers: { "WWW-Authenticate": challenges.join("\r\nWWW-Authenticate: ") },
      };
    }
    const { timeout } = options.session ?? {};
    const session = { Session: timeout ? `${SESSION};timeout=${timeout}` : SESSION };
    switch (request.method) {
      case "OPTIONS":
        return { headers: { Public: "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN" } };
      case "DESCRIBE":
        return { headers: { "Content-Type": "application/sdp" }, body: describe(footage, options) };
      case "SETUP": {
        const media = this.#mediaOf(request.url);
        const status = media === "video" ? 200 : media.setup ?? 200;
        if (status !== 200) return { status };
        const transport = await this.#setUp(media, request.headers.transport ?? "");
        if (!transport) return { status: 461 };
        return { headers: { ...session, Transport: transport } };
      }
      default:
        return { headers: session };
    }
  }

  #mediaOf(url: string): ExtraMedia | "video" {
    const { before = [], after = [] } = this.#camera.options;
    return [...before, ...after].find(({ control }) => url.endsWith(`/${control}`)) ?? "video";
  }

  /** The Transport header of the answer; undefined when this one is refused. */
  async #setUp(media: ExtraMedia | "video", asked: string): Promise<string | undefined> {
    const { transports = ["tcp"] } = this.#camera.options;
    const channel = Number(/interleaved=(\d+)/.exec(asked)?.[1] ?? 0);
    const port = Number(/client_port=(\d+)/.exec(asked)?.[1] ?? 0);
    if (/\/TCP/.test(asked) && transports.includes("tcp")) {
      this.#player?.add(media, this.#interleaved(channel));
      return `RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1}`;
    }
    if (port > 0 && transports.includes("udp")) {
      const sender = await UdpSender.open(port);
      this.#socket.once("close", () => sender.close());
      if (this.#socket.destroyed) sender.close();
      this.#player?.add(media, {
        rtp: (packet) => sender.send(0, packet),
        rtcp: (packet) => sender.send(1, packet),
        close: () => sender.close(),
      });
      return sender.transport;
    }
    return undefined;
  }

  #interleaved(channel: number): Outlet {
    const send = (channel: number, packet: Buffer) => {
      if (this.#socket.destroyed || this.#socket.writableEnded) return;
      const header = [INTERLEAVED, channel, packet.length >> 8, packet.length & 255];
      this.#socket.write(Buffer.concat([Buffer.from(header), packet]));
    };
    return {
      rtp: (packet) => send(channel, packet),
      rtcp: (packet) => send(channel + 1, packet),
    };
  }
}

/** What a status is not told without; who is sent elsewhere without a place is sent back. */
function refusal(status: number, { url }: Request): Reply {
  if (status === 401) return { headers: { "WWW-Authenticate": 'Basic realm="wrong camera"' } };
  return status === 301 || status === 302 ? { headers: { Location: url } } : {};
}
