/** Isolates that own streams, writers or groups, and go away without a word. */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Camera, startCamera } from "../../support/camera.ts";
import { runScript } from "../../support/process.ts";
import { until } from "../../support/waiting.ts";
import { SMALL_CAMERA } from "../lifecycle.ts";
import { TemporaryDirectory } from "../reading.ts";

const SCRIPT = fileURLToPath(new URL("../fixtures/owners.ts", import.meta.url));
const LONG = { timeout: 120_000 };

/** Grey, of which every byte is known. */
const startGrey = () =>
  startCamera({ ...SMALL_CAMERA, pattern: "solid-color", foreground: 0xff808080 });

async function assertNothingLeft(
  camera: Camera,
  kind: string,
  how: string,
  count: number,
  target: string,
  received = 0,
): Promise<void> {
  const args = [kind, how, String(count), camera.url, target];
  const { code, signal, stdout, stderr } = await runScript(SCRIPT, args, { timeout: 100_000 });
  assertEquals([code, signal], [0, null], stdout + stderr);
  assertEquals(JSON.parse(stdout), { workers: 0, fds: 0, wrong: 0, received }, stderr);
  await until("an end of all", () => camera.count("CONNECT") === camera.count("CLOSED"));
}

for (const how of ["one after the other", "and at once another"]) {
  for (const kind of ["stream", "group"]) {
    test(`workers that have a ${kind} are terminated, ${how}`, LONG, async () => {
      await using camera = await startGrey();
      await assertNothingLeft(camera, kind, how, 4, camera.url);
    });
  }

  test(`workers that write are terminated, ${how}`, LONG, async () => {
    await using camera = await startGrey();
    await using directory = await TemporaryDirectory.make();
    await assertNothingLeft(camera, "writer", how, 4, directory.file("written-%.mkv"));
  });
}

test(
  "workers that have transferred a frame are terminated, and it stays as it is",
  LONG,
  async () => {
    await using camera = await startGrey();
    await assertNothingLeft(camera, "transfer", "and at once another", 4, camera.url, 5);
  },
);
