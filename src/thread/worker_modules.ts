/**
 * The modules that background threads run. The npm form has them as `data:` URLs in the place of
 * this file: so every bundler takes them along, and nothing is read when a thread begins.
 *
 * @module
 */

export const READ_WORKER: URL = new URL("../worker/read/read_worker.ts", import.meta.url);
export const WRITE_WORKER: URL = new URL("../worker/write/write_worker.ts", import.meta.url);
