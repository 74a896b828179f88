/** A package of which a part is gone: one error, and no other attempt. */

import { assert, assertEquals, assertLessOrEqual, assertStringIncludes } from "@std/assert";
import { cp, mkdir, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { countingVideo } from "../../support/patterns.ts";
import { runScript } from "../../support/process.ts";
import { SLOW, SMALL, TemporaryDirectory } from "../reading.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const SCRIPT = "test/live/fixtures/permissions.ts";
const PARTS = ["mod.ts", "ffi", "src", "package.json", "deno.json", SCRIPT];

/** What is gone of the package, and the file that the error names. */
const GONE: Readonly<Record<string, readonly [gone: string, named: RegExp]>> = {
  "the modules of the threads": ["src/worker", /(?:read|write)_worker\.ts/],
  "what these modules need": ["src/av", /\.ts/],
};

for (const [what, [gone, named]] of Object.entries(GONE)) {
  test(`without ${what} the error names a file, once and for all`, SLOW, async () => {
    await using directory = await TemporaryDirectory.make();
    for (const part of PARTS) {
      await mkdir(dirname(directory.file(part)), { recursive: true });
      await cp(join(ROOT, part), directory.file(part), { recursive: true });
    }
    await symlink(join(ROOT, "node_modules"), directory.file("node_modules"));
    await rm(directory.file(gone), { recursive: true });
    const args = [await countingVideo(12, SMALL), directory.file("x.mkv")];
    const { code, stdout, stderr } = await runScript(directory.file(SCRIPT), args);
    assertEquals(code, 0, stderr);
    const { read: { frames, state, ...read }, write, attempts, leftBehind } = JSON.parse(stdout);
    assertEquals([frames, state, attempts, leftBehind], [0, "failed", 1, []]);
    for (const { code, operation, retryable, message } of [read, write]) {
      assertEquals([code, operation, retryable], ["WORKER_MISSING", "start", false], message);
      assert(named.test(message), message);
      assertStringIncludes(message, "install the package anew");
      assertLessOrEqual(message.split("\n").length, 5);
    }
  });
}
