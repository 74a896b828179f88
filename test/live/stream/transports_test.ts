/** How an RTSP server is asked to send: what is granted works, and what is refused is named. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { test } from "node:test";
import { type TlsOptions, type Transport, VideoStream } from "../../../mod.ts";
import { startCamera } from "../../support/camera.ts";
import { isRising } from "../../support/numbers.ts";
import { freePort } from "../../support/port.ts";
import { startTlsFront } from "../../support/tls_front.ts";
import { startWrongCamera } from "../../support/wrong_camera.ts";
import { failureOf, look, releaseInUse, SLOW, SMALL } from "../reading.ts";

async function assertTunnelled(url: string, tls?: TlsOptions): Promise<void> {
  await using stream = new VideoStream(url, { transport: "http", tls });
  const frames = await look(stream, 12);
  assertEquals(frames.map(({ width, height }) => [width, height]), Array(12).fill([320, 180]));
  assert(isRising(frames.map(({ pts }) => pts ?? NaN)), JSON.stringify(frames));
  assertEquals([stream.codec, stream.state, stream.reconnectCount], ["h264", "streaming", 0]);
}

test("RTSP inside HTTP, and RTSPS inside HTTPS", SLOW, async () => {
  await using camera = await startCamera({ ...SMALL, keyInterval: 5, transports: ["tcp"] });
  await using front = await startTlsFront(camera.port);
  await assertTunnelled(camera.url);
  // The connection that reads, and the one that asks.
  assertEquals([camera.count("CONNECT"), camera.count("PLAY"), front.connections], [2, 1, 0]);
  const secured = `rtsps://127.0.0.1:${front.port}${camera.path}`;
  const ffmpeg = Number(await releaseInUse());
  const refusal = async (tls?: TlsOptions) => {
    const error = await failureOf(secured, { transport: "http", tls });
    assertEquals([error.code, error.retryable], ["TLS_FAILED", true], error.message);
    return error.message;
  };
  if (ffmpeg >= 8) {
    assertStringIncludes(await refusal(), "signed by an authority that is not known");
    assertEquals(camera.count("PLAY"), 1);
  }
  // It takes no option with which it would know this certificate.
  if (ffmpeg >= 9) {
    assertStringIncludes(await refusal({ verify: false }), "those of the system alone");
    return;
  }
  const trusted = { caFile: front.certificate, serverName: "localhost" };
  const before = front.connections;
  await assertTunnelled(secured, trusted);
  assertEquals([camera.count("PLAY"), front.connections - before], [2, 2]);
});

test(
  "a server that speaks no HTTP, or that is not there, refuses RTSP inside HTTP",
  SLOW,
  async () => {
    await using camera = await startWrongCamera({ answers: { all: { status: 404 } } });
    for (const url of [camera.url, `rtsp://127.0.0.1:${await freePort()}/stream`]) {
      const error = await failureOf(url, { transport: "http" });
      assertEquals([error.code, error.retryable], ["REFUSED", true], error.message);
      assertStringIncludes(error.message, 'RTSP over HTTP (transport "http") was refused');
    }
  },
);

test("a transport that a server refuses is named", SLOW, async () => {
  await using none = await startWrongCamera({ transports: [] });
  const reasons: [Transport, string][] = [
    ["tcp", 'the server refuses the transport "tcp"; "auto" takes TCP or UDP, as the server can'],
    ["udp", 'the server refuses the transport "udp"; "auto" takes TCP or UDP, as the server can'],
    ["auto", "the server refuses to send over TCP and over UDP"],
  ];
  for (const [transport, reason] of reasons) {
    const error = await failureOf(none.url, { transport });
    assertEquals([error.code, error.retryable], ["REFUSED", true]);
    assertEquals(error.message, `Cannot open ${none.url}: ${reason} (EPROTONOSUPPORT)`);
  }
});
