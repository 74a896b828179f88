/** What the system says of the sockets of this process, by its numbers in ffi/load/sockets.ts. */

import { assert, assertEquals, assertGreater } from "@std/assert";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import process from "node:process";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { loadBackend } from "../../ffi/backend/mod.ts";
import { Sockets, type TcpSocket } from "../../ffi/load/sockets.ts";

const CHUNK = 10_000;
const LONG = { timeout: 30_000 };

/** Of the sockets of this process, that of an end of a connection. */
function socketOf(sockets: Sockets, end: Socket): TcpSocket {
  const found = sockets.connected().filter(({ localPort }) => localPort === end.localPort);
  assertEquals(found.length, 1);
  return found[0]!;
}

async function until(done: () => boolean): Promise<void> {
  while (!done()) await sleep(5);
}

test("a socket tells what was acknowledged, what was not, and that it is gone", LONG, async () => {
  const sockets = Sockets.open(loadBackend());
  if (process.platform !== "linux") return assertEquals(sockets, undefined);
  assert(sockets);
  const server = createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  client.on("error", () => {});
  await once(client, "connect");
  const [other] = await accepted;
  try {
    const socket = socketOf(sockets, client);
    const state = () => sockets.state(socket.fd)!;
    const begin = state().acknowledged;
    assertEquals([state().unsent, state().closed], [0, false]);
    client.write(new Uint8Array(CHUNK));
    await until(() => state().acknowledged === begin + CHUNK);
    assertEquals(state().unsent, 0);
    // More than the other side's system takes: it reads nothing.
    let written = CHUNK;
    for (let i = 0; i < 2_000; i++) {
      client.write(new Uint8Array(CHUNK));
      written += CHUNK;
    }
    await until(() => state().unsent > 0);
    await sleep(200);
    const { unsent, acknowledged } = state();
    assertGreater(unsent, 0);
    assertGreater(written + 1, acknowledged - begin + unsent);
    assert(sockets.isOpen(socket));
    assertEquals(sockets.isOpen({ ...socket, localPort: socket.localPort + 1 }), false);
    sockets.sendAtOnce(socket.fd);
  } finally {
    client.destroy();
    other.destroy();
    server.close();
  }
});

test("what is no TCP socket has no state", () => {
  const sockets = Sockets.open(loadBackend());
  if (!sockets) return;
  assertEquals([sockets.state(-1), sockets.state(0), sockets.state(3_999)], [
    undefined,
    undefined,
    undefined,
  ]);
});
