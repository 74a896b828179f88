/** A process that ends tells its cameras that they may stop sending, and completes its files. */

import { assert, assertEquals, assertGreater, assertGreaterOrEqual, assertLess } from "@std/assert";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import process from "node:process";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Camera, startCamera } from "../../support/camera.ts";
import { Child } from "../../support/child.ts";
import { cameraH264 } from "../../support/elementary.ts";
import { probe } from "../../support/probe.ts";
import { isDeno, isNode, scriptCommand, startScript } from "../../support/process.ts";
import { until } from "../../support/waiting.ts";
import { startWrongCamera } from "../../support/wrong_camera.ts";
import { SMALL_CAMERA } from "../lifecycle.ts";
import { SLOW, TemporaryDirectory } from "../reading.ts";

const SCRIPT = fileURLToPath(new URL("../fixtures/end.ts", import.meta.url));
const STREAMS = 2;
const TRIES = 8;

/** Makes what it runs the first process of a name space, as a container does. */
const CONTAINED = ["--pid", "--fork", "--kill-child", "--mount-proc", "--"];
const noContainer = process.platform === "linux" && process.getuid?.() === 0
  ? false
  : "needs Linux and root";
const RUN = [...scriptCommand(), SCRIPT];

/** As the system knows it: `unshare` has that one child. */
function firstIn({ pid }: Child): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8"));
}

const isReady = (child: Child) =>
  child.until("beginning", () => child.stdout.includes("READY") || undefined, 35_000);
const calls = (child: Child) => child.stdout.split("CALLED").length - 1;

/**
 * Runs a process that has streams of the camera and ends. It has the fifth part of a second
 * for its goodbyes, which is less than a busy machine may need, so it is tried again.
 */
async function assertGoodbye(run: (camera: Camera) => Promise<void>): Promise<void> {
  const counts: number[] = [];
  while (counts.at(-1) !== STREAMS) {
    await using camera = await startCamera(SMALL_CAMERA);
    await run(camera);
    await until("ends of the connections", () => camera.count("CLOSED") === STREAMS);
    counts.push(camera.count("TEARDOWN"));
    assertLess(counts.length, TRIES, `goodbyes: ${counts}`);
  }
}

for (const transport of ["tcp", "udp"] as const) {
  const options = JSON.stringify({ transport });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    test(`${signal} ends a process over ${transport} as ever, behind a goodbye`, SLOW, async () => {
      await assertGoodbye(async (camera) => {
        await using child = startScript(SCRIPT, ["waits", camera.url, "", "", options]);
        await isReady(child);
        child.signal(signal);
        assertEquals(await child.exited, { code: null, signal });
        assert(!child.stdout.includes("ENDED"), "not a line of the program's runs behind it");
        assertEquals(child.stderr, "");
      });
    });
  }

  test(`process.exit() says goodbye over ${transport}`, SLOW, async () => {
    await assertGoodbye(async (camera) => {
      await using child = startScript(SCRIPT, ["exits", camera.url, "", "", options]);
      assertEquals(await child.exited, { code: 7, signal: null });
    });
  });
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(
    `${signal} ends the first process of a container, too, behind a goodbye`,
    { ...SLOW, skip: noContainer },
    async () => {
      await assertGoodbye(async (camera) => {
        await using child = new Child("unshare", [...CONTAINED, ...RUN, "waits", camera.url]);
        await isReady(child);
        // What the system gives it with no effect is all that `unshare` would hand on.
        process.kill(firstIn(child), signal);
        assertEquals(await child.exited, { code: 128 + constants.signals[signal], signal: null });
        assert(!child.stdout.includes("ENDED"), "not a line of the program's runs behind it");
      });
    },
  );
}

test("a server that does not answer a goodbye does not hold the process up", SLOW, async () => {
  const answers = { TEARDOWN: "never" } as const;
  await using camera = await startWrongCamera({ footage: await cameraH264(), answers });
  await using child = startScript(SCRIPT, ["waits", camera.url]);
  await isReady(child);
  child.signal("SIGTERM");
  assertEquals(await child.exited, { code: null, signal: "SIGTERM" });
});

if (!isDeno) {
  test("an error that nothing has caught ends the process behind a goodbye", SLOW, async () => {
    await assertGoodbye(async (camera) => {
      await using child = startScript(SCRIPT, ["throws", camera.url]);
      assertEquals(await child.exited, { code: 1, signal: null });
    });
  });
}

for (const how of ["exits", "waits"]) {
  test(`files are complete when a process ${how} and is ended`, SLOW, async () => {
    await using directory = await TemporaryDirectory.make();
    await using camera = await startCamera(SMALL_CAMERA);
    const files = ["written.mp4", "recorded.mp4"].map((name) => directory.file(name));
    await using child = startScript(SCRIPT, [how, camera.url, ...files]);
    await isReady(child);
    if (how === "waits") child.signal("SIGTERM");
    await child.exited;
    // Not fragmented, it could not be played without its end.
    for (const file of files) assertGreater((await probe(file)).frames, 20, file);
  });
}

