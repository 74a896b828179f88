import { assert, assertEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import {
  resolveGroup,
  type StreamGroupOptions,
  usualBuffers,
} from "../../../src/core/options/group_options.ts";

/** As JavaScript may pass it. */
function resolveAny(options: Record<string, unknown>) {
  return resolveGroup(options as StreamGroupOptions);
}

test("without options a group waits 100 ms for pictures that arrived at the same time", () => {
  for (const options of [undefined, {}, { sync: undefined, maxWait: undefined }]) {
    const resolved = resolveGroup(options);
    assertEquals({ ...resolved }, {
      sync: "arrival",
      tolerance: undefined,
      maxWait: 100,
      delays: {},
      whenMissing: "wait",
      signal: undefined,
      logger: undefined,
    });
    assert(Object.isFrozen(resolved));
  }
});

test("options are taken as they are", () => {
  const { signal } = new AbortController();
  const given = {
    sync: "capture",
    tolerance: 12.5,
    maxWait: 0,
    delays: { front: 200 },
    whenMissing: "omit",
    signal,
    logger: console,
  } as const;
  assertEquals({ ...resolveGroup(given) }, given);
  assertEquals(resolveGroup({ tolerance: Infinity }).tolerance, Infinity);
  assertEquals(resolveGroup({ tolerance: 0 }).tolerance, 0);
});

test("what is wrong in an option is told with its name, its value and what is allowed", () => {
  const rows: [Record<string, unknown>, typeof TypeError | typeof RangeError, string][] = [
    [
      { sync: "time" },
      RangeError,
      'sync must be one of "latest", "arrival", "capture", got "time"',
    ],
    [{ sync: 1 }, TypeError, "sync must be one of"],
    [{ whenMissing: "drop" }, RangeError, 'whenMissing must be one of "wait", "omit", got "drop"'],
    [{ whenMissing: null }, TypeError, "whenMissing must be one of"],
    [
      { tolerance: -1 },
      RangeError,
      "tolerance must be a number of milliseconds (or Infinity) from 0 to 2147483647, got -1",
    ],
    [{ tolerance: NaN }, RangeError, "tolerance must be a number"],
    [{ tolerance: "20" }, TypeError, 'got "20"'],
    [
      { maxWait: -0.1 },
      RangeError,
      "maxWait must be a number of milliseconds from 0 to 2147483647",
    ],
    [{ maxWait: Infinity }, RangeError, "maxWait must be a number"],
    [{ maxWait: null }, TypeError, "maxWait must be a number"],
    [{ delays: 5 }, TypeError, "delays must be an object of names and milliseconds, got 5"],
    [{ delays: { left: -1 } }, RangeError, "delays.left must be a number of milliseconds"],
    [{ delays: { left: "1" } }, TypeError, "delays.left must be a number of milliseconds"],
    [{ signal: {} }, TypeError, "signal must be an AbortSignal"],
    [{ logger: { info() {} } }, TypeError, "logger must be an object"],
    [{ missing: "omit" }, TypeError, 'unknown option "missing"; it is called "whenMissing" now'],
    [{ tolerence: 5 }, TypeError, 'unknown option "tolerence"; did you mean "tolerance"?'],
    [{ buffers: 5 }, TypeError, 'unknown option "buffers"; known are sync, tolerance, maxWait'],
  ];
  for (const [options, type, message] of rows) {
    assertThrows(() => resolveAny(options), type, message, JSON.stringify(options));
  }
  for (const options of [null, [], "arrival", 5]) {
    const resolve = () => resolveGroup(options as StreamGroupOptions);
    assertThrows(resolve, TypeError, "options must be an object");
  }
});

test("a camera has frame buffers for what waits at thirty pictures a second", () => {
  const rows: [StreamGroupOptions, number][] = [
    [{}, 7],
    [{ sync: "capture" }, 7],
    [{ sync: "latest" }, 4],
    [{ sync: "latest", maxWait: 5_000 }, 4],
    [{ maxWait: 0 }, 4],
    [{ maxWait: 101 }, 8],
    [{ maxWait: 500 }, 19],
    [{ delays: { far: 400, near: 0 } }, 19],
    [{ sync: "latest", delays: { far: 400 } }, 4],
    [{ maxWait: 2_000 }, 64],
    [{ maxWait: 60_000 }, 64],
  ];
  for (const [options, expected] of rows) {
    assertEquals(usualBuffers(resolveGroup(options)), expected, JSON.stringify(options));
  }
});
