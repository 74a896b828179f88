/** A group can be left in every way, and no thread of it stays. */

import {
  assert,
  assertEquals,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertStrictEquals,
} from "@std/assert";
import process from "node:process";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { StreamError, StreamGroup, VideoStream } from "../../../mod.ts";
import { type Camera, startCamera } from "../../support/camera.ts";
import { makeVideo } from "../../support/media.ts";
import { freePort } from "../../support/port.ts";
import { runScript, startScript } from "../../support/process.ts";
import { rejection, timed, until } from "../../support/waiting.ts";
import { SILENT, startWrongCamera } from "../../support/wrong_camera.ts";
import { assertBack, holdings, QUICK, SMALL_CAMERA, STOP_BOUND, warmUp } from "../lifecycle.ts";
import { takeSets } from "../rigs.ts";

const LIMIT = { timeout: 60_000 };
const LONG = { timeout: 120_000 };
const FIXTURE = fileURLToPath(new URL("../fixtures/group_leave.ts", import.meta.url));

interface Cameras extends AsyncDisposable {
  readonly urls: readonly [string, string];
  readonly all: readonly Camera[];
}

async function startCameras(): Promise<Cameras> {
  const all = await Promise.all([startCamera(SMALL_CAMERA), startCamera(SMALL_CAMERA)]);
  return {
    all,
    urls: [all[0].url, all[1].url],
    [Symbol.asyncDispose]: async () => void await Promise.all(all.map((one) => one.stop())),
  };
}

/** All that a fixture told. */
function told(stdout: string): Record<string, number>[] {
  return stdout.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
}

/** Runs to its end; checks when that was, counted from what it told. */
async function assertEnds(how: string, urls: readonly string[], code: number) {
  const result = await runScript(FIXTURE, [how, ...urls], { timeout: 15_000 });
  const end = Date.now();
  const about = `${how}: ${result.stdout}${result.stderr}`;
  assertEquals([result.code, result.signal], [code, null], about);
  const notes = told(result.stdout);
  assertLess(end - notes[notes.length - 1]!.at!, 2_500, about);
  return { ...result, notes };
}

test("Ctrl-C ends a program that reads several cameras", LIMIT, async () => {
  await using cameras = await startCameras();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    await using child = startScript(FIXTURE, ["interrupt", ...cameras.urls]);
    await child.until("sets", () => child.stdout.includes("READY") || undefined);
    child.signal(signal);
    assertLess(await timed(child.exited), 2_000);
    assertEquals((await child.exited).signal, signal);
  }
});

test(
  "a handler of Ctrl-C that stops the group ends its loop, and then the program",
  LIMIT,
  async () => {
    await using cameras = await startCameras();
    await using child = startScript(FIXTURE, ["stop", ...cameras.urls]);
    await child.until("sets", () => child.stdout.includes("READY") || undefined);
    child.signal("SIGINT");
    assertLess(await timed(child.exited), 2_500);
    assertEquals(await child.exited, { code: 0, signal: null }, child.stderr);
    assertEquals(told(child.stdout)[0]!.running, 2);
    // The cameras were told, not just left.
    for (const camera of cameras.all) {
      await until("an end of the connection", () => camera.count("CLOSED") > 0);
      assertEquals(camera.count("TEARDOWN"), 1);
    }
  },
);

