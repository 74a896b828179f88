/**
 * The socket over which libav writes to a server, found among those of the process.
 *
 * @module
 */

import { type Libav, Sockets, type SocketState, type TcpSocket } from "../../../ffi/mod.ts";

/** libav leaves out or adds a part of what it is given: headers. */
const LEAST_SHARE = 0.5;

interface Candidate {
  readonly socket: TcpSocket;
  /** What it had been given before the write that is under way. */
  before: number;
}

/**
 * Looks on while packets are written: of the sockets that were connected while libav
 * connected, its own is the one that is given as much as each packet has.
 */
export class ServerSocket {
  readonly #sockets: Sockets | undefined;
  readonly #others: ReadonlySet<string>;
  #candidates: Candidate[] = [];
  #found = false;

  /** To be made before libav connects. */
  constructor(libav: Libav) {
    this.#sockets = Sockets.open(libav.backend);
    this.#others = new Set(this.#sockets?.connected().map(nameOf));
  }

  /** To be called when libav has connected. */
  connected(): void {
    const sockets = this.#sockets;
    if (!sockets) return;
    const fresh = sockets.connected().filter((socket) => !this.#others.has(nameOf(socket)));
    this.#candidates = fresh.map((socket) => ({ socket, before: 0 }));
  }

  /** Before and after each write. */
  beforeWrite(): void {
    if (this.#found) return;
    for (const candidate of this.#candidates) candidate.before = this.#given(candidate);
  }

  /** @param bytes of the packet that was written */
  afterWrite(bytes: number): void {
    if (this.#found) return;
    const least = bytes * LEAST_SHARE;
    this.#candidates = this.#candidates.filter((one) => this.#given(one) - one.before >= least);
    const [only, ...rest] = this.#candidates;
    if (!only || rest.length > 0) return;
    this.#found = true;
    this.#sockets?.sendAtOnce(only.socket.fd);
  }

  /** Undefined as long as it is not known which it is, and where the system does not say. */
  get state(): SocketState | undefined {
    const [candidate] = this.#candidates;
    return this.#found && candidate ? this.#stateOf(candidate) : undefined;
  }

  /** Whether the server has ended the connection, as far as the system says. */
  get hungUp(): boolean {
    // Before the first write there may be several. libav's own is one of them, and is not closed
    // here: those that are belonged to somebody else.
    const states = this.#candidates.map((one) => this.#stateOf(one)).filter((one) => one);
    return states.length > 0 && states.every((state) => state!.hungUp);
  }

  #given(candidate: Candidate): number {
    const state = this.#stateOf(candidate);
    return state ? state.unsent + state.acknowledged : 0;
  }

  #stateOf({ socket }: Candidate): SocketState | undefined {
    return this.#sockets?.isOpen(socket) ? this.#sockets.state(socket.fd) : undefined;
  }
}

function nameOf({ fd, localPort }: TcpSocket): string {
  return `${fd}:${localPort}`;
}
