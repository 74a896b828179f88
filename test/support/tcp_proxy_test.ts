/** The proxy's bad lines do what they are called by; the plainer ones are tested with the servers. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { connect } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Listener } from "./listener.ts";
import { startProxy } from "./tcp_proxy.ts";
import { until } from "./waiting.ts";

/** A server, the proxy before it, and a client. */
async function startLine(prepare: (proxy: Awaited<ReturnType<typeof startProxy>>) => void) {
  const stack = new AsyncDisposableStack();
  let heard = "";
  const server = stack.use(
    await new Listener((socket) => {
      socket.on("data", (data) => heard += String(data));
      socket.on("end", () => socket.end());
    }).listen(),
  );
  const proxy = stack.use(await startProxy({ targetPort: server.port }));
  prepare(proxy);
  const seen = { bytes: Buffer.alloc(0), isEnded: false, isClosed: false, error: "" };
  const client = connect({ port: proxy.port, host: "127.0.0.1", allowHalfOpen: true });
  stack.defer(() => void client.destroy());
  client.on("data", (data: Uint8Array) => seen.bytes = Buffer.concat([seen.bytes, data]));
  client.on("end", () => seen.isEnded = true);
  client.on("error", (error: Error & { code?: string }) => seen.error = error.code ?? "unknown");
  client.on("close", () => seen.isClosed = true);
  await until("a connection", () => server.sockets.size === 1 && proxy.sockets.size === 1);
  const send = (text: string) => {
    for (const socket of server.sockets) socket.write(text);
  };
  return {
    ...{ server, proxy, client, seen, send, heard: () => heard },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const TEXT = "0123456789".repeat(10);

test("a line that drips gives one byte after the other, and the rest when it is good", async () => {
  await using line = await startLine((proxy) => proxy.drip(20));
  line.send(TEXT);
  await until("a few drops", () => line.seen.bytes.length >= 3);
  assert.ok(line.seen.bytes.length < 50, `${line.seen.bytes.length} bytes`);
  line.proxy.pass();
  await until("all", () => line.seen.bytes.length === TEXT.length);
  assert.equal(line.seen.bytes.toString(), TEXT);
});

test("a line that corrupts changes one bit of every so many bytes", async () => {
  await using line = await startLine((proxy) => proxy.corrupt(10));
  line.send(TEXT);
  await until("all", () => line.seen.bytes.length === TEXT.length);
  const wrong = [...Buffer.from(TEXT)].flatMap((byte, i) => {
    const bits = byte ^ line.seen.bytes[i]!;
    return bits === 0 ? [] : [[i, Math.log2(bits) % 1]];
  });
  assert.deepEqual(wrong, Array.from({ length: 10 }, (_, i) => [10 * i + 9, 0]));
});

test("a line that reorders swaps two pieces, and keeps none back for long", async () => {
  await using line = await startLine((proxy) => proxy.reorder());
  line.send("first,");
  await sleep(30);
  line.send("second,");
  await until("both", () => line.seen.bytes.length === 13);
  line.send("third");
  await until("the third", () => line.seen.bytes.length === 18);
  // A busy machine may have joined the first two.
  assert.match(line.seen.bytes.toString(), /^(second,first,|first,second,)third$/);
});

test("half-open: the server goes, and clients see nothing of it", async () => {
  await using line = await startLine(() => {});
  line.send("hello");
  await until("a word", () => line.seen.bytes.length === 5);
  line.proxy.halfOpen();
  await until("the server's end", () => line.server.sockets.size === 0);
  line.client.write("is anybody there?");
  await sleep(100);
  assert.deepEqual([line.seen.isEnded, line.seen.isClosed, line.heard()], [false, false, ""]);
});

test("half-close: clients see an end, and are still heard", async () => {
  await using line = await startLine(() => {});
  line.proxy.halfClose();
  await until("an end", () => line.seen.isEnded);
  line.client.write("good bye");
  await until("a word", () => line.heard() === "good bye");
});

test("a reset is no end", async () => {
  await using line = await startLine(() => {});
  line.proxy.reset();
  await until("a close", () => line.seen.isClosed);
  assert.deepEqual([line.seen.error, line.seen.isEnded], ["ECONNRESET", false]);
});
