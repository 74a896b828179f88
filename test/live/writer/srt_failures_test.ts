/** SRT servers that refuse a publisher. */

import { assertEquals, assertMatch } from "@std/assert";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { freePort } from "../../support/port.ts";
import { runScript } from "../../support/process.ts";
import { SLOW } from "../reading.ts";
import { publishFailure } from "../writing.ts";

const fixture = fileURLToPath(new URL("../fixtures/srt_refusal.ts", import.meta.url));

for (const [what, passphrase] of [["a wrong", "of-somebody-else"], ["a missing", ""]] as const) {
  test(`${what} passphrase is a refusal that names it, and nothing is printed`, SLOW, async () => {
    const port = await freePort();
    const result = await runScript(fixture, [`${port}`, passphrase], { timeout: 60_000 });
    assertEquals([result.code, result.stderr], [0, ""]);
    const { code, message } = JSON.parse(result.stdout);
    assertEquals(code, "REFUSED", message);
    assertMatch(message, /^Cannot open srt:.*SRT server refused the connection.*passphrase/);
  });
}

test(
  "a passphrase that libsrt does not take is said to be one, and not tried again",
  SLOW,
  async () => {
    const error = await publishFailure(`srt://127.0.0.1:${await freePort()}`, {
      ffmpeg: { format: { passphrase: "short" } },
      reconnect: { maxAttempts: Infinity },
    });
    assertEquals([error.code, error.attempt, error.retryable], ["OPTION_UNKNOWN", 1, false]);
    assertMatch(error.message, /passphrase has 10 to 79 characters/);
  },
);

test("a port where no SRT server listens is a time-out", SLOW, async () => {
  const error = await publishFailure(`srt://127.0.0.1:${await freePort()}`);
  assertEquals(error.code, "OPEN_TIMEOUT", error.message);
});
