/**
 * The sockets of this process, asked for what the system has not delivered yet. libav
 * tells nobody which socket it has opened, nor how much waits in it.
 *
 * @module
 */

import { nativeBytes } from "../backend/memory.ts";
import type { FfiBackend, NativeFunctions } from "../backend/types.ts";
import { sockets as table } from "../symbols/libc.ts";
import { libcFiles } from "../backend/libc_files.ts";

/** A connected TCP socket, as it was when it was found. */
export interface TcpSocket {
  /** The file descriptor. */
  readonly fd: number;
  /** Tells it from a later one with the same descriptor. */
  readonly localPort: number;
}

/** What a socket knows of the bytes that were written to it. */
export interface SocketState {
  /** Written, and not acknowledged by the other side's system. */
  readonly unsent: number;
  /** Acknowledged since the connection was made. */
  readonly acknowledged: number;
  /** The shortest time from sending to acknowledgement, in milliseconds. */
  readonly roundTrip: number;
  /** The connection is gone: what was not acknowledged is lost. */
  readonly closed: boolean;
  /** The other side has said that it sends no more, or the connection is gone. */
  readonly hungUp: boolean;
}

/** Descriptors are looked for up to here; those of a process are the lowest that are free. */
const MOST_DESCRIPTORS = 4_096;

/** Linux: `AF_INET` and `AF_INET6` of bits/socket.h. */
const FAMILIES: ReadonlySet<number> = new Set([2, 10]);
/** `struct sockaddr_in6` is the longer one; both have the port, big-endian, behind the family. */
const ADDRESS_BYTES = 28;
const PORT_AT = 2;
/** `IPPROTO_TCP` of netinet/in.h; `TCP_NODELAY` and `TCP_INFO` of linux/tcp.h. */
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const TCP_INFO = 11;
/** `struct tcp_info` of linux/tcp.h, which only ever grows at its end: 4.6 and newer. */
const INFO_BYTES = 152;
const STATE_AT = 0;
const BYTES_ACKED_AT = 120;
const MIN_RTT_AT = 148;
/** `TCP_CLOSE` of net/tcp_states.h. */
const CLOSED = 7;
/** `TCP_CLOSE_WAIT`. */
const CLOSE_WAIT = 8;
/** Linux: `SOL_SOCKET`, `SO_TYPE` and `SO_RCVBUF` of asm-generic/socket.h; `SOCK_DGRAM`. */
const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SO_RCVBUF = 8;
const SOCK_DGRAM = 2;
/** linux/sockios.h. */
const SIOCOUTQ = 0x5411n;

let opened: Sockets | undefined;

/** The sockets of this process. On systems other than Linux there is no such object. */
export class Sockets {
  readonly #libc: NativeFunctions<typeof table>;
  readonly #address = new DataView(nativeBytes(ADDRESS_BYTES).buffer);
  readonly #info = new DataView(nativeBytes(INFO_BYTES).buffer);
  readonly #word = new DataView(nativeBytes(4).buffer);

  private constructor(libc: NativeFunctions<typeof table>) {
    this.#libc = libc;
  }

  /** The same for all who ask in this thread. */
  static open(backend: FfiBackend): Sockets | undefined {
    return opened ??= Sockets.#open(backend);
  }

  static #open(backend: FfiBackend): Sockets | undefined {
    if (backend.platform.os !== "linux") return undefined;
    for (const libc of libcFiles(backend.platform)) {
      try {
        return new Sockets(backend.open(libc, table).symbols);
      } catch {
        continue;
      }
    }
    return undefined;
  }

  /** All TCP sockets that are connected, or were. */
  connected(): TcpSocket[] {
    const found: TcpSocket[] = [];
    for (let fd = 0; fd < MOST_DESCRIPTORS; fd++) {
      const state = this.state(fd);
      if (!state || (!state.closed && this.#port("getpeername", fd) === undefined)) continue;
      const localPort = this.#port("getsockname", fd);
      if (localPort) found.push({ fd, localPort });
    }
    return found;
  }

  /** Whether the descriptor is still that socket's. */
  isOpen({ fd, localPort }: TcpSocket): boolean {
    return this.#port("getsockname", fd) === localPort;
  }

  /** Undefined for what is no TCP socket, and on a Linux that does not say. */
  state(fd: number): SocketState | undefined {
    const length = this.#length(INFO_BYTES);
    const info = this.#info;
    if (this.#libc.getsockopt(fd, IPPROTO_TCP, TCP_INFO, bytesOf(info), length) !== 0) {
      return undefined;
    }
    if (this.#word.getUint32(0, true) < INFO_BYTES) return undefined;
    if (this.#libc.ioctl(fd, SIOCOUTQ, bytesOf(this.#word)) !== 0) return undefined;
    const tcp = info.getUint8(STATE_AT);
    return {
      unsent: this.#word.getInt32(0, true),
      acknowledged: Number(info.getBigUint64(BYTES_ACKED_AT, true)),
      roundTrip: info.getUint32(MIN_RTT_AT, true) / 1_000,
      closed: tcp === CLOSED,
      hungUp: tcp === CLOSED || tcp === CLOSE_WAIT,
    };
  }

  /** Sends what is written at once, and does not wait for more to fill a packet. */
  sendAtOnce(fd: number): void {
    this.#word.setUint32(0, 1, true);
    this.#libc.setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, bytesOf(this.#word), 4);
  }

  /**
   * Has the system keep more of what comes to a UDP port: Deno says that it does, and does not.
   * The system's own limit (net.core.rmem_max) stays.
   */
  enlargeBuffer(localPort: number, bytes: number): void {
    for (let fd = 0; fd < MOST_DESCRIPTORS; fd++) {
      if (this.#port("getsockname", fd) !== localPort || !this.#isUdp(fd)) continue;
      this.#word.setUint32(0, bytes, true);
      this.#libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, bytesOf(this.#word), 4);
      return;
    }
  }

  #isUdp(fd: number): boolean {
    const length = this.#length(4);
    const type = new Uint8Array(this.#info.buffer, 0, 4);
    if (this.#libc.getsockopt(fd, SOL_SOCKET, SO_TYPE, type, length) !== 0) return false;
    return type[0] === SOCK_DGRAM;
  }

  #port(of: "getpeername" | "getsockname", fd: number): number | undefined {
    const address = this.#address;
    const length = this.#length(ADDRESS_BYTES);
    if (this.#libc[of](fd, bytesOf(address), length) !== 0) return undefined;
    return FAMILIES.has(address.getUint16(0, true)) ? address.getUint16(PORT_AT) : undefined;
  }

  /** A `socklen_t` to pass by address. */
  #length(bytes: number): Uint8Array<ArrayBuffer> {
    this.#word.setUint32(0, bytes, true);
    return bytesOf(this.#word);
  }
}

function bytesOf({ buffer }: DataView<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer);
}
