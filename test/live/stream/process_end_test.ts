/** A process ends by itself and in time, whatever its streams were doing. */

import { assert, assertEquals, assertLess, assertLessOrEqual, assertMatch } from "@std/assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startCamera } from "../../support/camera.ts";
import { makeVideo } from "../../support/media.ts";
import { freePort } from "../../support/port.ts";
import { runScript, startScript } from "../../support/process.ts";
import { timed } from "../../support/waiting.ts";
import { SILENT, startWrongCamera } from "../../support/wrong_camera.ts";
import { SMALL_CAMERA, STOP_BOUND } from "../lifecycle.ts";
import { SLOW } from "../reading.ts";

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}.ts`, import.meta.url));

/** What a fixture told last. */
function told(stdout: string): Record<string, number> {
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}

/** Runs to its end; checks when that was, counted from what it told. */
async function assertEnds(
  name: string,
  args: string[],
  code: number,
  message = /(?:)/,
): Promise<string> {
  const result = await runScript(fixture(name), args, { timeout: 8_000 });
  const end = Date.now();
  const about = `${name} ${args[0]}: ${result.stdout}${result.stderr}`;
  assertEquals([result.code, result.signal], [code, null], about);
  assertLess(end - told(result.stdout).at!, 2_000, about);
  assertMatch(result.stderr, message, about);
  return result.stdout;
}

test("a process ends by itself after stop(), whatever the stream did", SLOW, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  await using silent = await startWrongCamera(SILENT);
  const closed = `rtsp://127.0.0.1:${await freePort()}/stream`;
  const file = await makeVideo({ frames: 60 });
  // One after the other: they are measured.
  for (
    const [state, url] of [
      ["streaming", camera.url],
      ["opening", silent.url],
      ["waiting", closed],
      ["file", file],
    ] as const
  ) {
    const { took } = told(await assertEnds("leave", [state, url], 0));
    assertLessOrEqual(took, STOP_BOUND, `${state}: stop() took ${took} ms`);
  }
});

for (
  const [when, moments] of [
    ["in the same moment as", ["0"]],
    ["a moment after", ["1", "5", "10", "20", "40", "80", "160"]],
  ] as const
) {
  test(`stop() ${when} start() leaves nothing behind`, SLOW, async () => {
    await using silent = await startWrongCamera(SILENT);
    const output = await assertEnds("leave_soon", [silent.url, ...moments], 0);
    const rounds = output.trim().split("\n").map((line) => JSON.parse(line)).slice(0, -1);
    assertEquals(rounds.length, moments.length);
    for (const { took } of rounds) assertLessOrEqual(took, STOP_BOUND, output);
    assertEquals(rounds.filter(({ workers }) => workers > 0), []);
  });
}

test("a process ends by itself when its streams are over, without stop()", SLOW, async () => {
  const closed = `rtsp://127.0.0.1:${await freePort()}/stream`;
  await Promise.all([
    assertEnds("leave_not", ["fail", closed], 0),
    assertEnds("leave_not", ["file", await makeVideo({ frames: 60 })], 0),
  ]);
});

test("an uncaught exception ends the process, and is told", SLOW, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  // A file is written into the buffers without a pause, also while the process ends.
  const file = await makeVideo({ frames: 60 });
  for (const url of [file, camera.url]) {
    await assertEnds("leave_not", ["throw", url], 1, /a bug of the program's/);
    await assertEnds("leave_not", ["throw-later", url], 1, /a bug of the program's/);
  }
});

test("process.exit() ends the process while a thread hangs in an open", SLOW, async () => {
  await using silent = await startWrongCamera(SILENT);
  await assertEnds("leave_not", ["exit", silent.url], 7);
});

test("SIGINT and SIGTERM end a program that streams", SLOW, async () => {
  const die = async (signal: NodeJS.Signals) => {
    await using camera = await startCamera(SMALL_CAMERA);
    await using child = startScript(fixture("leave_not"), ["end", camera.url]);
    await child.until("frame", () => child.stdout.includes("at") || undefined);
    await sleep(300);
    assert(child.running, `it goes on without its main: ${child.stderr}`);
    child.signal(signal);
    assertLess(await timed(child.exited), 1_000);
    assertEquals((await child.exited).signal, signal);
  };
  await Promise.all([die("SIGINT"), die("SIGTERM")]);
});
