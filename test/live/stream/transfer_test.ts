/** Programs that transfer the memory of frames to somebody else. */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startCamera } from "../../support/camera.ts";
import { runScript } from "../../support/process.ts";
import { SMALL_CAMERA } from "../lifecycle.ts";
import { SLOW } from "../reading.ts";

const SCRIPT = fileURLToPath(new URL("../fixtures/transfers.ts", import.meta.url));

const WAYS = [
  "postMessage",
  "a part by postMessage",
  "structuredClone",
  "transfer",
  "a stream of bytes",
];

for (const way of WAYS) {
  test(
    `frames that are transferred by ${way} stay as they are, and others come`,
    SLOW,
    async () => {
      // The luma of this grey, in full range.
      const colour = { pattern: "solid-color", foreground: 0xff808080 } as const;
      await using camera = await startCamera({ ...SMALL_CAMERA, ...colour });
      const options = { collecting: true, timeout: 45_000 };
      const result = await runScript(SCRIPT, [way, camera.url, "128"], options);
      const { code, signal, stdout, stderr } = result;
      assertEquals([code, signal], [0, null], stdout + stderr);
      const { released, ...rest } = JSON.parse(stdout);
      assertEquals(rest, { frames: 40, wrong: 0, warnings: 1 }, stderr);
      assertEquals(released, 40);
    },
  );
}
