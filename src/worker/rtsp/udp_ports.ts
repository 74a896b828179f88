/**
 * A pair of UDP ports for RTP and RTCP (RFC 3550, section 11).
 *
 * @module
 */

import { createSocket, type Socket } from "node:dgram";
import { type Libav, Sockets } from "../../../ffi/mod.ts";

export interface UdpHandlers {
  rtp(data: Uint8Array): void;
  rtcp(data: Uint8Array): void;
  onError(error: Error): void;
}

const TRIES = 20;

/** Owned: close it. */
export class UdpPorts {
  /** RTP's, which is even, and RTCP's, the next one. */
  readonly ports: readonly [rtp: number, rtcp: number];
  readonly #sockets: readonly [Socket, Socket];
  #target: { readonly address: string; readonly ports: readonly [number, number] } | undefined;

  private constructor(sockets: readonly [Socket, Socket], ports: readonly [number, number]) {
    this.#sockets = sockets;
    this.ports = ports;
  }

  /**
   * Opens a pair.
   *
   * @param family of the server's address
   * @param bufferSize bytes of what the system keeps of RTP for a busy thread
   * @throws {Error} There is no free pair.
   */
  static async open(
    { backend }: Libav,
    family: 4 | 6,
    bufferSize: number,
    handlers: UdpHandlers,
  ): Promise<UdpPorts> {
    for (let tries = 0; tries < TRIES; tries++) {
      const rtp = await bound(family, 0);
      const port = rtp.address().port;
      const rtcp = port % 2 === 0
        ? await bound(family, port + 1).catch(() => undefined)
        : undefined;
      if (!rtcp) {
        rtp.close();
        continue;
      }
      rtp.setRecvBufferSize(bufferSize);
      Sockets.open(backend)?.enlargeBuffer(port, bufferSize);
      rtp.on("message", (data: Uint8Array) => handlers.rtp(data));
      rtcp.on("message", (data: Uint8Array) => handlers.rtcp(data));
      for (const socket of [rtp, rtcp]) socket.on("error", handlers.onError);
      return new UdpPorts([rtp, rtcp], [port, port + 1]);
    }
    throw new Error("no two neighbouring UDP ports are free");
  }

  /**
   * Where the server sends from: what stands between learns from a packet to each port that
   * those of the server may come in (an empty RTP packet, as libavformat sends it).
   */
  aim(address: string, ports: readonly [number, number]): void {
    this.#target = { address, ports };
    this.#sockets[0].send(Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), ports[0], address);
    // A receiver report about nobody.
    this.sendRtcp(Uint8Array.of(0x80, 201, 0, 1, 0, 0, 0, 0));
  }

  sendRtcp(packet: Uint8Array): void {
    if (this.#target) this.#sockets[1].send(packet, this.#target.ports[1], this.#target.address);
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }
}

function bound(family: 4 | 6, port: number): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = createSocket(family === 4 ? "udp4" : "udp6");
  socket.once("error", reject);
  socket.bind(port, () => {
    socket.off("error", reject);
    resolve(socket);
  });
  return promise;
}
