/**
 * Functions that the program has given.
 *
 * @module
 */

import type { Logger } from "../core/connection/logger.ts";

/** Calls one: what it throws, also later, is its bug and not the stream's end. */
export async function callProgram<A extends unknown[]>(
  log: Logger,
  name: string,
  callback: ((...args: A) => unknown) | undefined,
  ...args: A
): Promise<void> {
  try {
    await callback?.(...args);
  } catch (error) {
    const text = error instanceof Error ? error.stack ?? error.message : String(error);
    log.error(`${name} threw ${text}`);
  }
}
