/** Smoke tests: each piece of support does what the other tests rely on. */

import assert from "node:assert/strict";
import { readFile, rm, stat } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Camera, type CameraOptions, startCamera } from "./camera.ts";
import { Child } from "./child.ts";
import * as media from "./media.ts";
import * as patterns from "./patterns.ts";
import { freeUdpPort } from "./port.ts";
import { isBun, isDeno, isNode, runScript, threadsAndFds } from "./process.ts";
import { running } from "./runtimes.ts";
import { startPublisher } from "./publish.ts";
import { until } from "./waiting.ts";
import { startRtmpServer } from "./rtmp_server.ts";
import { startProxy } from "./tcp_proxy.ts";
import { NOISY, startWrongCamera } from "./wrong_camera.ts";

/** Runs a tool to its end: its exit code and what it said. */
async function run(command: string, ...args: string[]) {
  const child = new Child(command, args);
  const { code } = await child.exited;
  return { code, out: child.stdout.trim(), error: child.stderr };
}

const QUICK = ["-v", "error", "-probesize", "32768", "-analyzeduration", "200000"];

/** "codec,width,height" of each stream. */
function probe(url: string, ...options: string[]) {
  const entries = "stream=codec_name,width,height";
  const how = [...QUICK, "-show_entries", entries, "-of", "csv=p=0"];
  return run("ffprobe", ...how, ...options, url);
}

/** Reads so many frames; the exit code tells whether it could. */
function read(url: string, frames: number, ...options: string[]) {
  const sink = ["-an", "-frames:v", String(frames), "-f", "null", "-"];
  return run("ffmpeg", "-nostdin", ...QUICK, ...options, "-i", url, ...sink);
}

/** All pictures of a file as packed RGB. */
async function pictures(file: string): Promise<Uint8Array> {
  const out = join(tmpdir(), `rtsp-stream-${process.pid}.rgb`);
  const raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-fps_mode", "passthrough"];
  const args = ["-v", "error", "-y", "-i", file, ...raw, out];
  assert.equal((await run("ffmpeg", ...args)).code, 0);
  const data = await readFile(out);
  await rm(out);
  return data;
}

const TCP = ["-rtsp_transport", "tcp"];
const UDP = ["-rtsp_transport", "udp"];

/** What a raw TCP client gets within a time, and whether it was hung up on. */
function talk(port: number, text: string, ms: number) {
  return new Promise<{ received: string; ended: boolean }>((resolve) => {
    let received = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    const timer = setTimeout(() => done(false), ms);
    const done = (ended: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ received, ended });
    };
    socket.setEncoding("latin1");
    socket.on("data", (data) => received += data);
    socket.on("error", () => done(true));
    socket.on("close", () => done(true));
  });
}

const DESCRIBE = "DESCRIBE rtsp://x/ RTSP/1.0\r\nCSeq: 7\r\n\r\n";

test("a camera serves H.264 over tcp and udp and tells its requests", async () => {
  await using camera = await startCamera({ width: 320, height: 240 });
  assert.match(camera.url, /^rtsp:\/\/127\.0\.0\.1:\d+\/stream$/);
  const [seen, tcp, udp] = await Promise.all([
    probe(camera.url, ...TCP),
    read(camera.url, 5, ...TCP),
    read(camera.url, 5, ...UDP),
  ]);
  assert.equal(seen.out, "h264,320,240");
  assert.deepEqual([tcp.code, udp.code], [0, 0], tcp.error + udp.error);
  assert.equal(camera.count("CONNECT"), 3);
  // The camera's words about it come through a pipe.
  await until("three goodbyes", () => camera.count("TEARDOWN") >= 3);
  assert.equal(camera.count("TEARDOWN"), 3);
});

const codecs: [string, CameraOptions][] = [
  ["hevc,320,240", { codec: "hevc" }],
  ["mjpeg,320,240", { codec: "mjpeg" }],
  ["h264,320,240", { bframes: 2 }],
  ["h264,320,240\npcm_alaw", { audio: "with" }],
  ["pcm_alaw", { audio: "only" }],
  ["h264,320,240", { pattern: "solid-color", foreground: 0xff336699 }],
];
for (const [expected, options] of codecs) {
  test(`a camera with ${JSON.stringify(options)}`, async () => {
    const size = { width: 320, height: 240 };
    await using camera = await startCamera({ ...size, ...options });
    const seen = await probe(camera.url, ...TCP);
    assert.equal(seen.out, expected, seen.error);
  });
}

