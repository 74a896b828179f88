/** The system's clock is set while streams are read, as it is on a box whose network comes late. */

import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { existsSync, writeFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { cameraH264 } from "../../support/elementary.ts";
import { runScript } from "../../support/process.ts";
import { startWrongCamera } from "../../support/wrong_camera.ts";
import { SLOW, TemporaryDirectory } from "../reading.ts";

const SCRIPT = fileURLToPath(new URL("../fixtures/clock_set.ts", import.meta.url));

/** Debian's place for it. */
function libfaketime(): string {
  const arch = { x64: "x86_64", arm64: "aarch64" }[process.arch as string] ?? process.arch;
  const path = `/usr/lib/${arch}-linux-gnu/faketime/libfaketimeMT.so.1`;
  assert(existsSync(path), `${path} is not there`);
  return path;
}

test("times of day follow the system's clock, deadlines do not", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const clock = directory.file("clock");
  writeFileSync(clock, "+0\n");
  const footage = await cameraH264();
  await using camera = await startWrongCamera({ footage, live: true, reports: {} });
  await using freezing = await startWrongCamera({ footage, stall: { at: 30 } });
  const { stdout, stderr } = await runScript(
    SCRIPT,
    [camera.url, freezing.url, clock, directory.path],
    {
      env: {
        LD_PRELOAD: libfaketime(),
        FAKETIME_TIMESTAMP_FILE: clock,
        FAKETIME_NO_CACHE: "1",
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
      },
    },
  );
  assert(stdout.startsWith("{"), `${stdout}${stderr}`);
  const seen = JSON.parse(stdout);
  for (const name of ["before", "after", "late", "back"]) {
    const { arrival, capture, age } = seen[name];
    assertAlmostEquals(arrival, 0, 5, `${name}: arrivalTime`);
    assertAlmostEquals(capture, 0, 5_000, `${name}: captureTime`);
    assertGreater(age, -1, `${name}: age`);
    assertLess(age, 20_000, `${name}: age`);
  }
  // A frame that came before has the date of then, and is no older for that.
  assertEquals(seen.old.days, 3);
  assertLess(seen.old.age, 30_000);
  assertEquals(seen.name, `${seen.date}.mp4`);
  assertEquals(seen.silence.code, "READ_TIMEOUT");
  assertLess(seen.silence.elapsed, 15_000);
  assertLess(seen.uptime, 60_000);
});
