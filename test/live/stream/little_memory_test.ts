/** Memory that cannot be had costs a stream, and not the program. */

import { assertEquals, assertMatch } from "@std/assert";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { makeVideo } from "../../support/media.ts";
import { runScript } from "../../support/process.ts";
import { SLOW, SMALL, TemporaryDirectory } from "../reading.ts";

const SCRIPT = fileURLToPath(new URL("../fixtures/little_memory.ts", import.meta.url));

test(
  "frames that there is no memory for are an error of their stream or writer",
  SLOW,
  async () => {
    await using directory = await TemporaryDirectory.make();
    const film = await makeVideo({ ...SMALL, frames: 30, container: "ts" });
    const { stdout, stderr, code } = await runScript(SCRIPT, [directory.path, film]);
    assertEquals(code, 0, stderr);
    const { readFailure, writeFailure, width } = JSON.parse(stdout);
    assertEquals(readFailure.code, "OUT_OF_MEMORY", readFailure.message);
    assertMatch(readFailure.message, /no memory for 4 frames of 16384x8192, .*options buffers/);
    assertEquals(writeFailure.code, "OUT_OF_MEMORY", writeFailure.message);
    assertMatch(writeFailure.message, /no memory for a frame of 536870912 bytes/);
    // The program has gone on, and reads again when there is memory.
    assertEquals(width, 64);
  },
);
