/** `deno run --watch` begins the program anew in the same process. */

import { assertEquals } from "@std/assert";
import { copyFileSync, readdirSync, readFileSync, rmSync, utimesSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startCamera } from "../../support/camera.ts";
import { Child } from "../../support/child.ts";
import { isDeno } from "../../support/process.ts";
import { until } from "../../support/waiting.ts";
import { SMALL_CAMERA } from "../lifecycle.ts";

const SCRIPT = fileURLToPath(new URL("../fixtures/watched.ts", import.meta.url));
const RELOADS = 4;

/** Background threads of the program. */
function workersOf(pid: number): number {
  const names = readdirSync(`/proc/${pid}/task`).map((id) => {
    try {
      return readFileSync(`/proc/${pid}/task/${id}/comm`, "utf8").trim();
    } catch {
      // It ended meanwhile.
      return "";
    }
  });
  return names.filter((name) => /^worker-\d+$/.test(name)).length;
}

// Bun's `--watch` begins another process.
test("a change of a watched program leaves no thread and no connection behind", {
  timeout: 120_000,
  skip: !isDeno,
}, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  // Beside the script, so that its imports are found; changing that would change other tests.
  const watched = SCRIPT.replace(/\.ts$/, `.${process.pid}.ts`);
  copyFileSync(SCRIPT, watched);
  using cleanup = new DisposableStack();
  cleanup.defer(() => rmSync(watched));
  const args = ["run", "-A", "--watch", watched, camera.url];
  await using child = new Child(process.execPath, args, { env: { NO_COLOR: "1" } });
  const begun = () => child.stdout.split("TEN FRAMES").length - 1;
  await until("frames", () => begun() === 1, 30_000);
  for (let reload = 1; reload <= RELOADS; reload++) {
    utimesSync(watched, new Date(), new Date());
    await until("frames after a change", () => begun() > reload, 30_000);
  }
  const open = () => camera.count("CONNECT") - camera.count("CLOSED");
  await until("an end of the others", () => open() === 1 && workersOf(child.pid) === 1, 20_000);
  assertEquals([open(), workersOf(child.pid)], [1, 1]);
  assertEquals(camera.count("TEARDOWN"), RELOADS);
});
