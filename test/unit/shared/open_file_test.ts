import { assert, assertEquals, assertThrows } from "@std/assert";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { ControlBlock, SLOTS_OFFSET } from "../../../src/core/shared/control_block.ts";
import type { OpenFile } from "../../../src/core/shared/open_file.ts";

const COMPLETION = { call: 2n ** 63n + 5n, argument: 2n ** 48n - 1n };

function makeControl(): ControlBlock {
  return new ControlBlock(new SharedArrayBuffer(SLOTS_OFFSET));
}

function begun(): OpenFile {
  const { file } = makeControl();
  file.begin(COMPLETION);
  return file;
}

test("there is nothing to take before a file was begun, and when it has ended", () => {
  const { file } = makeControl();
  assertEquals([file.isOpen, file.take(Infinity)], [false, undefined]);
  file.begin(COMPLETION);
  let ends = 0;
  assertEquals([file.isOpen, file.end(() => ends++)], [true, true]);
  assertEquals([file.isOpen, file.take(Infinity), ends], [false, undefined, 1]);
  file.begin(COMPLETION);
  assertEquals(file.take(Infinity), COMPLETION);
});

test("a file that was taken over is not used, ended or taken any more", () => {
  const file = begun();
  let uses = 0;
  assertEquals([file.use(() => uses++), file.isTaken], [true, false]);
  assertEquals(file.take(Infinity), COMPLETION);
  assertEquals([file.isTaken, file.isOpen], [true, true]);
  assertEquals([file.use(() => uses++), file.end(() => uses++), uses], [false, false, 1]);
  assertEquals(file.take(0), undefined);
});

test("a file whose use has thrown can be used, and be taken", () => {
  const file = begun();
  const fail = () => {
    throw new Error("the disk is full");
  };
  assertThrows(() => file.use(fail), Error, "full");
  assert(file.use(() => {}));
  assertThrows(() => file.end(fail), Error, "full");
  assertEquals(file.isOpen, false);
});

test(
  "a file is taken over when its thread does not use it any more",
  { timeout: 30_000 },
  async () => {
    const control = makeControl();
    const worker = new Worker(new URL("open_file_worker.ts", import.meta.url));
    try {
      worker.postMessage(control.memory);
      await once(worker, "message");
      assertEquals(control.file.take(50), undefined);
      assertEquals(control.file.isTaken, false);
      control.release.signal();
      assertEquals(control.file.take(20_000), { call: 1n, argument: 2n });
    } finally {
      await worker.terminate();
    }
  },
);
