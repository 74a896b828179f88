/** Child processes that read cases, of which one that crashes is replaced. */

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type RuntimeName, RUNTIMES } from "../support/runtimes.ts";
import type { Case, Outcome } from "./cases.ts";

const SCRIPT = fileURLToPath(new URL("./reader.ts", import.meta.url));

/** One child process at a time. */
export class Reader implements Disposable {
  readonly #command: readonly string[];
  #child: ChildProcess | undefined;
  #answer: ((outcome: Outcome) => void) | undefined;
  #errors = "";

  constructor(runtime: RuntimeName) {
    const { script, permitting } = RUNTIMES[runtime];
    this.#command = [...script, ...permitting];
  }

  /** Resolves to how it ended; what crashes the process ends as "crash". */
  read(one: Case): Promise<Outcome> {
    this.#child ??= this.#start();
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.#answer = resolve;
    this.#child.stdin!.write(`${JSON.stringify(one)}\n`);
    return promise;
  }

  #start(): ChildProcess {
    const [command, ...args] = this.#command;
    const child = spawn(command!, [...args, SCRIPT], { stdio: "pipe", env: process.env });
    this.#errors = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => this.#errors += text);
    child.stdin.on("error", () => {});
    createInterface({ input: child.stdout }).on("line", (line) => this.#take(line));
    child.once("close", (code, signal) => {
      this.#child = undefined;
      const text = `${signal ?? `code ${code}`} ${this.#errors.slice(-300)}`.trim();
      this.#settle({ how: "crash", frames: 0, text });
    });
    return child;
  }

  #take(line: string): void {
    const { end, ...outcome } = JSON.parse(line) as Outcome & { readonly end?: number };
    if (end === undefined) return;
    // What is left of one that hangs would be in the way of the next.
    if (outcome.how === "hang") this.#kill();
    this.#settle(outcome);
  }

  #settle(outcome: Outcome): void {
    this.#answer?.(outcome);
    this.#answer = undefined;
  }

  #kill(): void {
    this.#child?.kill("SIGKILL");
    this.#child?.removeAllListeners("close");
    this.#child = undefined;
  }

  [Symbol.dispose](): void {
    this.#kill();
  }
}
