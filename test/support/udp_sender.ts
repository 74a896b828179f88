/** RTP and RTCP from a pair of UDP ports to another. */

import type { Buffer } from "node:buffer";
import { createSocket, type Socket } from "node:dgram";

export class UdpSender {
  /** As the client is told. */
  readonly transport: string;
  readonly #clientPort: number;
  readonly #sockets: readonly [Socket, Socket];
  #closed = false;

  private constructor(clientPort: number, sockets: readonly [Socket, Socket]) {
    const { port } = sockets[0].address();
    const ports = `client_port=${clientPort}-${clientPort + 1};server_port=${port}-${port + 1}`;
    this.transport = `RTP/AVP;unicast;${ports}`;
    this.#clientPort = clientPort;
    this.#sockets = sockets;
  }

  static async open(clientPort: number): Promise<UdpSender> {
    for (;;) {
      const rtp = await bind(0);
      const { port } = rtp.address();
      const rtcp = port % 2 === 0 ? await bind(port + 1).catch(() => undefined) : undefined;
      if (rtcp) return new UdpSender(clientPort, [rtp, rtcp]);
      rtp.close();
    }
  }

  /** Channel 0 is RTP, and 1 is RTCP. */
  send(channel: number, packet: Buffer): void {
    if (this.#closed) return;
    this.#sockets[channel]!.send(packet, this.#clientPort + channel, "127.0.0.1");
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const socket of this.#sockets) socket.close();
  }
}

function bind(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket("udp4");
    socket.once("error", (error) => {
      socket.close();
      reject(error);
    });
    socket.bind(port, "127.0.0.1", () => {
      // A port that does not listen any more answers with an error.
      socket.removeAllListeners("error").on("error", () => {});
      resolve(socket);
    });
  });
}
