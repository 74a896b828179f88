/** What the runtime's permissions leave: all of it, or one clear error. Bun has none. */

import { assertEquals, assertLessOrEqual, assertStringIncludes } from "@std/assert";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Child } from "../../support/child.ts";
import { countingVideo } from "../../support/patterns.ts";
import { isDeno, isNode, runScript } from "../../support/process.ts";
import { running, type RuntimeName } from "../../support/runtimes.ts";
import { SLOW, SMALL, TemporaryDirectory } from "../reading.ts";

const SCRIPT = fileURLToPath(new URL("../fixtures/permissions.ts", import.meta.url));
const CLIENT = fileURLToPath(new URL("../fixtures/own_client.ts", import.meta.url));
const FRAMES = 12;

interface Notice {
  readonly code: string;
  readonly operation: string;
  readonly retryable: boolean;
  readonly message: string;
}

interface Outcome {
  readonly read: Partial<Notice> & { readonly frames: number; readonly state: string };
  readonly write: Partial<Notice> & { readonly written?: number };
  /** Of a live stream. */
  readonly attempts: number;
  readonly leftBehind: readonly string[];
}

async function run(permissions: readonly string[]): Promise<{ outcome: Outcome; stderr: string }> {
  await using directory = await TemporaryDirectory.make();
  const args = [await countingVideo(FRAMES, SMALL), directory.file("x.mkv")];
  const { code, stdout, stderr } = await runScript(SCRIPT, args, { permissions });
  assertEquals(code, 0, stderr);
  return { outcome: JSON.parse(stdout), stderr };
}

/** Node warns of some of its flags. */
const IN_NODE = ["--permission", "--allow-fs-read=*", "--disable-warning=SecurityWarning"];
/** What native calls need in Node: where it has no FFI, they are those of an addon. */
const CALLS = process.getBuiltinModule("node:ffi" as never) ? "--allow-ffi" : "--allow-addons";

const ENOUGH: Readonly<Record<RuntimeName, readonly string[]>> = {
  deno: ["--allow-ffi", "--allow-read"],
  bun: [],
  node: [...IN_NODE, "--allow-worker", CALLS],
};

/** Flags that are too few, and those that the error names. */
const FEW: Readonly<Record<RuntimeName, readonly (readonly [readonly string[], string])[]>> = {
  deno: [
    [["--allow-ffi"], "--allow-read"],
    [["--allow-read"], "--allow-ffi"],
    // Without any flag, a child of Deno is permitted all.
    [["--allow-env"], "--allow-read --allow-ffi"],
    [["--allow-env", "--allow-net", "--allow-sys", "--deny-read", "--allow-ffi"], "--allow-read"],
  ],
  bun: [],
  node: [
    [[...IN_NODE, "--allow-worker"], CALLS],
    [[...IN_NODE, CALLS], "--allow-worker"],
    [IN_NODE, `--allow-worker ${CALLS}`],
  ],
};

test("what is needed is enough, and nothing more is asked for", SLOW, async () => {
  const { outcome, stderr } = await run(ENOUGH[running]);
  assertEquals(outcome, {
    read: { frames: FRAMES, state: "stopped" },
    write: { written: 1 },
    attempts: 3,
    leftBehind: [],
  });
  assertEquals(stderr, "");
});

for (const [permissions, missing] of FEW[running]) {
  test(`with [${permissions}] the error names ${missing}, once and for all`, SLOW, async () => {
    const { outcome, stderr } = await run(permissions);
    const { read: { frames, state, ...read }, write, attempts, leftBehind } = outcome;
    assertEquals([frames, state, attempts, leftBehind, stderr], [0, "failed", 1, [], ""]);
    for (const { code, operation, retryable, message } of [read, write]) {
      assertEquals([code, operation, retryable], ["PERMISSION_DENIED", "start", false]);
      assertStringIncludes(message!, `run the program with ${missing}`);
      assertLessOrEqual(message!.split("\n").length, 5);
    }
  });
}

for (const host of isDeno ? ["127.0.0.1", "localhost"] : []) {
  test(
    `the client of this package names --allow-net for ${host}, once and for all`,
    SLOW,
    async () => {
      const permissions = ["--allow-ffi", "--allow-read"];
      const url = `rtsp://${host}:9/stream`;
      const { code, stdout, stderr } = await runScript(CLIENT, [url], { permissions });
      assertEquals(code, 0, stderr);
      assertEquals(JSON.parse(stdout), {
        code: "PERMISSION_DENIED",
        retryable: false,
        message: `Cannot open ${url}: the connection is not permitted: ` +
          "run the program with --allow-net",
      });
    },
  );
}

if (isDeno) {
  test("a part of the package that may not be read is named like the whole", SLOW, async () => {
    const src = fileURLToPath(new URL("../../../src", import.meta.url));
    const { outcome: { read, leftBehind } } = await run(["--allow-ffi", `--allow-read=${src}`]);
    assertEquals([read.code, read.retryable, leftBehind], ["PERMISSION_DENIED", false, []]);
    assertStringIncludes(read.message!, "run the program with --allow-read");
  });
}

if (isNode && CALLS === "--allow-ffi") {
  test("Node warns of its FFI once, and not for each thread", SLOW, async () => {
    await using directory = await TemporaryDirectory.make();
    const args = [SCRIPT, await countingVideo(FRAMES, SMALL), directory.file("x.mkv")];
    await using child = new Child(process.execPath, args);
    assertEquals((await child.exited).code, 0, child.stderr);
    assertEquals(child.stderr.split("ExperimentalWarning: FFI").length - 1, 1, child.stderr);
  });
}
