/** What the tests of a lifecycle share. */

import type { Logger } from "../../../src/core/connection/logger.ts";
import { parseMediaUrl } from "../../../src/core/connection/url.ts";

export const CAMERA = parseMediaUrl("rtsp://user:secret@camera-ip/stream");

/** A logger that keeps what it is told. */
export class Notes implements Logger {
  readonly lines: string[] = [];

  debug(): void {}
  info(message: string): void {
    this.lines.push(`info: ${message}`);
  }
  warn(message: string): void {
    this.lines.push(`warn: ${message}`);
  }
  error(message: string): void {
    this.lines.push(`error: ${message}`);
  }
}
