/** Streams, writers and groups that the program drops without ending them. */

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { VideoStream } from "../../../mod.ts";
import { makeVideo } from "../../support/media.ts";
import { runScript } from "../../support/process.ts";
import { SILENT, startWrongCamera } from "../../support/wrong_camera.ts";
import { look, SMALL, TemporaryDirectory } from "../reading.ts";

const SCRIPT = fileURLToPath(new URL("../fixtures/forgotten.ts", import.meta.url));

test("what is dropped is reported once and ended, what is in use goes on", {
  timeout: 90_000,
}, async () => {
  await using directory = await TemporaryDirectory.make();
  await using silent = await startWrongCamera(SILENT);
  const film = await makeVideo({ ...SMALL, frames: 30 });
  const args = [film, silent.url, directory.file("")];
  const options = { collecting: true, timeout: 80_000 };
  const { code, stdout, stderr } = await runScript(SCRIPT, args, options);
  assertEquals(code, 0, stdout + stderr);
  const { collected, missed, reports, expected, ...rest } = JSON.parse(stdout);
  assert(collected, "the collector could not be forced");
  assertEquals(missed, []);
  assertEquals(reports.length, expected, reports.join("\n"));
  assertEquals(rest, { running: [], ended: ["stopped"], leftBehind: [], kept: 5 });
  // A writer that was dropped has written what it had.
  await using written = new VideoStream(directory.file("dropped-writer.mkv"));
  assertEquals((await look(written, 4)).length, 3);
});
