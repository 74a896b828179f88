/** Memory that JavaScript lends to native code: addresses, views, other threads and garbage collection. */

import { assertEquals, assertGreater, assertThrows } from "@std/assert";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { nativeBytes } from "../../ffi/backend/memory.ts";
import { fn, type NativeBuffer } from "../../ffi/backend/types.ts";
import { running, RUNTIMES } from "../support/runtimes.ts";
import { runChild, scriptPath } from "./child.ts";
import { backend, c, loadedLibc, PAST_DOUBLE } from "./loaded_libraries.ts";
import type { WriteOrder } from "./write_worker.ts";

const borrowed = backend.open(loadedLibc.path, {
  // void *memcpy(void *dest, const void *src, size_t n);
  memcpy: fn("pointer", "buffer", "buffer", "usize"),
}).symbols;

test("reads at an offset give what JavaScript wrote there, in all widths", () => {
  const bytes = nativeBytes(40);
  const view = new DataView(bytes.buffer);
  view.setInt32(4, -123456, true);
  view.setUint32(8, 0xfedcba98, true);
  view.setBigInt64(16, -PAST_DOUBLE, true);
  view.setBigUint64(24, backend.addressOf(backend.pointerOf(bytes)), true);
  view.setUint8(33, 0xfe);
  const at = backend.pointerOf(bytes);
  assertEquals(backend.readI32(at, 4), -123456);
  assertEquals(backend.readI32(at, 8), 0xfedcba98 | 0);
  assertEquals(backend.readU32(at, 8), 0xfedcba98);
  assertEquals(backend.readI64(at, 16), -PAST_DOUBLE);
  assertEquals(backend.addressOf(backend.readPointer(at, 24)), backend.addressOf(at));
  assertEquals(backend.readU8(at, 33), 0xfe);
});

test("offset moves a pointer by bytes, forward and back", () => {
  const bytes = nativeBytes(64);
  bytes.set([10, 11, 12, 13], 32);
  const at = backend.pointerOf(bytes);
  const moved = backend.offset(at, 33);
  assertEquals(backend.addressOf(moved) - backend.addressOf(at), 33n);
  assertEquals(backend.readU8(moved, 0), 11);
  assertEquals(backend.readU8(moved, 2), 13);
  assertEquals(backend.addressOf(backend.offset(moved, -33)), backend.addressOf(at));
  assertEquals(backend.addressOf(backend.offset(at, 0)), backend.addressOf(at));
});

test("pointerOf refuses empty memory, which has no address", () => {
  assertThrows(() => backend.pointerOf(nativeBytes(0)), RangeError);
});

const WHOLE: readonly (readonly [string, () => NativeBuffer])[] = [
  ["an ArrayBuffer", () => new Uint8Array(new ArrayBuffer(64))],
  ["a SharedArrayBuffer", () => new Uint8Array(new SharedArrayBuffer(64))],
];

for (const [what, make] of WHOLE) {
  test(`pointerOf a view into ${what} counts its byteOffset`, () => {
    const whole = make();
    const part = whole.subarray(24, 32);
    const distance = backend.addressOf(backend.pointerOf(part)) -
      backend.addressOf(backend.pointerOf(whole));
    assertEquals(distance, 24n);
  });

  test(`a native write through the address of a view into ${what} lands in the view only`, () => {
    const whole = make();
    whole.fill(0xaa);
    const part = whole.subarray(24, 32);
    c.memset(backend.pointerOf(part), 7, BigInt(part.byteLength));
    const expected = new Uint8Array(64).fill(0xaa);
    expected.fill(7, 24, 32);
    assertEquals(Array.from(whole), Array.from(expected));
  });

  test(`a view into ${what} lent as a buffer is written and read at its byteOffset`, () => {
    const target = make();
    const source = make();
    source.set([1, 2, 3, 4], 8);
    borrowed.memcpy(target.subarray(40), source.subarray(8), 4n);
    const expected = new Uint8Array(64);
    expected.set([1, 2, 3, 4], 40);
    assertEquals(Array.from(target), Array.from(expected));
  });
}

test("what JavaScript writes after pointerOf is seen by native code", () => {
  const bytes = nativeBytes(16);
  const at = backend.pointerOf(bytes);
  assertEquals(loadedLibc.symbols.strlen(at), 0n);
  bytes.fill(65, 0, 9);
  assertEquals(loadedLibc.symbols.strlen(at), 9n);
});

for (const size of [4, 8]) {
  test(`a native write into a small array of ${size} bytes is always seen`, () => {
    // Enough turns for the compilers of both runtimes to take the loop over.
    let byAddress = 0;
    let byLoan = 0;
    const source = new Uint8Array(size).fill(9);
    for (let i = 0; i < 60_000; i++) {
      const out = new Uint8Array(size);
      c.memset(backend.pointerOf(out), 7, BigInt(size));
      if (out[size - 1] !== 7) byAddress++;
      borrowed.memcpy(out, source, BigInt(size));
      if (out[size - 1] !== 9) byLoan++;
    }
    assertEquals({ byAddress, byLoan }, { byAddress: 0, byLoan: 0 });
  });
}

test("an address stays right when the array's buffer is touched after it was taken", () => {
  for (const size of [1, 4, 8, 64, 1000]) {
    const out = new Uint8Array(size);
    const at = backend.pointerOf(out);
    const whole = new Uint8Array(out.buffer);
    c.memset(at, 7, BigInt(size));
    assertEquals([out[0], whole[size - 1]], [7, 7], `${size} bytes`);
    assertEquals(backend.addressOf(backend.pointerOf(whole)), backend.addressOf(at));
  }
});

interface GcReport {
  collected: boolean;
  moved: string[];
  lost: string[];
  checked: number;
}

test("addresses stay put and written bytes arrive under forced garbage collection", async () => {
  const flags = RUNTIMES[running].collecting;
  const result = await runChild(scriptPath("gc_child.ts", import.meta.url), [], { flags });
  assertEquals(result.code, 0, result.stderr);
  const report: GcReport = JSON.parse(result.stdout);
  assertEquals(report.collected, true, "the collector could not be forced");
  assertEquals(report.moved, []);
  assertEquals(report.lost, []);
  assertGreater(report.checked, 1000);
});

/** Lets another thread write through an address of ours; its word when it is done. */
async function writtenByWorker(order: WriteOrder): Promise<unknown> {
  const worker = new Worker(new URL("./write_worker.ts", import.meta.url));
  try {
    return await new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.postMessage(order);
    });
  } finally {
    await worker.terminate();
  }
}

for (const [what, make] of WHOLE) {
  test(`another thread's native write into ${what} by its address is seen`, async () => {
    const whole = make();
    const address = backend.addressOf(backend.pointerOf(whole.subarray(8)));
    assertEquals(await writtenByWorker({ address, bytes: [5, 6, 7, 8] }), "written");
    assertEquals(Array.from(whole.subarray(6, 14)), [0, 0, 5, 6, 7, 8, 0, 0]);
  });
}
