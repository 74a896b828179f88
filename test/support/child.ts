/** A child process that cannot outlive the test that started it. */

import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

export interface ChildOptions {
  env?: Record<string, string | undefined>;
  cwd?: string | undefined;
  /** Called with every line of stdout. */
  onLine?: ((line: string) => void) | undefined;
  /** Called with every piece of stdout, as soon as it is there. */
  onText?: ((text: string) => void) | undefined;
}

export interface Exit {
  code: number | null;
  signal: string | null;
}

const START_TIMEOUT = 15_000;
const STOP_GRACE = 500;
const KEPT_OUTPUT = 1 << 20;

const living = new Set<Child>();
process.on("exit", () => {
  for (const child of living) child.abandon();
});

/** The kernel kills the child with its parent, even when that one is killed. */
function tied(command: string, args: readonly string[]): [string, string[]] {
  return process.platform === "linux"
    ? ["setpriv", ["--pdeathsig", "KILL", "--", command, ...args]]
    : [command, [...args]];
}

export class Child implements AsyncDisposable {
  readonly pid: number;
  /** Settles when the child is gone and its output has been read. */
  readonly exited: Promise<Exit>;
  stdout = "";
  stderr = "";
  #process: ChildProcess;
  #exit: Exit | undefined;
  #temporary: string[] = [];
  #stopping: Promise<void> | undefined;

  readonly command: string;

  constructor(
    command: string,
    args: readonly string[],
    options: ChildOptions = {},
  ) {
    this.command = command;
    const child = spawn(...tied(command, args), {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...options.env },
      cwd: options.cwd,
    });
    this.#process = child;
    this.pid = child.pid ?? -1;
    this.#collect(options);
    living.add(this);
    this.exited = new Promise((resolve) => {
      const end = (code: number | null, signal: string | null) => {
        living.delete(this);
        this.#exit ??= { code, signal };
        resolve(this.#exit);
      };
      child.once("error", (error) => {
        this.stderr += String(error);
        end(null, null);
      });
      child.once("close", end);
      // A grandchild may hold the pipes open: do not wait for it for ever.
      child.once("exit", (code, signal) => {
        living.delete(this);
        setTimeout(end, 200, code, signal);
      });
    });
  }

  get running(): boolean {
    return living.has(this);
  }

  #collect({ onLine, onText }: ChildOptions): void {
    let rest = "";
    this.#process.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout = (this.stdout + text).slice(-KEPT_OUTPUT);
      onText?.(text);
      if (!onLine) return;
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach(onLine);
    });
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr = (this.stderr + text).slice(-KEPT_OUTPUT);
    });
  }

  /** Waits until `probe` gives a value; ends the child when it never does. */
  async until<T>(
    what: string,
    probe: () => T | undefined | Promise<T | undefined>,
    timeout: number = START_TIMEOUT,
  ): Promise<T> {
    const deadline = performance.now() + timeout;
    while (this.running && performance.now() < deadline) {
      const value = await probe();
      if (value !== undefined) return value;
      await sleep(10);
    }
    const late = this.running;
    await this.kill();
    const why = late ? `not within ${timeout} ms` : await this.#ending();
    throw new Error(`${this.command}: no ${what}: ${why}\n${this.stderr}`);
  }

  async #ending(): Promise<string> {
    const { code, signal } = await this.exited;
    return `it ended with ${signal ?? `code ${code}`}`;
  }

  /** Removes this directory when the child is stopped. */
  owns(directory: string): void {
    this.#temporary.push(directory);
  }

  signal(name: NodeJS.Signals): void {
    if (this.running && this.pid > 0) process.kill(this.pid, name);
  }

  /** Freezes the process: its sockets stay open and nothing answers. */
  pause(): void {
    this.signal("SIGSTOP");
  }

  resume(): void {
    this.signal("SIGCONT");
  }

  /** Ends the process at once, as a power cut does. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.exited;
    this.#clean();
  }

  /** Ends the process politely, then at once. */
  stop(): Promise<void> {
    return this.#stopping ??= this.#stop();
  }

  async #stop(): Promise<void> {
    this.signal("SIGTERM");
    this.resume();
    const grace = setTimeout(() => this.signal("SIGKILL"), STOP_GRACE);
    await this.exited;
    clearTimeout(grace);
    this.#clean();
  }

  #clean(): void {
    for (const directory of this.#temporary.splice(0)) {
      rmSync(directory, { recursive: true, force: true });
    }
  }

  /** The last resort when the runner exits: no waiting is possible. */
  abandon(): void {
    this.signal("SIGKILL");
    this.#clean();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
