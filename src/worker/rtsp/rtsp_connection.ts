/**
 * A connection to an RTSP server: TCP, or TLS over it.
 *
 * @module
 */

import { connect, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";

/** What is to be reached, and how it is secured. */
export interface ConnectionRequest {
  readonly host: string;
  readonly port: number;
  /** See `tlsSettings`; undefined: it is not encrypted. */
  readonly tls: ConnectionOptions | undefined;
}

export interface ConnectionHandlers {
  onOpen(): void;
  /** Bytes that came, valid during the call. */
  onData(data: Uint8Array): void;
  /** There is no connection, or no more; no error: the server has closed it. */
  onEnd(error?: ConnectionFailure): void;
}

/** What the runtime says of a failed connection. */
export interface ConnectionFailure {
  /** `"ECONNREFUSED"`. */
  readonly code: string | undefined;
  readonly message: string;
  readonly isTls: boolean;
}

/** How long a farewell may take to leave this machine. */
const FAREWELL_MS = 100;

export class RtspConnection {
  readonly #socket: Socket;
  readonly #handlers: ConnectionHandlers;
  #isOpen = false;
  #over = false;

  constructor({ host, port, tls }: ConnectionRequest, handlers: ConnectionHandlers) {
    this.#handlers = handlers;
    const socket = this.#socket = tls
      ? connectTls({ host, port, ...tls })
      : connect({ host, port });
    socket.setNoDelay(true);
    socket.once(tls ? "secureConnect" : "connect", () => {
      this.#isOpen = true;
      if (!this.#over) handlers.onOpen();
    });
    socket.on("data", (data: Uint8Array) => {
      if (!this.#over) handlers.onData(data);
    });
    socket.on("error", (error: Error & { readonly code?: string }) => {
      const { code, message } = error;
      this.#end({ code, message, isTls: tls !== undefined && !this.#isOpen && !isNetwork(code) });
    });
    socket.on("close", () => this.#end());
  }

  /** The server's address, once there is a connection. */
  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  send(data: string | Uint8Array): void {
    if (!this.#over) this.#socket.write(data);
  }

  /** Resolves when what was sent has left, or cannot; nothing more comes. */
  close(): Promise<void> {
    if (this.#over) return Promise.resolve();
    this.#over = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = () => {
      clearTimeout(timer);
      this.#socket.destroy();
      resolve();
    };
    const timer = setTimeout(end, FAREWELL_MS);
    if (this.#isOpen) this.#socket.end(end);
    else end();
    return promise;
  }

  #end(failure?: ConnectionFailure): void {
    if (this.#over) return;
    this.#over = true;
    this.#socket.destroy();
    this.#handlers.onEnd(failure);
  }
}

/** Errors of the system's, and of the look-up of a name; all others are those of the handshake. */
function isNetwork(code: string | undefined): boolean {
  return /^(E[A-Z]+|EAI_[A-Z]+)$/.test(code ?? "") && !/^(EPROTO|ECONNRESET)$/.test(code ?? "");
}
