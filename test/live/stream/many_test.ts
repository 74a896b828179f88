/** Many streams that are started at once. */

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { cameraH264 } from "../../support/elementary.ts";
import { runScript } from "../../support/process.ts";

const SCRIPT = fileURLToPath(new URL("../fixtures/counted_workers.ts", import.meta.url));
const STREAMS = 40;

test("of many streams, as many threads begin at once as there are processors", {
  timeout: 90_000,
}, async () => {
  const args = [await cameraH264(), `${STREAMS}`];
  const { code, stdout, stderr } = await runScript(SCRIPT, args, { timeout: 80_000 });
  assertEquals(code, 0, stderr);
  const { atOnce, all, indexes, stopped } = JSON.parse(stdout);
  const turns = Math.min(STREAMS, Math.max(2, navigator.hardwareConcurrency));
  assertEquals([atOnce, all], [turns, STREAMS]);
  assertEquals(indexes, Array.from({ length: STREAMS }, () => 0));
  // A stream that waits for its turn needs no thread to be stopped.
  assert(stopped <= turns, `${stopped} threads of streams that were stopped at once`);
});
