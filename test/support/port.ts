/** TCP and UDP ports of the loopback interface. */

import { createSocket } from "node:dgram";
import { connect, createServer } from "node:net";

/**
 * Below the ports that the system gives to those who ask for any: tests run side by side, and where
 * a server has gone, or never was, none of the others may appear.
 */
const FIRST = 10_000;
const COUNT = 10_000;
let turn = Math.floor(Math.random() * COUNT);

/** The next port that is free, by trying. */
async function firstFree(isFree: (port: number) => Promise<boolean>): Promise<number> {
  for (let tries = 0; tries < COUNT; tries++) {
    turn = (turn + 1) % COUNT;
    const port = FIRST + turn;
    if (await isFree(port)) return port;
  }
  throw new Error("there is no free port");
}

/** A TCP port that was free a moment ago. */
export function freePort(): Promise<number> {
  return firstFree((port) =>
    new Promise((resolve) => {
      const server = createServer().once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    })
  );
}

/** A UDP port that was free a moment ago. */
export function freeUdpPort(): Promise<number> {
  return firstFree((port) =>
    new Promise((resolve) => {
      const socket = createSocket("udp4");
      socket.once("error", () => socket.close(() => resolve(false)));
      socket.bind(port, "127.0.0.1", () => socket.close(() => resolve(true)));
    })
  );
}

/** Whether something listens there. */
export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      socket.destroy();
      resolve(false);
    });
  });
}
