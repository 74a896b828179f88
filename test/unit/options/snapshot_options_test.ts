import { assertEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import {
  resolveSnapshot,
  type SnapshotOptions,
} from "../../../src/core/options/snapshot_options.ts";

test("resolveSnapshot() gives a JPEG of quality 90 when nothing is said", () => {
  assertEquals(resolveSnapshot(), { type: "image/jpeg", quality: 90 });
});

test("resolveSnapshot() names option, value and what is allowed", () => {
  const resolve = (options: object) => resolveSnapshot(options as unknown as SnapshotOptions);
  assertThrows(() => resolve({ type: "image/gif" }), RangeError, 'got "image/gif"');
  assertThrows(() => resolve({ type: "jpeg" }), RangeError, '"image/jpeg", "image/png"');
  assertThrows(() => resolve({ quality: 0 }), RangeError, "snapshot.quality must");
  assertThrows(() => resolve({ quality: 101 }), RangeError, "from 1 to 100, got 101");
  assertThrows(() => resolve({ quality: "90" }), TypeError, 'got "90"');
  assertThrows(() => resolve({ qualty: 90 }), TypeError, 'did you mean "quality"?');
});
