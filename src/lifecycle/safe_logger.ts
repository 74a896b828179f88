/**
 * The program's logger, kept from ending what it only reports.
 *
 * @module
 */

import type { Logger } from "../core/connection/logger.ts";
import { defaultLogger } from "./default_logger.ts";

type Level = keyof Logger;

/** The logger that the program has given, or LogTape's. Its methods never throw. */
export function loggerOf(given: Logger | undefined): Logger {
  const fallback = defaultLogger();
  if (given === undefined) return fallback;
  let reported = false;
  const lost = (level: Level, thrown: unknown) => {
    if (reported) return;
    reported = true;
    fallback.error(`the option logger: ${level}() threw ${String(thrown)}; its messages are lost`);
  };
  const safely = (level: Level) => (message: string) => {
    try {
      // A method that is async rejects instead.
      const result: unknown = given[level](message);
      if (result instanceof Promise) result.catch((thrown) => lost(level, thrown));
    } catch (thrown) {
      lost(level, thrown);
    }
  };
  return {
    debug: safely("debug"),
    info: safely("info"),
    warn: safely("warn"),
    error: safely("error"),
  };
}
