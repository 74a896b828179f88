/** One writer option at a time. */

import { parseMediaUrl } from "../../../src/core/connection/url.ts";
import {
  type ResolvedWriterOptions,
  resolveWriterOptions,
  type VideoWriterOptions,
  writerCredentials,
} from "../../../src/core/options/writer_options.ts";

export const SERVER = parseMediaUrl("rtmp://server/live/key");

/** What a program without types may pass: `value` at a path like "queue.size", as a writer does it. */
export function resolveAt(path: string, value: unknown): ResolvedWriterOptions {
  const [first, second] = path.split(".");
  const options = { [first!]: second ? { [second]: value } : value } as unknown;
  writerCredentials(options as VideoWriterOptions);
  return resolveWriterOptions(SERVER, options as VideoWriterOptions);
}