test("a camera refuses the transport it does not have", async () => {
  const refused = async (camera: Camera, wrong: string[], right: string[]) => {
    const bad = await read(camera.url, 1, ...wrong);
    assert.match(bad.error, /461/);
    const good = await read(camera.url, 1, ...right);
    assert.equal(good.code, 0, good.error);
  };
  await using tcp = await startCamera({ transports: ["tcp"] });
  await using udp = await startCamera({ transports: ["udp"] });
  await Promise.all([refused(tcp, UDP, TCP), refused(udp, TCP, UDP)]);
});

for (const scheme of ["basic", "digest"] as const) {
  test(`a camera checks the password (${scheme})`, async () => {
    const user = { username: "operator", password: "p@ss:w/rd#?" };
    await using camera = await startCamera({ auth: { scheme, ...user } });
    const right = camera.urlWith(user.username, user.password);
    const wrong = camera.urlWith(user.username, "wrong");
    const results = await Promise.all([
      read(right, 1, ...TCP),
      read(wrong, 1, ...TCP),
      read(camera.url, 1, ...TCP),
    ]);
    assert.equal(results[0].code, 0, results[0].error);
    assert.match(results[1].error, /401/);
    assert.match(results[2].error, /401/);
  });
}

test("a camera sends a file as it is, once or in a loop", async () => {
  const file = await patterns.countingVideo(30, { bframes: 2 });
  await using once = await startCamera({ file, loop: false });
  await using loop = await startCamera({ file });
  const [ended, looped] = await Promise.all([
    read(once.url, 1000, ...TCP),
    read(loop.url, 45, ...TCP),
  ]);
  assert.equal(ended.code, 0, ended.error);
  assert.equal(looped.code, 0, looped.error);
});

test("a camera can be frozen, killed and started in its old place", async () => {
  const first = await startCamera();
  first.pause();
  assert.equal((await talk(first.port, DESCRIBE, 200)).received, "");
  first.resume();
  await first.kill();
  assert.equal(first.running, false);
  assert.equal((await talk(first.port, DESCRIBE, 1000)).ended, true);
  await using again = await startCamera({ port: first.port });
  assert.equal(again.port, first.port);
  await first.stop();
});

test("a camera that cannot start says why", async () => {
  await using holder = await startCamera();
  const taken = startCamera({ port: holder.port });
  await assert.rejects(taken, /no camera.*code 1\ncannot listen/s);
});

test("RTMP: published pictures reach a player, which sees the end", async () => {
  await using server = await startRtmpServer();
  const url = server.url("one");
  await using publisher = await startPublisher(url, { width: 320, height: 240 });
  const seen = await probe(url);
  assert.equal(seen.out, "h264,320,240", seen.error);
  const player = read(url, 10_000);
  await sleep(500);
  await publisher.stop();
  await player;
});

test("RTMP: a publisher can be denied", async () => {
  await using server = await startRtmpServer({ onPublish: "deny" });
  await assert.rejects(startPublisher(server.url("one")), /no publisher/);
});

test("a publisher sends MPEG-TS over UDP", async () => {
  const url = `udp://127.0.0.1:${await freeUdpPort()}`;
  await using _publisher = await startPublisher(url, { codec: "mpeg4" });
  // The size is only told at a key frame, which may take half a second.
  const patient = ["-probesize", "1000000", "-analyzeduration", "1500000"];
  const seen = await probe(url, ...patient);
  assert.match(seen.out, /mpeg4,640,360/, seen.error);
});

