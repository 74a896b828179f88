/**
 * Watches what a server takes: how much of what was sent is still on its way, whether the
 * next frame is to wait for that, and whether the server takes anything at all.
 *
 * The system takes megabytes for a server that does not. A frame behind them would be
 * seconds old when the server has it, so frames wait in the program's queue instead, where
 * newer ones take their places.
 *
 * @module
 */

import type { Libav, SocketState } from "../../../ffi/mod.ts";
import { SessionError } from "../../av/check.ts";
import type { ControlBlock } from "../../core/shared/control_block.ts";
import { WRITE_CONNECTION, type WriteCounter } from "../../core/shared/counters.ts";
import { now } from "../../core/timing/clock.ts";
import { SendQueue } from "../../core/timing/send_queue.ts";
import type { WriteRequest } from "../../thread/write_protocol.ts";
import { ServerSocket } from "./server_socket.ts";

/** The oldest that what is on its way may be, beside the time that the way takes. */
const MOST_UNSENT_MS = 500;
/** How often a server that has to catch up is looked at. */
export const LOOK_AGAIN_MS = 10;

/** Protocols over TCP, which delivers whatever it was given, however late. */
const SCHEMES: ReadonlySet<string> = new Set(["rtmp", "rtmps", "rtsp", "rtsps"]);

/** Whether what is written waits in a TCP socket. */
export function isWatched({ media }: WriteRequest): boolean {
  return SCHEMES.has(media.scheme);
}

/** Of one connection. Where the system does not tell, nothing is ever found to be late. */
export class WriteWatch implements Disposable {
  readonly #socket: ServerSocket;
  readonly #control: ControlBlock<WriteCounter>;
  readonly #writeTimeout: number;
  readonly #onLate: () => void;
  readonly #queue = new SendQueue(now());
  #reported = false;

  /**
   * To be made before libav connects.
   *
   * @param onLate called once, when the server has to catch up for the first time
   */
  constructor(
    libav: Libav,
    control: ControlBlock<WriteCounter>,
    writeTimeout: number,
    onLate: () => void,
  ) {
    this.#socket = new ServerSocket(libav);
    this.#control = control;
    this.#writeTimeout = writeTimeout;
    this.#onLate = onLate;
    for (const counter of WRITE_CONNECTION) control.set(counter, 0);
  }

  /** To be called when libav has connected. */
  connected(): void {
    this.#socket.connected();
  }

  /** Runs `write`, which sends a packet of so many bytes. */
  around(bytes: number, write: () => void): void {
    this.#socket.beforeWrite();
    write();
    this.#socket.afterWrite(bytes);
    const { state } = this.#socket;
    if (!state) return;
    this.#queue.written(state.acknowledged + state.unsent, now());
    this.#look(state);
  }

  /**
   * Whether the server has to catch up before it gets the next frame.
   *
   * @throws {SessionError} `WRITE_TIMEOUT`: it takes nothing; `END_OF_STREAM`: it is gone
   */
  get late(): boolean {
    const { state } = this.#socket;
    // libav does not read: without a write it would never learn of it.
    if (state ? state.hungUp : this.#socket.hungUp) throw lost();
    return this.#isLate(state);
  }

  #isLate(state: SocketState | undefined): boolean {
    if (!state) return false;
    this.#look(state);
    const { since, stuckSince } = this.#queue;
    const time = now();
    if (stuckSince !== undefined) this.#assertTakes(state, time - stuckSince);
    const allowed = MOST_UNSENT_MS + 2 * state.roundTrip;
    const late = since !== undefined && time - since > allowed;
    this.#control.set("serverLate", late ? 1 : 0);
    if (late && !this.#reported) {
      this.#reported = true;
      this.#onLate();
    }
    return late;
  }

  /**
   * Whether the server's system has all that was sent, as far as is known. Throws as `late`, but
   * not because a server that has it all has hung up.
   */
  get delivered(): boolean {
    const { state } = this.#socket;
    void this.#isLate(state);
    return (state?.unsent ?? 0) === 0;
  }

  /** What waits from now on waits for a connection, and not for the server to catch up. */
  [Symbol.dispose](): void {
    this.#control.set("serverLate", 0);
  }

  #assertTakes({ closed }: SocketState, stuck: number): void {
    if (closed) throw lost();
    if (stuck <= this.#writeTimeout) return;
    const reason = `timed out, the server took nothing for ${this.#writeTimeout} ms`;
    throw new SessionError("write", "WRITE_TIMEOUT", reason);
  }

  #look({ acknowledged, unsent }: SocketState): void {
    this.#queue.acknowledged(acknowledged, now());
    this.#control.set("unsentBytes", unsent);
    this.#control.set("unsentSince", this.#queue.since ?? 0);
  }
}

function lost(): SessionError {
  return new SessionError("write", "END_OF_STREAM", "the connection was lost");
}
