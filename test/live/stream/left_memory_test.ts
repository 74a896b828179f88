/** A thread that is not waited for gives its memory back when it ends. */

import { assertGreater, assertLess } from "@std/assert";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { makeVideo } from "../../support/media.ts";
import { runScript } from "../../support/process.ts";
import { SMALL, TemporaryDirectory } from "../reading.ts";

const SCRIPT = fileURLToPath(new URL("../fixtures/left_memory.ts", import.meta.url));

for (const which of ["read", "write"] as const) {
  test(`the memory of threads that were left behind comes back: ${which}`, {
    timeout: 120_000,
  }, async () => {
    await using directory = await TemporaryDirectory.make();
    const film = await makeVideo({ ...SMALL, frames: 30 });
    const place = which === "read" ? film : directory.file("");
    const env = { DENO_V8_FLAGS: "--expose-gc" };
    const { stdout, stderr } = await runScript(SCRIPT, [which, place], { env, timeout: 100_000 });
    const { left, before, after } = JSON.parse(stdout || JSON.stringify({ stderr }));
    assertGreater(left, 10, `${stdout}${stderr}`);
    // All frames of those that were left behind are ten times as much.
    assertLess(after - before, 100, stdout);
  });
}
