import { assertGreaterOrEqual } from "@std/assert";
import { test } from "node:test";
import { followClock, now, readClock } from "../../../src/core/timing/clock.ts";

test("threads that count from one moment have one clock, wherever the system's is set", () => {
  const before = readClock();
  try {
    followClock({ ...before, offset: before.offset + 5_000 });
    assertGreaterOrEqual(now(), before.time);
  } finally {
    followClock(before);
  }
});