test("a proxy hands on, stalls, delays, cuts, limits, slows down and refuses", async () => {
  await using noise = await startWrongCamera(NOISY);
  await using status = await startWrongCamera({ answers: { DESCRIBE: { status: 404 } } });
  await using proxy = await startProxy({ targetPort: status.port });
  await using noisy = await startProxy({ targetPort: noise.port });
  const ask = (ms = 150) => talk(proxy.port, DESCRIBE, ms);
  assert.match((await ask()).received, /404/);
  proxy.stall();
  assert.deepEqual(await ask(), { received: "", ended: false });
  proxy.delay(200);
  assert.equal((await ask()).received, "");
  assert.match((await ask(800)).received, /404/);
  proxy.pass();
  const open = ask(2000);
  await sleep(100);
  proxy.cut();
  assert.equal((await open).ended, true);
  proxy.refuse();
  assert.deepEqual(await ask(), { received: "", ended: true });
  noisy.dropAfter(5000);
  const part = await talk(noisy.port, "", 2000);
  assert.deepEqual([part.received.length, part.ended], [5000, true]);
  noisy.throttle(20_000);
  const slow = await talk(noisy.port, "", 1_000);
  assert.ok(slow.received.length > 0 && slow.received.length < 150_000, `${slow.received.length}`);
});

test("media: colours are where and what they should be", async () => {
  for (const matrix of ["bt601", "bt709"] as const) {
    const file = await patterns.colourBars(426, 240, { frames: 2, matrix });
    const data = await pictures(file);
    for (const { name, rgb, x, y } of patterns.colourPatches(426, 240)) {
      const at = (y * 426 + x) * 3;
      const seen = [...data.subarray(at, at + 3)];
      const near = seen.every((v, i) => Math.abs(v - rgb[i]!) <= 2);
      assert.ok(near, `${matrix} ${name}: ${seen}`);
    }
  }
});

test("media: every frame tells its number, with B-frames too", async () => {
  for (const bframes of [0, 2]) {
    const data = await pictures(await patterns.countingVideo(40, { bframes }));
    const size = 640 * 360 * 3;
    assert.equal(data.length, 40 * size);
    for (let frame = 0; frame < 40; frame++) {
      const picture = data.subarray(frame * size, (frame + 1) * size);
      for (const row of ["top", "bottom"] as const) {
        assert.equal(patterns.readCounter(picture, 640, 360, 3, row), frame);
      }
    }
  }
});

test("media: audio, truncation, a changing size, real footage", async () => {
  assert.equal((await probe(await media.audioOnly())).out, "aac");
  const whole = await media.makeVideo({ codec: "mjpeg", container: "avi" });
  const half = await media.truncated(whole, 0.5);
  const sizes = await Promise.all([whole, half].map((file) => stat(file)));
  assert.equal(sizes[1]!.size, Math.floor(sizes[0]!.size / 2));
  for (const container of ["ts", "h264"] as const) {
    const file = await media.resolutionChange(container);
    const entries = "frame=width,height";
    const how = ["-v", "error", "-show_entries", entries, "-of", "csv=p=0"];
    const { out } = await run("ffprobe", ...how, file);
    const lines = out.split("\n").filter(Boolean);
    assert.equal(lines.filter((line) => line.startsWith("640,360")).length, 30);
    assert.equal(lines.filter((line) => line.startsWith("320,240")).length, 30);
  }
  assert.equal(media.realMedia("no such file"), undefined);
});

test("process: a script runs in the same runtime; time-outs end it", async () => {
  assert.equal([isDeno, isBun, isNode].filter(Boolean).length, 1);
  const script = new URL("fixtures/echo_script.ts", import.meta.url).pathname;
  const told = await runScript(script, ["3"], { env: { WORD: "hello" } });
  assert.equal(told.code, 3, told.stderr);
  assert.deepEqual(JSON.parse(told.stdout), { running, word: "hello" });
  const late = await runScript(script, ["hang"], { timeout: 700 });
  assert.equal(late.signal, "SIGKILL");
  assert.ok(late.elapsed >= 700 && late.elapsed < 3000, `${late.elapsed}`);
  const { threads, fds } = threadsAndFds();
  assert.ok(threads > 0 && fds > 2);
});

test("children end with a runner that is killed", async () => {
  const script = new URL("fixtures/orphan_script.ts", import.meta.url).pathname;
  const { stdout, signal } = await runScript(script, [], { timeout: 15_000 });
  assert.equal(signal, "SIGKILL");
  // Where nobody buries orphans, the dead one stays in the list as a zombie.
  const isOver = async () => {
    const status = await readFile(`/proc/${Number(stdout)}/status`, "utf8").catch(() => "gone");
    return /^gone$|State:\tZ/.test(status);
  };
  const deadline = performance.now() + 5_000;
  while (!await isOver() && performance.now() < deadline) await sleep(10);
  assert.ok(await isOver(), "it goes on living");
});
