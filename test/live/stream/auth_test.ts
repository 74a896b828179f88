/** User names and passwords: right ones in any writing, wrong ones once. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type StreamError, VideoStream, type VideoStreamOptions } from "../../../mod.ts";
import { startCamera } from "../../support/camera.ts";
import { cameraH264 } from "../../support/elementary.ts";
import { startWrongCamera } from "../../support/wrong_camera.ts";

import { type Exchange, startWrongWeb } from "../../support/wrong_web.ts";
import { failureOf, look, SLOW, SMALL, streamError } from "../reading.ts";

const username = "operator";
const password = "p@s#s:w/o%rd?ä";

for (const scheme of ["basic", "digest"] as const) {
  const auth = { scheme, username, password };
  const options = { ...SMALL, auth };

  test(`the right password opens a camera, by URL and by option (${scheme})`, SLOW, async () => {
    await using camera = await startCamera(options);
    const ways: [string, VideoStreamOptions][] = [
      [camera.urlWith(username, password), {}],
      [camera.url, { username, password }],
      [camera.url.replace("//", `//${username}@`), { password }],
      // Options count more than the URL.
      [camera.urlWith("nobody", "wrong"), { username, password }],
    ];
    await Promise.all(ways.map(async ([url, credentials]) => {
      await using stream = new VideoStream(url, credentials);
      assertEquals((await look(stream, 2)).length, 2);
      assertEquals(stream.reconnectCount, 0);
      assertStringIncludes(stream.url, "rtsp://***@127.0.0.1:");
    }));
  });

  test(`a wrong password is not tried again (${scheme})`, SLOW, async () => {
    await using camera = await startCamera(options);
    const failures: StreamError[] = [];
    await using stream = new VideoStream(camera.urlWith(username, "wrong"), {
      reconnect: { delay: 50 },
      onReconnectFailure: (error) => void failures.push(error),
    });
    const error = await streamError("refusal", stream.start().ready);
    assertEquals([error.code, error.retryable, error.attempt], ["AUTH_FAILED", false, 1]);
    assertEquals([stream.state, stream.isConnected], ["failed", false]);
    await sleep(1_500);
    assert(camera.count("CONNECT") <= 2, `${camera.count("CONNECT")} connections`);
    assertEquals(camera.count("PLAY"), 0);
    assertEquals([stream.state, stream.reconnectCount], ["failed", 0]);
    assertEquals(failures, [error]);
    assert(stream.lastError === error);
  });

  test(`no password, or half of it, is a wrong one (${scheme})`, SLOW, async () => {
    await using camera = await startCamera(options);
    const errors = await Promise.all([
      failureOf(camera.url),
      failureOf(camera.url, { username }),
      failureOf(camera.urlWith(username, password.slice(0, -1))),
      failureOf(camera.urlWith("Operator", password)),
    ]);
    assertEquals(errors.map(({ code }) => code), Array(4).fill("AUTH_FAILED"));
    const [none, ...wrong] = errors.map(({ message }) => message);
    assertStringIncludes(none!, ": the server asks for a user name and password; the options ");
    for (const message of wrong) assertStringIncludes(message, ": user name or password not acc");
  });
}

test(
  "a URL with a port and a later @ is asked for as it stands, with and without a password",
  SLOW,
  async () => {
    await using camera = await startWrongCamera({
      footage: await cameraH264(),
      authentication: { username, password },
    });
    const address = `127.0.0.1:${camera.port}`;
    const encoded = encodeURIComponent(password);
    for (const tail of ["/live/@main", "/a@b:c/d?user=me@example.com", "/@127.0.0.1:1/x"]) {
      const ways: [string, VideoStreamOptions][] = [
        [`rtsp://${username}:${encoded}@${address}${tail}`, {}],
        [`rtsp://${address}${tail}`, { username, password }],
      ];
      for (const [url, credentials] of ways) {
        camera.requests.length = 0;
        await using stream = new VideoStream(url, credentials);
        assertEquals((await look(stream, 1)).length, 1);
        assertEquals(
          camera.requested("DESCRIBE").at(-1),
          `DESCRIBE rtsp://${address}${tail} RTSP/1.0`,
        );
        assertEquals([stream.url, stream.codec], [`rtsp://***@${address}${tail}`, "h264"]);
      }
    }
  },
);

test("a host that is a user name by mistake is reported without the password", SLOW, async () => {
  const error = await failureOf("rtsp://no-such-user:12/secret@127.0.0.1/x");
  assertEquals(error.code, "UNREACHABLE");
  assertStringIncludes(error.message, "rtsp://no-such-user:***@127.0.0.1/x: no host no-such-user");
  assertStringIncludes(error.message, "percent-encoded, or pass them as the options");
  assert(!`${error.stack}`.includes("secret"));
});

test("a password that is a part of an error's words leaves them as they are", SLOW, async () => {
  await using camera = await startWrongCamera({ footage: await cameraH264() });
  for (const password of ["e", "server"]) {
    const error = await failureOf(camera.url, { username, password, transport: "udp" });
    assertEquals(
      error.message,
      `Cannot open rtsp://***@127.0.0.1:${camera.port}/stream: the server refuses the transport ` +
        `"udp"; "auto" takes TCP or UDP, as the server can (EPROTONOSUPPORT)`,
    );
  }
});

test("a redirect of HTTP to another host does not take the password along", SLOW, async () => {
  const asked: (string | undefined)[] = [];
  const challenge = (exchange: Exchange) => {
    exchange.head(401, { "WWW-Authenticate": 'Basic realm="x"', "Content-Length": 0 });
  };
  await using other = await startWrongWeb({
    "/film.ts": (exchange) => {
      asked.push(exchange.headers.authorization);
      challenge(exchange);
    },
  });
  await using camera = await startWrongWeb({
    "/live.ts": (exchange) => {
      if (exchange.headers.authorization === undefined) return challenge(exchange);
      const Location = `http://localhost:${other.port}/film.ts`;
      exchange.head(302, { Location, "Content-Length": 0 });
    },
  });
  const error = await failureOf(camera.at("/live.ts"), { username, password });
  assertEquals(error.code, "AUTH_FAILED");
  assert(asked.length > 0, "the redirect was not followed");
  assertEquals(new Set(asked), new Set([undefined]));
});

test(
  "a camera that offers no way that FFmpeg knows is told, and what it offers",
  SLOW,
  async () => {
    const footage = await cameraH264();
    const account = { username, password };
    const only = { footage, authentication: { ...account, schemes: ["sha-256"] as const } };
    await using camera = await startWrongCamera(only);
    const error = await failureOf(camera.url, account);
    const reason =
      "the server takes a password only by Digest with SHA-256, which FFmpeg does not " +
      "know; allow Digest with MD5, or Basic, on the camera";
    assertEquals([error.code, error.retryable], ["AUTH_FAILED", false]);
    assertEquals(
      error.message,
      `Cannot open rtsp://***@127.0.0.1:${camera.port}/stream: ${reason} (HTTP_UNAUTHORIZED)`,
    );
    // It is asked once more, without a password.
    assertEquals(camera.connections, 2);

    const both = { footage, authentication: { ...account, schemes: ["sha-256", "md5"] as const } };
    await using other = await startWrongCamera(both);
    await using stream = new VideoStream(other.url, account);
    assertEquals((await look(stream, 2)).length, 2);
    const wrong = await failureOf(other.url, { username, password: "wrong" });
    assertEquals(
      wrong.message,
      `Cannot open rtsp://***@127.0.0.1:${other.port}/stream: ` +
        "user name or password not accepted (HTTP_UNAUTHORIZED)",
    );
  },
);
