/** The runtimes that tests run in, and the words of their commands. */

import process from "node:process";
import { fileURLToPath } from "node:url";

interface TestRuntime {
  /** Run a script, whose path follows. */
  readonly script: readonly string[];
  /** Among those of `script`: permit all, where that needs a flag. */
  readonly permitting: readonly string[];
  /** Among those of `script`: let it force the collection of garbage, where that needs a flag. */
  readonly collecting: readonly string[];
  /**
   * In place of those: without V8's optimizing compilers, and with small caches. What they take
   * grows for thousands of reconnections, up to bounds of its own, and would hide what we leave.
   */
  readonly frugal: readonly string[];
  /** Run the tests of files, whose paths follow. */
  readonly test: readonly string[];
  /** Among those of `test`: only tests with these names. */
  readonly named: (pattern: string) => readonly string[];
  /** How many tests have passed, as the runner's last words have it. */
  readonly passed: readonly RegExp[];
  readonly failed: readonly RegExp[];
}

function inNode(command: string): TestRuntime {
  return {
    // It warns of its FFI.
    script: [command, "--disable-warning=ExperimentalWarning"],
    permitting: [],
    collecting: ["--expose-gc"],
    // Its lite mode has no WebAssembly, by which it takes types out of scripts.
    frugal: ["--expose-gc", "--no-opt", "--no-maglev", "--max-semi-space-size=1"],
    // All files in one process, which ends with the last test, as in the other runtimes.
    test: [
      ...[command, "--test", "--test-isolation=none", "--test-force-exit"],
      ...["--test-timeout=60000", "--test-reporter=spec"],
    ],
    named: (pattern) => [`--test-name-pattern=${pattern}`],
    passed: [/^ℹ pass (\d+)$/gm],
    // One that takes too long is cancelled.
    failed: [/^ℹ fail (\d+)$/gm, /^ℹ cancelled (\d+)$/gm],
  };
}

export const RUNTIMES = {
  deno: {
    script: ["deno", "run", "--quiet", "--no-prompt", "--no-check"],
    permitting: ["-A"],
    collecting: ["--v8-flags=--expose-gc"],
    frugal: ["--v8-flags=--expose-gc,--lite-mode"],
    test: ["deno", "test", "-A", "--no-check"],
    named: (pattern) => [`--filter=/${pattern}/`],
    passed: [/^(?:ok|FAILED) \| (\d+) passed/gm],
    failed: [/^(?:ok|FAILED) \|.* \| (\d+) failed/gm],
  },
  bun: {
    script: ["bun"],
    permitting: [],
    collecting: [],
    frugal: [],
    test: ["bun", "test", "--timeout", "60000"],
    named: (pattern) => ["-t", pattern],
    passed: [/^ *(\d+) pass$/gm],
    failed: [/^ *(\d+) fail$/gm],
  },
  node: inNode("node"),
  /** The oldest one, in which another package calls native libraries. */
  node24: inNode(fileURLToPath(new URL("node_24/node_modules/.bin/node", import.meta.url))),
} as const satisfies Record<string, TestRuntime>;

/** Those that all is tested in. */
export const RUNTIME_NAMES = ["deno", "bun", "node"] as const;

export type RuntimeName = (typeof RUNTIME_NAMES)[number];

/** With those that some is tested in. */
export type TestRuntimeName = keyof typeof RUNTIMES;

/** The one that this test runs in. */
export const running: RuntimeName = RUNTIME_NAMES.find((name) => process.versions[name]) ?? "node";

/** What a runner has counted; nothing, where it broke off. */
export function counted(
  runtime: TestRuntimeName,
  output: string,
): { passed: number; failed: number } {
  const last = (pattern: RegExp) => Number([...output.matchAll(pattern)].at(-1)?.[1] ?? 0);
  const total = (patterns: readonly RegExp[]) =>
    patterns.reduce((sum, pattern) => sum + last(pattern), 0);
  const { passed, failed } = RUNTIMES[runtime];
  return { passed: total(passed), failed: total(failed) };
}
