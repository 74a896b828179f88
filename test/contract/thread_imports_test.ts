/** What a background thread loads before it does anything: each module costs every thread time. */

import { assertEquals } from "@std/assert";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { scriptPath } from "./child.ts";

const ROOT = scriptPath("../../", import.meta.url);
const WORKERS = ["src/worker/read/read_worker.ts", "src/worker/write/write_worker.ts"];

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly specifier: string;
    readonly isDynamic?: boolean;
    readonly code?: { readonly specifier?: string };
  }[];
}

/** The specifiers of all that is loaded with a module; what is only a type is not. */
function loadedWith(entry: string): Set<string> {
  const json = execFileSync("deno", ["info", "--json", entry], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const { roots, modules } = JSON.parse(json) as { roots: string[]; modules: readonly Module[] };
  const dependencies = new Map(modules.map((module) => [module.specifier, module.dependencies]));
  const loaded = new Set<string>(roots);
  for (const specifier of loaded) {
    for (const { isDynamic, code } of dependencies.get(specifier) ?? []) {
      if (!isDynamic && code?.specifier !== undefined) loaded.add(code.specifier);
    }
  }
  return loaded;
}

for (const worker of WORKERS) {
  test(`${worker} loads this project's own files, and no built-in module`, () => {
    const foreign = [...loadedWith(worker)].filter((name) => !name.startsWith(`file://${ROOT}`));
    assertEquals(foreign, []);
  });
}
