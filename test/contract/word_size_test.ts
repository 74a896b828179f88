/** Runtimes of 32 bits are refused with a word. */

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import process from "node:process";
import { test } from "node:test";
import { LibavError } from "../../ffi/backend/errors.ts";
import { assertWide } from "../../ffi/backend/word_size.ts";
import { isDeno } from "../support/process.ts";
import { runChild, scriptPath } from "./child.ts";

test("32-bit processors are refused, and the error says that no runtime is for them", () => {
  for (const arch of ["arm", "ia32", "mips", "mipsel", "ppc", "s390"]) {
    const { code, message } = assertThrows(() => assertWide("Node", arch), LibavError);
    assertEquals(code, "LIBAV_UNSUPPORTED");
    assertStringIncludes(message, `This Node is a 32-bit program (${arch})`);
    assertStringIncludes(message, "Deno and Bun exist for 64 bits only");
  }
});

test("64-bit processors are not refused, this one neither", () => {
  for (const arch of ["x64", "arm64", "riscv64", "loong64", "ppc64", "s390x", process.arch]) {
    assertWide("Node", arch);
  }
});

// Bun does not let go of its global, by which it is known.
if (isDeno) {
  test("a Node of 32 bits is refused before its version is looked at", async () => {
    const script = scriptPath("narrow_child.ts", import.meta.url);
    const { stdout, stderr } = await runChild(script);
    assertEquals(stderr, "");
    const { code, message } = JSON.parse(stdout);
    assertEquals(code, "LIBAV_UNSUPPORTED");
    assertStringIncludes(message, "32-bit program (arm)");
  });
}
