/** A background thread that never says anything is given up. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runScript } from "../../support/process.ts";
import { TemporaryDirectory } from "../reading.ts";

const SCRIPT = fileURLToPath(new URL("../fixtures/silent_worker.ts", import.meta.url));

test("a thread that does not begin is WORKER_DIED, and is not left behind", {
  timeout: 90_000,
}, async () => {
  await using directory = await TemporaryDirectory.make();
  const args = ["rtsp://127.0.0.1:1/stream", directory.file("x.mkv")];
  const { code, stdout, stderr } = await runScript(SCRIPT, args, { timeout: 80_000 });
  assertEquals(code, 0, stderr);
  const { read, write, ...rest } = JSON.parse(stdout);
  // A live stream tries again, by its rules; a file does not.
  assertEquals([read.code, read.attempt, write.code], ["WORKER_DIED", 2, "WORKER_DIED"]);
  for (const { message } of [read, write]) {
    assertStringIncludes(message, "the background thread did not begin within 8000 ms");
  }
  assertEquals(rest, { made: 3, terminated: 3, leftBehind: [], state: "failed" });
});
