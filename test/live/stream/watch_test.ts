/**
 * `--watch` begins the program anew: Deno in the same process, Bun in another in its place, and
 * Node in a child of its own.
 */

import { assertEquals } from "@std/assert";
import { appendFileSync, copyFileSync, rmSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startCamera } from "../../support/camera.ts";
import { Child } from "../../support/child.ts";
import { isDeno, workersOf } from "../../support/process.ts";
import { running } from "../../support/runtimes.ts";
import { until } from "../../support/waiting.ts";
import { SMALL_CAMERA } from "../lifecycle.ts";

const SCRIPT = fileURLToPath(new URL("../fixtures/watched.ts", import.meta.url));
const RELOADS = 4;

test("a change of a watched program leaves no thread and no connection behind", {
  timeout: 120_000,
}, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  // Beside the script, so that its imports are found; changing that would change other tests.
  const watched = SCRIPT.replace(/\.ts$/, `.${process.pid}.ts`);
  copyFileSync(SCRIPT, watched);
  using cleanup = new DisposableStack();
  cleanup.defer(() => rmSync(watched));
  const watch = {
    deno: ["run", "-A", "--watch"],
    bun: ["--watch", "--no-clear-screen"],
    node: ["--watch", "--watch-preserve-output"],
  }[running];
  const args = [...watch, watched, camera.url];
  await using child = new Child(process.execPath, args, { env: { NO_COLOR: "1" } });
  const programs = () => [...child.stdout.matchAll(/^TEN FRAMES in (\d+)$/gm)].map(([, id]) => id);
  const begun = () => programs().length;
  await until("frames", () => begun() === 1, 30_000);
  for (let reload = 1; reload <= RELOADS; reload++) {
    appendFileSync(watched, "\n");
    await until("frames after a change", () => begun() > reload, 30_000);
  }
  const open = () => camera.count("CONNECT") - camera.count("CLOSED");
  const program = Number(programs().at(-1));
  await until("an end of the others", () => open() === 1 && workersOf(program) === 1, 20_000);
  assertEquals([open(), workersOf(program)], [1, 1]);
  // Bun ends the old process where it stands, and that of Node may have no time for a goodbye: the
  // end of the connection has to tell the camera.
  if (isDeno) assertEquals(camera.count("TEARDOWN"), RELOADS);
});
