/** Certificates: accepted, refused with a clear reason, or not looked at. */

import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { test } from "node:test";
import { VideoStream, VideoWriter } from "../../../mod.ts";
import { makeVideo } from "../../support/media.ts";
import { startRtmpServer } from "../../support/rtmp_server.ts";
import { startTlsFront } from "../../support/tls_front.ts";
import { rejection, within } from "../../support/waiting.ts";
import { startWrongCamera } from "../../support/wrong_camera.ts";
import { cameraH264 } from "../../support/elementary.ts";
import { Notes } from "../lifecycle.ts";
import { codeOf, failureOf, look, releaseInUse, SLOW, SMALL } from "../reading.ts";

const NOT_ACCEPTED = "the server's certificate was not accepted";

/** A film on the web. */
async function startWeb(): Promise<AsyncDisposable & { readonly port: number }> {
  const film = await readFile(await makeVideo({ ...SMALL, container: "ts", frames: 10 }));
  const server = createServer((_request, response) => {
    response.writeHead(200, { "Content-Type": "video/mp2t", "Content-Length": film.length });
    response.end(film);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const close = () => new Promise<void>((resolve) => void server.close(() => resolve()));
  return { port, [Symbol.asyncDispose]: close };
}

test(
  "https: a certificate of a known authority is accepted, any other one only unverified",
  SLOW,
  async () => {
    await using web = await startWeb();
    await using front = await startTlsFront(web.port);
    const [named, other] = ["localhost", "127.0.0.1"].map((host) =>
      `https://${host}:${front.port}/x`
    );
    const caFile = front.certificate;
    const good: [string, VideoStreamTls][] = [
      [named!, { caFile }],
      [other!, { caFile, serverName: "localhost" }],
      [named!, { verify: false }],
    ];
    for (const [url, tls] of good) {
      await using stream = new VideoStream(url, { tls });
      assertEquals((await look(stream, 5)).length, 5, JSON.stringify(tls));
    }
    const bad: [string, VideoStreamTls | undefined][] = [
      [named!, undefined],
      [named!, { caFile, serverName: "elsewhere.example" }],
    ];
    for (const [url, tls] of bad) {
      const error = await failureOf(url, { tls });
      assertEquals([error.code, error.operation], ["TLS_FAILED", "open"], error.message);
      assertStringIncludes(error.message, NOT_ACCEPTED);
    }
    const missing = "no-such.pem";
    for (const tls of [{ caFile: missing }, { caFile, certFile: missing, keyFile: missing }]) {
      const error = await failureOf(named!, { tls });
      assertEquals(error.code, "TLS_FAILED", error.message);
      const option = "certFile" in tls ? "certFile" : "caFile";
      const reason = `the option tls.${option} names a file that cannot be read: ${missing}`;
      assertStringIncludes(error.message, reason);
    }
  },
);

type VideoStreamTls = NonNullable<ConstructorParameters<typeof VideoStream>[1]>["tls"];

test("https to a server that speaks no TLS is no certificate that was refused", SLOW, async () => {
  await using web = await startWeb();
  const error = await failureOf(`https://127.0.0.1:${web.port}/x`);
  assertEquals(error.code, "TLS_FAILED", error.message);
  assertFalse(error.message.includes(NOT_ACCEPTED), error.message);
  assertStringIncludes(error.message, "does the server speak TLS at this port?");
});

test("rtmps: a writer goes by the same options", SLOW, async () => {
  await using server = await startRtmpServer();
  await using front = await startTlsFront(server.port);
  const url = `rtmps://localhost:${front.port}/live/tls`;
  const reconnect = { maxAttempts: 0 };
  for (const tls of [{ caFile: front.certificate }, { verify: false }]) {
    await using writer = new VideoWriter(url, { ...SMALL, reconnect, tls });
    await within("acceptance", writer.ready);
    assertEquals(writer.state, "streaming");
  }
  const writer = new VideoWriter(url, { ...SMALL, reconnect });
  const error = await within("refusal", rejection(writer.ready));
  await writer.close().catch(() => {});
  assertEquals(codeOf(error), "TLS_FAILED");
  assertStringIncludes(String(error), NOT_ACCEPTED);
});

test("rtsp: the option tls has no effect, and the log says so", SLOW, async () => {
  await using camera = await startWrongCamera({ footage: await cameraH264() });
  const warnings = async (tls: VideoStreamTls | undefined) => {
    const logger = new Notes();
    await using stream = new VideoStream(camera.url, { logger, tls });
    assertEquals((await look(stream, 2)).length, 2);
    return logger.find(/^warn: .*option tls/).map((line) => line.replace(camera.url, "URL"));
  };
  const warning = "warn: URL: the option tls has no effect: rtsp is not encrypted; rtsps is";
  assertEquals(await warnings({ caFile: "camera.pem" }), [warning]);
  assertEquals(await warnings({ verify: false }), [warning]);
  assertEquals([await warnings(undefined), await warnings({ verify: true })], [[], []]);
});

test(
  "rtsps: verified from FFmpeg 8.0 on; before, a warning says that it is not",
  SLOW,
  async () => {
    await using camera = await startWrongCamera({ footage: await cameraH264() });
    await using front = await startTlsFront(camera.port);
    const url = `rtsps://localhost:${front.port}/stream`;
    const logger = new Notes();
    await using stream = new VideoStream(url, { logger, tls: { caFile: front.certificate } });
    assertEquals((await look(stream, 2)).length, 2);
    const warnings = logger.find(/certificate is not verified/);
    if (Number.parseFloat(await releaseInUse()) < 8) {
      assertEquals(warnings.length, 1);
      assert(warnings[0]!.startsWith("warn: "), warnings[0]);
      return;
    }
    assertEquals(warnings, []);
    const error = await failureOf(url);
    assertEquals(error.code, "TLS_FAILED");
    assertStringIncludes(error.message, NOT_ACCEPTED);
  },
);
