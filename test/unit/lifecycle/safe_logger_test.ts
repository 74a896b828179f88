import { assertEquals, assertStringIncludes } from "@std/assert";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { test } from "node:test";
import type { Logger } from "../../../src/core/connection/logger.ts";
import { loggerOf } from "../../../src/lifecycle/safe_logger.ts";
import { Notes } from "./notes.ts";

/** What LogTape's category of this package is told meanwhile. */
async function recorded(run: () => void | Promise<void>): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  await configure({
    sinks: { records: (record) => void records.push(record) },
    loggers: [
      { category: "rtsp-stream", lowestLevel: "debug", sinks: ["records"] },
      { category: ["logtape", "meta"], sinks: [] },
    ],
    reset: true,
  });
  try {
    await run();
    await new Promise((resolve) => setTimeout(resolve));
  } finally {
    await reset();
  }
  return records;
}

function throwing(fail: () => unknown): Logger {
  return { debug: fail, info: fail, warn: fail, error: fail };
}

test("the program's logger is told everything, as itself", async () => {
  const notes = new Notes();
  const records = await recorded(() => {
    const logger = loggerOf(notes);
    logger.info("a");
    logger.warn("b");
    logger.error("c");
  });
  assertEquals([notes.lines, records.length], [["info: a", "warn: b", "error: c"], 0]);
});

test("without one, LogTape's category is told, braces and all", async () => {
  const records = await recorded(() => loggerOf(undefined).warn("a {b} {{c}}"));
  assertEquals(records.map(({ message }) => message.join("")), ["a {b} {{c}}"]);
});

const FAILURES: readonly (readonly [string, () => unknown])[] = [
  ["throws", () => {
    throw new Error("disk full");
  }],
  ["rejects", () => Promise.reject(new Error("disk full"))],
];

for (const [what, fail] of FAILURES) {
  test(`a logger that ${what} reaches nobody else, and is reported once`, async () => {
    const records = await recorded(() => {
      const logger = loggerOf(throwing(fail));
      for (const level of ["debug", "info", "warn", "error"] as const) logger[level]("x");
    });
    assertEquals(records.map(({ level }) => level), ["error"]);
    assertStringIncludes(records[0]!.message.join(""), "logger: debug() threw Error: disk full");
  });
}
