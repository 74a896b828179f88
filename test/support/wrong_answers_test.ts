/** The wrong camera's answers and passwords. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Child } from "./child.ts";
import { cameraH264 } from "./elementary.ts";
import { PlainClient, type PlainReply } from "./plain_client.ts";
import {
  DRIPPING,
  NOISY,
  SILENT,
  startWrongCamera,
  type WrongCameraOptions,
} from "./wrong_camera.ts";

/** Whether the ffmpeg command can read a picture, and what it says. */
async function read(url: string): Promise<{ works: boolean; error: string }> {
  const input = ["-rtsp_transport", "tcp", "-i", url];
  await using child = new Child("ffmpeg", [
    ...["-nostdin", "-v", "error", ...input, "-frames:v", "1", "-f", "null", "-"],
  ]);
  const { code } = await child.exited;
  return { works: code === 0, error: child.stderr };
}

/** What DESCRIBE is answered within a time; "nothing", "hung up", or the status and more. */
async function described(options: WrongCameraOptions, ms = 300): Promise<PlainReply | string> {
  await using camera = await startWrongCamera(options);
  using client = new PlainClient(camera.url);
  const reply = client.ask("DESCRIBE").then((reply) => reply ?? "hung up");
  return await Promise.race([reply, sleep(ms).then(() => "nothing")]);
}

function statusOf(reply: PlainReply | string): number | string {
  return typeof reply === "string" ? reply : reply.status;
}

test("a camera without footage grants everything and sends nothing", async () => {
  await using camera = await startWrongCamera();
  using client = new PlainClient(camera.url);
  assert.match(await client.play(), /H264/);
  await sleep(200);
  assert.deepEqual([client.packets.length, client.isEnded], [0, false]);
  assert.deepEqual(camera.requests.map((line) => line.split(" ")[0]), [
    "DESCRIBE",
    "SETUP",
    "PLAY",
  ]);
  assert.equal(camera.requested("PLAY").length, 1);
  assert.equal(camera.connections, 1);
});

test("answers: never, hang-up, late, refused, elsewhere, without an end", async () => {
  const answer = (DESCRIBE: NonNullable<WrongCameraOptions["answers"]>[string]) =>
    described({ answers: { DESCRIBE } });
  assert.equal(await described(SILENT), "nothing");
  assert.equal(await answer("never"), "nothing");
  assert.equal(await answer("close"), "hung up");
  assert.equal(await answer({ contentLength: 2 ** 31 - 1 }), "nothing");
  for (const status of [404, 453, 461, 500, 503]) {
    assert.equal(statusOf(await answer({ status })), status);
  }
  assert.equal(statusOf(await answer({ delay: 600 })), "nothing");
  assert.equal(statusOf(await answer({ delay: 100 })), 200);
  assert.equal(
    statusOf(await answer(({ before }) => before === 0 ? { status: 500 } : "right")),
    500,
  );
  const denied = await answer({ status: 401 });
  assert.match((denied as PlainReply).headers["www-authenticate"]!, /^Basic/);
  await using camera = await startWrongCamera({ answers: { DESCRIBE: { status: 302 } } });
  using client = new PlainClient(camera.url);
  assert.equal((await client.ask("DESCRIBE"))?.headers.location, camera.url);
});

test("answers: noise and drips", async () => {
  for (const options of [NOISY, { answers: { all: "garbage" } }, DRIPPING] as const) {
    await using camera = await startWrongCamera(options);
    using client = new PlainClient(camera.url);
    void client.ask("OPTIONS");
    await sleep(500);
    const limits = options === DRIPPING ? [3, 20] : [4096, Infinity];
    assert.ok(client.received >= limits[0]! && client.received <= limits[1]!, `${client.received}`);
  }
});

test("a redirect leads to another camera, and a keep-alive can be refused", async () => {
  const footage = await cameraH264();
  await using camera = await startWrongCamera({ footage });
  const headers = { Location: camera.url };
  await using sign = await startWrongCamera({ answers: { DESCRIBE: { status: 302, headers } } });
  const { works, error } = await read(sign.url);
  assert.ok(works, error);
  assert.equal(camera.requested("PLAY").length, 1);
  assert.match(camera.asked[0]!.headers["user-agent"]!, /^Lavf/);
  await using deaf = await startWrongCamera({
    footage,
    answers: { GET_PARAMETER: { status: 405 } },
  });
  using client = new PlainClient(deaf.url);
  await client.play();
  assert.equal((await client.ask("GET_PARAMETER"))?.status, 405);
});

const USER = { username: "operator", password: "p@ss:w/rd#?" };

test("ffmpeg gets in by Basic and Digest, and not by a wrong password", async () => {
  const footage = await cameraH264();
  const offers = [
    { schemes: ["basic"] },
    { schemes: ["md5"] },
    { schemes: ["md5"], qop: true },
    { schemes: ["basic", "md5"] },
    { requestsPerNonce: 2 },
  ] as const;
  await Promise.all(offers.map(async (offer) => {
    await using camera = await startWrongCamera({ footage, authentication: { ...USER, ...offer } });
    const right = await read(camera.urlWith(USER.username, USER.password));
    assert.ok(right.works, `${JSON.stringify(offer)}: ${right.error}`);
    assert.match((await read(camera.urlWith(USER.username, "wrong"))).error, /401/);
    assert.match((await read(camera.url)).error, /401/);
  }));
});

test("a nonce that is always stale lets nobody in", async () => {
  const authentication = { ...USER, alwaysStale: true };
  await using camera = await startWrongCamera({ authentication });
  const { error } = await read(camera.urlWith(USER.username, USER.password));
  assert.match(error, /401/);
});

test("SHA-256 alone: ffmpeg cannot, a client that can gets in", async () => {
  const authentication = { ...USER, schemes: ["sha-256"] } as const;
  await using camera = await startWrongCamera({ footage: await cameraH264(), authentication });
  assert.match((await read(camera.urlWith(USER.username, USER.password))).error, /401/);
  using client = new PlainClient(camera.url);
  const challenge = (await client.ask("DESCRIBE"))?.headers["www-authenticate"] ?? "";
  assert.match(challenge, /algorithm=SHA-256/);
  const nonce = /nonce="([^"]*)"/.exec(challenge)?.[1] ?? "";
  const hash = (...texts: string[]) => createHash("sha256").update(texts.join(":")).digest("hex");
  const answer = async (password: string) => {
    const secret = hash(USER.username, "wrong camera", password);
    const response = hash(secret, nonce, hash("DESCRIBE", camera.url));
    const fields = {
      username: USER.username,
      realm: "wrong camera",
      nonce,
      uri: camera.url,
      response,
    };
    const Authorization = "Digest " + Object.entries({ ...fields, algorithm: "SHA-256" })
      .map(([name, value]) => `${name}="${value}"`).join(", ");
    return (await client.ask("DESCRIBE", { headers: { Authorization } }))?.status;
  };
  assert.equal(await answer("wrong"), 401);
  assert.equal(await answer(USER.password), 200);
});
