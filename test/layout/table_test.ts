/** The tables of all releases against the live library: only its own may pass. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { test } from "node:test";
import { RELEASES } from "../../ffi/load/releases.ts";
import { openLibav } from "../../ffi/mod.ts";
import { runChild, scriptPath } from "../contract/child.ts";
import type { Verdict } from "./table.ts";

const libav = openLibav();
const script = scriptPath("./table.ts", import.meta.url);

for (const { name, layout } of RELEASES) {
  // Releases may have the same offsets for all that is read: then each is as good as the other.
  const same = JSON.stringify(layout) === JSON.stringify(libav.layout);
  test(`the table of release ${name} is ${same ? "accepted" : "refused"} by FFmpeg ${libav.version}`, async () => {
    // A wrong offset may crash: that would be this process's end.
    const result = await runChild(script, [name]);
    assertEquals(result.code, 0, `${result.signal ?? ""} ${result.stderr}`);
    const verdict: Verdict = JSON.parse(result.stdout);
    assertEquals(verdict.accepted, same, verdict.message);
    if (same) return;
    assertEquals(verdict.code, "LIBAV_UNSUPPORTED");
    assert(verdict.message?.includes(`the memory layout of release ${name}`), verdict.message);
    assertMatch(verdict.message ?? "", /\(\w+(\.\w+)? is .*, expected .*\)$/);
  });
}