test(
  "an exception in the loop ends all threads, and the program if nobody catches it",
  LIMIT,
  async () => {
    await using cameras = await startCameras();
    const caught = await assertEnds("catch", cameras.urls, 0);
    assertEquals(caught.notes.map(({ running, left }) => running ?? left), [2, 0]);
    const thrown = await assertEnds("throw", cameras.urls, 1);
    assertMatch(thrown.stderr, /a bug of the program's at frame \d+/);
  },
);

test("a program whose main is over goes on with its group, until Ctrl-C", LIMIT, async () => {
  await using cameras = await startCameras();
  await using child = startScript(FIXTURE, ["keep", ...cameras.urls]);
  await child.until("sets", () => child.stdout.includes("READY") || undefined);
  await sleep(500);
  assert(child.running, `it goes on without its main: ${child.stderr}`);
  child.signal("SIGINT");
  assertLess(await timed(child.exited), 2_000);
});

test("a program ends by itself when the files of its group have ended", LIMIT, async () => {
  const file = await makeVideo({ width: 320, height: 180, frames: 20 });
  await assertEnds("end", [file, file], 0);
});

test("a program ends by itself when the shorter file of its group has ended", LIMIT, async () => {
  const recipe = { width: 320, height: 180 };
  const files = await Promise.all([20, 100].map((frames) => makeVideo({ ...recipe, frames })));
  await assertEnds("end", files, 0);
});

test(
  "process.exit() ends a program while the cameras of a group do not answer",
  LIMIT,
  async () => {
    await using silent = await startWrongCamera(SILENT);
    await assertEnds("exit", [silent.url, silent.url], 7);
  },
);

test("stop() is fast and complete, whatever the cameras do", LIMIT, async () => {
  await using cameras = await startCameras();
  await using silent = await startWrongCamera(SILENT);
  await warmUp();
  const before = holdings();
  const closed = `rtsp://127.0.0.1:${await freePort()}/stream`;
  const [left, right] = cameras.urls.map((url) => ({ url, ...QUICK }));
  const rig = new StreamGroup({ left: left!, right: right!, silent: silent.url, closed }, {
    whenMissing: "omit",
  });
  const loop = rejection(takeSets(rig, Infinity));
  await until("sets", () => rig.stats().sets > 10);
  cameras.all[1]!.pause();
  await until("sets without it", () => rig.stats().members.right.missing > 5);
  assertEquals(holdings().workers - before.workers, 4);
  const next = rejection((async () => {
    for (;;) await rig.next();
  })());
  const elapsed = await timed(Promise.all([rig.stop(), loop, next]));
  assertLessOrEqual(elapsed, STOP_BOUND * 2, `it took ${elapsed.toFixed(0)} ms`);
  assertEquals(await loop, undefined);
  const error = await next;
  assert(error instanceof StreamError && error.code === "CLOSED", String(error));
  await assertBack(before);
  cameras.all[1]!.resume();
});

test("await using stops a group when its block is left by an exception", LIMIT, async () => {
  await using cameras = await startCameras();
  await warmUp();
  const before = holdings();
  const failure = new Error("of the program");
  const streams: VideoStream[] = [];
  const block = async () => {
    await using given = new VideoStream(cameras.urls[1], QUICK);
    await using rig = new StreamGroup({ left: { url: cameras.urls[0], ...QUICK }, given });
    streams.push(...Object.values(rig.streams));
    for await (const set of rig) if (set.frames.left.index > 3) throw failure;
  };
  assertStrictEquals(await rejection(block()), failure);
  assertEquals(streams.map(({ state }) => state), ["stopped", "stopped"]);
  await assertBack(before);
});

test("fifty groups that were started and stopped leave nothing behind", LONG, async () => {
  await using cameras = await startCameras();
  await warmUp();
  const [left, right] = cameras.urls.map((url) => ({ url, ...QUICK }));
  const cycle = async (round: number) => {
    const rig = new StreamGroup({ left: left!, right: right! }, {
      whenMissing: round % 2 ? "omit" : "wait",
    });
    // At once, while it connects, and when it has given sets.
    if (round % 10 === 0) await takeSets(rig, 3);
    else if (round % 3 > 0) {
      rig.start();
      const waiting = rejection(rig.next());
      await sleep(round);
      await Promise.all([rig.stop(), waiting]);
    }
    await rig.stop();
  };
  for (let round = 0; round < 4; round++) await cycle(round);
  await sleep(300);
  const before = holdings();
  const { rss } = process.memoryUsage();
  for (let round = 0; round < 50; round++) await cycle(round);
  await assertBack(before);
  // A frame has 172 kB, a group 14 of them.
  const growth = (process.memoryUsage().rss - rss) / 2 ** 20;
  assertLess(growth, 60, `${growth.toFixed(0)} MiB`);
});
