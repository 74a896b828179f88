/** A server that announces more than anybody has memory for. */

import { assertArrayIncludes, assertEquals, assertLess } from "@std/assert";
import { createServer, type Socket } from "node:net";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runScript } from "../../support/process.ts";

const PEAK_MEMORY = fileURLToPath(new URL("../fixtures/peak_memory.ts", import.meta.url));
const ANNOUNCED = 2_000_000_000;
const PART = Buffer.alloc(1_000_000);
const PARTS_SENT = 400;

/** Answers requests; that of `method` with a body of which it sends the beginning. */
function answer(socket: Socket, method: string): void {
  let text = "";
  let flooding = false;
  const flood = async () => {
    for (let part = 0; part < PARTS_SENT && !socket.destroyed; part++) {
      if (socket.write(PART)) continue;
      await new Promise((resolve) => socket.once("drain", resolve).once("close", resolve));
    }
  };
  socket.on("error", () => {}).on("data", (data) => {
    text += data;
    const request = /^(\w+) [^]*?CSeq: (\d+)[^]*?\r\n\r\n/.exec(text);
    if (flooding || !request) return;
    text = "";
    flooding = request[1] === method;
    const length = flooding ? ANNOUNCED : 0;
    const type = "Content-Type: application/sdp";
    socket.write(
      `RTSP/1.0 200 OK\r\nCSeq: ${request[2]}\r\n${type}\r\nContent-Length: ${length}\r\n\r\n`,
    );
    if (flooding) void flood();
  });
}

for (const method of ["OPTIONS", "DESCRIBE"]) {
  test(`an RTSP answer of 2 GB to ${method} takes no such memory, and the attempt ends`, {
    timeout: 60_000,
  }, async () => {
    const server = createServer((socket) => answer(socket, method));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as { port: number };
      const { stdout, stderr, code } = await runScript(PEAK_MEMORY, [
        `rtsp://127.0.0.1:${port}/stream`,
      ]);
      assertEquals(code, 0, stderr);
      const failure = JSON.parse(stdout);
      assertLess(failure.megabytes, 250, stdout);
      // libav takes no notice of how OPTIONS ends, and looks for its answer in what comes.
      const ends = ["OUT_OF_MEMORY", method === "OPTIONS" ? "OPEN_TIMEOUT" : "INVALID_DATA"];
      assertArrayIncludes(ends, [failure.code], failure.message);
    } finally {
      server.close();
    }
  });
}
