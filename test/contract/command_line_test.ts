/** The words of the command that has begun a process. */

import { assert, assertEquals } from "@std/assert";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { commandLine } from "../../ffi/backend/command_line.ts";
import { loadBackend } from "../../ffi/backend/mod.ts";
import { Child } from "../support/child.ts";
import { running } from "../support/runtimes.ts";

const SCRIPT = fileURLToPath(new URL("./command_line_child.ts", import.meta.url));

test("a process is told all the words of its command", async () => {
  assert(commandLine(loadBackend()).length > 1);
  const words = ["--watched=a b", "", "ü"];
  const flags = {
    deno: ["run", "--no-check", "--allow-ffi", "--allow-read"],
    bun: ["--smol"],
    node: ["--expose-gc"],
  }[running];
  const args = [...flags, SCRIPT, ...words];
  await using child = new Child(process.execPath, args, { env: { NO_COLOR: "1" } });
  const { code } = await child.exited;
  assertEquals(code, 0, child.stderr);
  assertEquals(JSON.parse(child.stdout).slice(1), args);
});
