/** Takes itself for Node on a processor with 32 bits, and prints how that ends. */

import process from "node:process";
import { LibavError } from "../../ffi/backend/errors.ts";
import { loadBackend } from "../../ffi/backend/mod.ts";

delete (globalThis as { Deno?: unknown }).Deno;
Object.defineProperty(process, "arch", { value: "arm" });
try {
  loadBackend();
} catch (error) {
  if (!(error instanceof LibavError)) throw error;
  console.log(JSON.stringify({ code: error.code, message: error.message }));
}