const SLOW_WRITER = fileURLToPath(new URL("../fixtures/write_slowly.ts", import.meta.url));
/** Each picture of noise takes longer than a goodbye does. */
const SLOW_ENCODER = {
  preset: "placebo",
  ffmpeg: { codec: { threads: "1", "rc-lookahead": "0", bf: "0" } },
};

for (const [how, extension] of [["exits", "mp4"], ["waits", "mp4"], ["exits", "mkv"]] as const) {
  test(
    `a .${extension} can be played when a process ${how} and is ended while it encodes a picture`,
    { timeout: 120_000 },
    async () => {
      await using directory = await TemporaryDirectory.make();
      const path = directory.file(`written.${extension}`);
      const options = JSON.stringify(SLOW_ENCODER);
      await using child = startScript(SLOW_WRITER, [how, path, options, "2"]);
      const told = () => child.stdout.match(/PACKETS (\d+)/)?.[1];
      if (how === "waits") {
        await child.until("packets", told, 100_000);
        child.signal("SIGTERM");
      }
      const end = how === "waits" ? { code: null, signal: "SIGTERM" } : { code: 7, signal: null };
      assertEquals(await child.exited, end);
      assertGreaterOrEqual((await probe(path)).frames, Number(told()));
    },
  );
}

for (
  const how of [
    "listens",
    "listens before",
    "listens once",
    "listens once before",
    "listens once by itself",
  ]
) {
  test(`a program that ${how} decides itself what a signal does`, SLOW, async () => {
    await using camera = await startCamera(SMALL_CAMERA);
    await using child = startScript(SCRIPT, [how, camera.url]);
    await isReady(child);
    child.signal("SIGTERM");
    await until("a call", () => calls(child) === 1);
    await sleep(500);
    assertEquals([child.running, calls(child), camera.count("TEARDOWN")], [true, 1, 0]);
    if (how.startsWith("listens once")) {
      child.signal("SIGTERM");
      assertEquals(await child.exited, { code: null, signal: "SIGTERM" });
    } else {
      child.signal("SIGTERM");
      await until("another call", () => calls(child) === 2);
      child.signal("SIGINT");
      assertEquals(await child.exited, { code: null, signal: "SIGINT" });
    }
  });
}

test(
  "a program that has listened before is ended by the signal, behind a goodbye",
  SLOW,
  async () => {
    await assertGoodbye(async (camera) => {
      await using child = startScript(SCRIPT, ["has listened", camera.url]);
      await isReady(child);
      child.signal("SIGTERM");
      assertEquals(await child.exited, { code: null, signal: "SIGTERM" });
    });
  },
);

test("a program that never lets its events in is ended by a signal", SLOW, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  await using child = startScript(SCRIPT, ["blocks", camera.url]);
  await isReady(child);
  // It is a signal that nobody hears, until it is known that nobody does.
  await until("an end", () => {
    child.signal("SIGINT");
    return !child.running;
  });
  assertEquals(await child.exited, { code: null, signal: "SIGINT" });
});

test("a program that is busy for a while ends with a goodbye all the same", SLOW, async () => {
  await assertGoodbye(async (camera) => {
    await using child = startScript(SCRIPT, ["blocks for a while", camera.url]);
    await child.until("an end of its work", () => child.stdout.includes("FREE") || undefined);
    await sleep(500);
    child.signal("SIGTERM");
    assertEquals(await child.exited, { code: null, signal: "SIGTERM" });
  });
});

test("signals end a program as ever when its streams are over", SLOW, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  await using child = startScript(SCRIPT, ["stops", camera.url]);
  await isReady(child);
  child.signal("SIGTERM");
  assertEquals(await child.exited, { code: null, signal: "SIGTERM" });
});

const forgets = isNode && "Node itself forgets at its start what was ignored";

test("a signal that was ignored before stays ignored", { ...SLOW, skip: forgets }, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  // As `nohup` does, and a shell for what it runs in the background.
  const ignore = 'trap "" HUP INT; exec "$@"';
  const words = ["-c", ignore, "sh", ...RUN, "waits", camera.url];
  await using child = new Child("sh", words, { env: { NO_COLOR: "1" } });
  await isReady(child);
  child.signal("SIGHUP");
  child.signal("SIGINT");
  await sleep(700);
  assertEquals([child.running, camera.count("TEARDOWN")], [true, 0]);
  child.signal("SIGTERM");
  assertEquals((await child.exited).signal, "SIGTERM");
});
