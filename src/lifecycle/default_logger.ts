/**
 * The one place that names the logging library.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Logger } from "../core/connection/logger.ts";

/** LogTape takes braces for placeholders; a URL may have some. */
function escapeBraces(message: string): string {
  return message.replace(/[{}]/g, "$&$&");
}

/** LogTape's category `["rtsp-stream"]`, silent until the program configures it. */
export function defaultLogger(): Logger {
  const logger = getLogger(["rtsp-stream"]);
  return {
    debug: (message) => logger.debug(escapeBraces(message)),
    info: (message) => logger.info(escapeBraces(message)),
    warn: (message) => logger.warn(escapeBraces(message)),
    error: (message) => logger.error(escapeBraces(message)),
  };
}
