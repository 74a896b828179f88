/** A TCP server on loopback that knows its sockets, so that it can end them. */

import { createServer, type Server, type Socket } from "node:net";

export class Listener implements AsyncDisposable {
  readonly sockets = new Set<Socket>();
  /** Connections accepted so far. */
  connections = 0;
  port = 0;
  #server: Server;
  #stopping: Promise<void> | undefined;

  constructor(serve: (socket: Socket) => void) {
    // Half-open, so that a proxy can hand on the end of one direction.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.connections++;
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => socket.destroy());
      socket.once("close", () => this.sockets.delete(socket));
      serve(socket);
    });
  }

  listen(port = 0): Promise<this> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", () => {
        const address = this.#server.address();
        if (typeof address === "object" && address) this.port = address.port;
        resolve(this);
      });
    });
  }

  get url(): string {
    return `rtsp://127.0.0.1:${this.port}/stream`;
  }

  /** Ends all connections; new ones are still accepted. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  stop(): Promise<void> {
    return this.#stopping ??= new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.cut();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
