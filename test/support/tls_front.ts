/** A TLS server on loopback before a plain one, with a certificate that nobody knows. */

import { mkdir, readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import { Child } from "./child.ts";
import { cached } from "./media.ts";

export class TlsFront implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  connections = 0;
  port = 0;
  /** The file of its certificate, which is its own authority and made for "localhost". */
  readonly certificate: string;

  constructor(target: number, key: string, cert: string, certificate: string) {
    this.certificate = certificate;
    this.#server = createServer({ key, cert }, (client) => {
      this.connections++;
      const server = connect(target, "127.0.0.1");
      for (const [socket, other] of [[client, server], [server, client]] as const) {
        this.#sockets.add(socket);
        socket.on("error", () => other.destroy());
        socket.once("close", () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
    });
    this.#server.on("tlsClientError", () => {});
  }

  listen(): Promise<this> {
    return new Promise((resolve) => {
      this.#server.listen(0, "127.0.0.1", () => {
        const address = this.#server.address();
        if (typeof address === "object" && address) this.port = address.port;
        resolve(this);
      });
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
  }
}

/** @param target the port of the plain server */
export async function startTlsFront(target: number): Promise<TlsFront> {
  const directory = await cached("certificate", "localhost", async (path) => {
    await mkdir(path);
    const files = ["-keyout", join(path, "key.pem"), "-out", join(path, "cert.pem")];
    const about = ["-days", "3650", "-subj", "/CN=localhost"];
    await using child = new Child("openssl", [
      ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...about, ...files],
    ]);
    const { code } = await child.exited;
    if (code !== 0) throw new Error(`openssl: ${child.stderr}`);
  });
  const [key, cert] = await Promise.all(
    ["key.pem", "cert.pem"].map((name) => readFile(join(directory, name), "utf8")),
  );
  return await new TlsFront(target, key!, cert!, join(directory, "cert.pem")).listen();
}
