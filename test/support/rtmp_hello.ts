/** An RTMP server on loopback that hears a client's first command and answers nothing. */

import { Buffer } from "node:buffer";
import { Listener } from "./listener.ts";

const HANDSHAKE = 1536;
/** What a chunk holds, unless its sender has said otherwise. */
const CHUNK = 128;
const HEADER = 12;

export class RtmpHello extends Listener {
  /** The AMF bytes of the first command of each client. */
  readonly commands: Buffer[] = [];

  constructor() {
    super((socket) => {
      let data = Buffer.alloc(0);
      let greeted = false;
      socket.on("end", () => socket.end());
      socket.on("data", (piece) => {
        data = Buffer.concat([data, piece as Uint8Array]);
        if (!greeted && data.length > HANDSHAKE) {
          greeted = true;
          const echo = data.subarray(1, 1 + HANDSHAKE);
          socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(HANDSHAKE), echo]));
        }
        const command = firstMessage(data.subarray(1 + 2 * HANDSHAKE));
        if (!command) return;
        this.commands.push(command);
        socket.end();
      });
    });
  }

  override get url(): string {
    return `rtmp://127.0.0.1:${this.port}/live/key`;
  }
}

export function startRtmpHello(): Promise<RtmpHello> {
  return new RtmpHello().listen();
}

/** Adobe's RTMP 1.0, 5.3.1: a chunk with a full header, then others of a byte each. */
function firstMessage(data: Buffer): Buffer | undefined {
  if (data.length < HEADER) return undefined;
  const length = data.readUIntBE(4, 3);
  const pieces: Buffer[] = [];
  let at = HEADER;
  for (let rest = length; rest > 0; rest -= CHUNK) {
    pieces.push(data.subarray(at, at + Math.min(rest, CHUNK)));
    at += CHUNK + 1;
  }
  const message = Buffer.concat(pieces);
  return message.length === length ? message : undefined;
}

/** The texts of a property that is a strict array (AMF 0, 2.12); undefined without that property. */
export function textsOf(command: Buffer, name: string): string[] | undefined {
  const place = command.indexOf(name, 0, "latin1");
  if (place === -1) return undefined;
  let at = place + name.length + 5;
  const count = command.readUInt32BE(at - 4);
  return Array.from({ length: count }, () => {
    const begin = at + 3;
    at = begin + command.readUInt16BE(at + 1);
    return command.toString("latin1", begin, at);
  });
}
