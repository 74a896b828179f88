/** C functions in threads of their own. */

import { assert, assertEquals } from "@std/assert";
import process from "node:process";
import { test } from "node:test";
import { loadHeap } from "../../ffi/backend/heap.ts";
import { libcFiles } from "../../ffi/backend/libc_files.ts";
import { loadBackend } from "../../ffi/backend/mod.ts";
import { openNativeThreads } from "../../ffi/backend/native_thread.ts";
import type { Pointer } from "../../ffi/backend/types.ts";
import { until } from "../support/waiting.ts";

const backend = loadBackend();
const skip = process.platform === "linux" ? false : "it is not known how a thread ends elsewhere";

function libcFunction(name: string): Pointer {
  for (const file of libcFiles(backend.platform)) {
    try {
      return backend.symbolAddress(file, name);
    } catch {
      continue;
    }
  }
  throw new Error(`There is no ${name}`);
}

test("a function is called, with its pointer, and it is told when it has returned", {
  skip,
}, async () => {
  const threads = openNativeThreads(backend);
  assert(threads);
  const bytes = loadHeap().allocate(128);
  const isOver = threads.begin(libcFunction("sigfillset"), bytes);
  await until("a return", isOver);
  assertEquals(new Uint8Array(backend.bufferAt(bytes, 2)), Uint8Array.of(255, 255));
  assertEquals([isOver(), isOver()], [true, true]);
  loadHeap().free(bytes);
});

test("a function that does not return is not waited for", { skip }, async () => {
  const threads = openNativeThreads(backend);
  assert(threads);
  // A semaphore of 0, which `sem_wait` waits for until it is given one.
  const semaphore = loadHeap().allocate(64);
  const isOver = threads.begin(libcFunction("sem_wait"), semaphore);
  assertEquals(isOver(), false);
  const other = threads.begin(libcFunction("sem_post"), semaphore);
  await until("both to return", () => other() && isOver());
  loadHeap().free(semaphore);
});
