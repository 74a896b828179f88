/** What the runtime's permissions leave of the search for the libraries. */

import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { test } from "node:test";
import { DIRECTORY_VARIABLE } from "../../ffi/load/locate.ts";
import { openLibav } from "../../ffi/mod.ts";
import { isDeno } from "../support/process.ts";
import { running } from "../support/runtimes.ts";
import { runChild } from "./child.ts";
import { live, moved, outcomeOf, script, withDirectory } from "./library_directory.ts";
import type { Change } from "./load_child.ts";

if (isDeno) {
  test("without --allow-ffi the error says which flag is missing", async () => {
    const result = await runChild(script, ["open"], { permissions: ["--allow-env"] });
    const { failure } = outcomeOf(result);
    assertEquals(failure?.code, "LIBAV_NOT_FOUND");
    assertStringIncludes(failure?.message ?? "", "--allow-ffi");
  });

  test("--allow-ffi is all that is needed, and nobody is asked for more", async () => {
    const result = await runChild(script, ["open"], { permissions: ["--allow-ffi"] });
    assertEquals(outcomeOf(result).version, openLibav().version);
    assertEquals(result.stderr, "");
  });

  const flag = `--allow-env=${DIRECTORY_VARIABLE}`;

  test("without --allow-env for it the override is not seen, which is told", async () => {
    await withDirectory(async (directory) => {
      const env = { [DIRECTORY_VARIABLE]: directory };
      const permissions = ["--allow-ffi", "--allow-env=HOME"];
      const result = await runChild(script, ["open"], { permissions, env });
      const { version, missingFlag } = outcomeOf(result);
      assertEquals([version, missingFlag], [openLibav().version, flag]);
    });
  });

  test("the flag that is told is all that the override needs", async () => {
    await withDirectory(async (directory) => {
      const env = { [DIRECTORY_VARIABLE]: directory };
      const permissions = ["--allow-ffi", flag];
      const { failure } = outcomeOf(await runChild(script, ["open"], { permissions, env }));
      assertEquals(failure?.code, "LIBAV_NOT_FOUND");
      assertStringIncludes(failure?.message ?? "", `in ${directory} (${DIRECTORY_VARIABLE})`);
      assertFalse(failure?.message.includes("--allow-env"));
    });
  });

  test("the advice to name a directory says which flag that needs", async () => {
    const permissions = ["--allow-ffi"];
    const { avformat } = live().majors;
    const advice: readonly (readonly [Change, string])[] = [
      [{ majors: moved(1) }, "the directory of a known one"],
      [{ majors: { ...moved(1), avformat } }, "their directory"],
    ];
    for (const [change, words] of advice) {
      const args = ["load", JSON.stringify([change]), live().name];
      const { failure } = outcomeOf(await runChild(script, args, { permissions }));
      const wanted = `set ${DIRECTORY_VARIABLE} to ${words} and run with ${flag}`;
      assertStringIncludes(failure?.message ?? "", wanted);
    }
  });
} else {
  test(`${running} needs no flag to open the libraries`, async () => {
    const result = await runChild(script, ["open"]);
    assertEquals(outcomeOf(result).version, openLibav().version);
    assertEquals(outcomeOf(result).missingFlag, undefined);
    assertEquals(result.stderr, "");
  });
}
