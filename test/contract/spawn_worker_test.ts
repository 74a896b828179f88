/** Background threads as the runtime makes them. */

import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import { test } from "node:test";
import { runtime } from "../../src/runtime/mod.ts";
import type { BackgroundWorker } from "../../src/runtime/types.ts";

const isNode = !("Deno" in globalThis) && !("Bun" in globalThis);

interface Spawned extends Disposable {
  readonly worker: BackgroundWorker;
  /** The next message, or what it ended with. */
  next(): Promise<unknown>;
}

function spawn(module = new URL("./echo_worker.ts", import.meta.url)): Spawned {
  let next = Promise.withResolvers<unknown>();
  const settle = (value: unknown) => {
    next.resolve(value);
    next = Promise.withResolvers();
  };
  const worker = runtime.spawnWorker(module, {
    onMessage: settle,
    onError: (message) => settle(new Error(message)),
  });
  return { worker, next: () => next.promise, [Symbol.dispose]: () => worker.terminate() };
}

test("a thread is sent messages, shared memory included, and answers", async () => {
  using thread = spawn();
  const memory = new SharedArrayBuffer(8);
  const words = new Int32Array(memory);
  thread.worker.post({ memory, text: "hello" });
  const answer = await thread.next() as { memory: SharedArrayBuffer; text: string };
  words[0] = 7;
  assertEquals([new Int32Array(answer.memory)[0], answer.text], [7, "hello"]);
});

test("an error that nothing catches in a thread is reported, and ends nothing else", async () => {
  using thread = spawn();
  thread.worker.post("break");
  const failure = await thread.next();
  assert(failure instanceof Error && failure.message.includes("broken on purpose"), `${failure}`);
});

/** A module as the URL of its text, as bundles have it. */
function textUrl(head: string, code: string): URL {
  const text = encodeURIComponent(code).replace(/[()]/g, (mark) => `%${mark === "(" ? 28 : 29}`);
  return new URL(`data:text/javascript${head},${text}`);
}

// The second is what a runtime is not given under a shorter name.
for (const head of [";charset=utf-8", ""]) {
  test(`a thread whose module is a URL of its own text${head} does not repeat it`, async () => {
    const code = `const secret = 1; throw new Error(import.meta.url); // ${"x".repeat(1_000)}`;
    using thread = spawn(textUrl(head, code));
    const failure = await thread.next();
    assert(failure instanceof Error);
    assertMatch(failure.message, head === "" ? /its module/ : /its module|blob:/);
    assertFalse(failure.message.includes("secret"), failure.message);
  });
}

test("a module of 300 kB that is a URL of its own text has a short name in Deno and Bun", async () => {
  const code = `const own = "\u00e4 100 %";
    const isWeb = "Deno" in globalThis || "Bun" in globalThis;
    const scope = isWeb ? globalThis : process.getBuiltinModule("node:worker_threads").parentPort;
    scope.postMessage([own, import.meta.url.length < 1_000]); // ${"x".repeat(300_000)}`;
  const module = textUrl(";charset=utf-8", code);
  for (let i = 0; i < 2; i++) {
    using thread = spawn(module);
    assertEquals(await thread.next(), ["\u00e4 100 %", !isNode]);
  }
});

test("a program that replaces the global Worker changes nothing", async () => {
  const { Worker } = globalThis;
  // Node has none.
  const isThere = "Worker" in globalThis;
  try {
    Object.assign(globalThis, {
      Worker: class {
        constructor() {
          throw new Error("not this one");
        }
      },
    });
    using thread = spawn();
    thread.worker.post(1);
    assertEquals(await thread.next(), 1);
  } finally {
    if (isThere) Object.assign(globalThis, { Worker });
    else Reflect.deleteProperty(globalThis, "Worker");
  }
});
