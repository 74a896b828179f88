/** An RTSP relay on loopback that sees every RTP packet of one video, and may lose it. */

import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { Listener } from "./listener.ts";
import { UdpSender } from "./udp_sender.ts";

export interface RtpPacket {
  /** In 1/90000 s. */
  readonly timestamp: number;
  /** Counts the pictures of a connection as they are sent, from 0. */
  readonly picture: number;
  /** Of a NAL unit that is a picture or a part of one. */
  readonly slice: boolean;
  /** Of one at which decoding can begin. */
  readonly keyframe: boolean;
  /** What it is of its NAL unit. */
  readonly part: "whole" | "first" | "middle" | "last";
}

/** `cut`: half of it is sent, and the connection (TCP) ends. */
export type Fate = "pass" | "lose" | "cut";

export interface RtpProxyOptions {
  targetPort: number;
  codec: "h264" | "hevc";
  /** Asked for every packet; default: all pass. */
  decide?: ((packet: RtpPacket) => Fate) | undefined;
}

export class RtpProxy extends Listener {
  /** Packets that were not sent. */
  lost = 0;
  /** Connections that were cut. */
  cuts = 0;
  readonly #options: RtpProxyOptions;

  constructor(options: RtpProxyOptions) {
    super((client) => new Relay(this, options, client));
    this.#options = options;
  }

  /** What becomes of a packet. */
  decide(packet: RtpPacket): Fate {
    const fate = this.#options.decide?.(packet) ?? "pass";
    if (fate === "lose") this.lost++;
    if (fate === "cut") this.cuts++;
    return fate;
  }
}

export function startRtpProxy(options: RtpProxyOptions): Promise<RtpProxy> {
  return new RtpProxy(options).listen();
}

/** One client's connection. */
class Relay {
  readonly #proxy: RtpProxy;
  readonly #reader: PacketReader;
  readonly #client: Socket;
  readonly #server: Socket;
  #udp: UdpSender | undefined;
  #over = false;

  constructor(proxy: RtpProxy, { targetPort, codec }: RtpProxyOptions, client: Socket) {
    this.#proxy = proxy;
    this.#reader = new PacketReader(codec);
    this.#client = client;
    this.#server = connect({ port: targetPort, host: "127.0.0.1" });
    this.#server.setNoDelay(true);
    this.#server.on("error", () => this.#end());
    this.#server.once("close", () => this.#end());
    client.once("end", () => this.#end());
    client.once("close", () => this.#end());
    // One after the other: a SETUP waits for its ports.
    let request = Promise.resolve();
    split(client, (message) => {
      request = request.then(() => this.#toServer(message));
    });
    split(this.#server, (message) => this.#toClient(message));
  }

  async #toServer(message: Buffer): Promise<void> {
    // Packets come from the camera over its TCP connection: of UDP, a runtime that is busy for a
    // moment would lose packets that nobody wanted to be lost.
    const ports = /^SETUP [^]*client_port=(\d+)-\d+/.exec(textOf(message));
    if (!ports) return void this.#server.write(message);
    this.#udp = await UdpSender.open(Number(ports[1]));
    if (this.#over) return this.#udp.close();
    this.#server.write(withTransport(message, "RTP/AVP/TCP;unicast;interleaved=0-1"));
  }

  #toClient(message: Buffer): void {
    if (this.#over) return;
    if (message[0] === INTERLEAVED) return this.#relay(message);
    this.#client.write(this.#udp ? withTransport(message, this.#udp.transport) : message);
  }

  #relay(message: Buffer): void {
    const [channel, packet] = [message[1], message.subarray(4)];
    const fate = channel === 0 ? this.#decide(packet) : "pass";
    if (fate === "cut") return this.#cut(message);
    if (fate === "lose") return;
    if (this.#udp) this.#udp.send(channel!, packet);
    else this.#client.write(message);
  }

  #decide(packet: Buffer): Fate {
    return this.#proxy.decide(this.#reader.read(packet));
  }

  #cut(message: Buffer): void {
    this.#client.end(message.subarray(0, message.length >> 1));
    this.#end();
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#udp?.close();
    this.#server.destroy();
    // What was written is still sent.
    this.#client.destroySoon();
  }
}

const INTERLEAVED = 0x24;

/** Calls with every RTSP message and every interleaved packet, with its header. */
function split(socket: Socket, take: (message: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on("data", (chunk: Uint8Array) => {
    rest = Buffer.concat([rest, chunk]);
    for (let length = firstLength(rest); length <= rest.length; length = firstLength(rest)) {
      take(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
  });
}

/** The length of the first message; Infinity when that is not known yet. */
function firstLength(data: Buffer): number {
  if (data[0] === INTERLEAVED) return data.length < 4 ? Infinity : 4 + data.readUInt16BE(2);
  const head = data.indexOf("\r\n\r\n");
  if (head === -1) return Infinity;
  const body = /^content-length: *(\d+)/im.exec(data.toString("latin1", 0, head));
  return head + 4 + Number(body?.[1] ?? 0);
}

function textOf(message: Buffer): string {
  return message[0] === INTERLEAVED ? "" : message.toString("latin1");
}

function withTransport(message: Buffer, transport: string): Buffer {
  return Buffer.from(
    textOf(message).replace(/^Transport: .*$/m, `Transport: ${transport}`),
    "latin1",
  );
}

const FIXED_HEADER = 12;
const FRAGMENT = { h264: 28, hevc: 49 } as const;

/** Reads RTP packets (RFC 3550) with H.264 (RFC 6184) or HEVC (RFC 7798) in them. */
class PacketReader {
  readonly #codec: "h264" | "hevc";
  #picture = -1;
  #timestamp: number | undefined;

  constructor(codec: "h264" | "hevc") {
    this.#codec = codec;
  }

  read(packet: Buffer): RtpPacket {
    const timestamp = packet.readUInt32BE(4);
    if (timestamp !== this.#timestamp) this.#picture++;
    this.#timestamp = timestamp;
    const payload = packet.subarray(FIXED_HEADER + 4 * (packet[0]! & 0x0f));
    const { type, part } = this.#unit(payload);
    return { timestamp, picture: this.#picture, part, ...this.#kind(type) };
  }

  #unit(payload: Buffer): { type: number; part: RtpPacket["part"] } {
    const hevc = this.#codec === "hevc";
    const type = hevc ? payload[0]! >> 1 & 0x3f : payload[0]! & 0x1f;
    if (type !== FRAGMENT[this.#codec]) return { type, part: "whole" };
    const header = payload[hevc ? 2 : 1]!;
    const part = header & 0x80 ? "first" : header & 0x40 ? "last" : "middle";
    return { type: header & (hevc ? 0x3f : 0x1f), part };
  }

  #kind(type: number): { slice: boolean; keyframe: boolean } {
    return this.#codec === "hevc"
      ? { slice: type < 32, keyframe: type >= 16 && type <= 23 }
      : { slice: type === 1 || type === 5, keyframe: type === 5 };
  }
}
