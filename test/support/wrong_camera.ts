/**
 * An RTSP camera on loopback, in the process of the test, that is right unless it is asked to be
 * wrong: in what it says, when it sends, what it loses, which times it tells.
 */

import { Listener } from "./listener.ts";
import { greet, type Request } from "./wrong_camera/answers.ts";
import { Guard } from "./wrong_camera/authentication.ts";
import { type Footage, loadFootage } from "./wrong_camera/footage.ts";
import type { Fate } from "./wrong_camera/loss.ts";
import type { WrongCameraOptions } from "./wrong_camera/options.ts";
import { Session } from "./wrong_camera/session.ts";

export { loadFootage } from "./wrong_camera/footage.ts";
export { loss } from "./wrong_camera/loss.ts";
export * from "./wrong_camera/options.ts";
export { times } from "./wrong_camera/times.ts";

/** Accepts, reads, and never answers. */
export const SILENT: WrongCameraOptions = { answers: { all: "never" } };
/** Answers with a header that never ends: no single read ever times out. */
export const DRIPPING: WrongCameraOptions = { greeting: { drip: 20 }, ...SILENT };
/** Sends bytes that only look like noise. */
export const NOISY: WrongCameraOptions = { greeting: "garbage", ...SILENT };

export class WrongCamera extends Listener {
  options: WrongCameraOptions;
  readonly footage: Footage | undefined;
  guard: Guard | undefined;
  /** The request lines seen, such as "DESCRIBE rtsp://... RTSP/1.0". */
  readonly requests: string[] = [];
  /** The same with their headers: of who was given a password. */
  readonly asked: Request[] = [];
  /** Pictures sent so far, to all clients. */
  pictures = 0;
  /** Packets of pictures: sent, and kept back. */
  packets = 0;
  lost = 0;
  /** Interleaved packets that came from clients. */
  reports = 0;
  readonly #begin = performance.now();

  constructor(footage: Footage | undefined, options: WrongCameraOptions) {
    super((socket) => {
      if (this.options.greeting) greet(socket, this.options.greeting);
      new Session(this, socket, this.connections);
    });
    this.footage = footage;
    this.options = options;
    this.guard = options.authentication && new Guard(options.authentication);
  }

  /** Is wrong in another way, or not any more, for those who come from now on. */
  become(options: WrongCameraOptions): void {
    this.options = options;
    this.guard = options.authentication && new Guard(options.authentication);
  }

  /** Says something to all clients that they have not asked for. */
  say(data: string | Uint8Array): void {
    for (const socket of this.sockets) socket.write(data);
  }

  /** Only the requests of this method. */
  requested(method: string): string[] {
    return this.requests.filter((line) => line.startsWith(`${method} `));
  }

  /** Milliseconds since it is there. */
  get age(): number {
    return performance.now() - this.#begin;
  }

  countPacket(fate: Fate): void {
    if (fate === "lose") this.lost++;
    else this.packets++;
  }

  urlWith(username: string, password: string): string {
    const [user, secret] = [username, password].map(encodeURIComponent);
    return this.url.replace("://", `://${user}:${secret}@`);
  }
}

export async function startWrongCamera(options: WrongCameraOptions = {}): Promise<WrongCamera> {
  const footage = options.footage && await loadFootage(options.footage, options.codec);
  return new WrongCamera(footage || undefined, options).listen(options.port);
}
