/** A password is in no output of any kind. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { VideoStream } from "../../../mod.ts";
import { startCamera } from "../../support/camera.ts";
import { runScript } from "../../support/process.ts";
import { SLOW, SMALL } from "../reading.ts";

const username = "operator";
const password = "p@s#s:w/o%rd?ä";
const wrong = "wr@ng:#w/o%2rd?ö";
const SCRIPT = fileURLToPath(new URL("../fixtures/secrets_script.ts", import.meta.url));

/** All the ways in which a password can be written, and parts that nothing else has. */
function spellings(secret: string): string[] {
  const encoded = encodeURIComponent(secret);
  const base64 = Buffer.from(`${username}:${secret}`).toString("base64");
  return [
    ...[secret, encoded, encodeURI(secret), encoded.toLowerCase(), base64],
    ...[JSON.stringify(secret), decodeURI(encoded), secret.slice(0, 6), secret.slice(-6)],
    ...[encoded.slice(0, 9), encoded.slice(-12)],
  ];
}

for (const scheme of ["basic", "digest"] as const) {
  test(
    `no password in errors, logs, events, inspections and streams (${scheme})`,
    SLOW,
    async () => {
      await using camera = await startCamera({
        ...SMALL,
        keyInterval: 5,
        auth: { scheme, username, password },
      });
      const { stdout, stderr, code, signal } = await runScript(SCRIPT, [], {
        env: {
          ADDRESS: `127.0.0.1:${camera.port}`,
          USERNAME: username,
          RIGHT: password,
          WRONG: wrong,
        },
      });
      // It went all the way, and the last error came out as nobody's.
      assertStringIncludes(stdout, "DONE", stderr);
      assertEquals([code, signal], [1, null], stderr);
      assert(stderr.includes("AUTH_FAILED") || stderr.includes("not accepted"), stderr);
      assertEquals(stdout.split("CONNECTED").length - 1, 2);
      // The beginning was not dropped.
      assertStringIncludes(stdout, "attempt: 1");
      assert(Math.max(stdout.length, stderr.length) < 1_000_000);
      for (const text of ["onReconnectFailure", "debug ", "warn ", "AUTH_FAILED", "NOT_FOUND"]) {
        assertStringIncludes(stdout, text);
      }
      for (const [name, text] of Object.entries({ stdout, stderr })) {
        for (const spelling of [...spellings(password), ...spellings(wrong)]) {
          const at = text.indexOf(spelling);
          assert(
            at < 0,
            `${name} has "${spelling}": ${text.slice(Math.max(0, at - 300), at + 100)}`,
          );
        }
      }
    },
  );
}

/** Each breaks the URL in another place when it is not percent-encoded. */
const UNENCODED = [
  "sesame@s#s:w/o%rd?ä",
  "sesame@s/qwertz",
  "sesame@s?qwertz",
  "sesame#qwertz",
  "sesame/qwertz",
  "12/sesame",
  "12?sesame",
  "12#sesame",
  "sesame@:qwertz[",
];
for (const secret of UNENCODED) {
  test(`a password that was not encoded is not shown: ${secret}`, () => {
    const shown: string[] = [];
    try {
      const stream = new VideoStream(`rtsp://${username}:${secret}@127.0.0.1:554/stream`);
      shown.push(stream.url, inspect(stream, { depth: 4, showHidden: true, getters: true }));
    } catch (error) {
      assert(error instanceof TypeError);
      shown.push(error.message, String(error.stack).split("\n    at ")[0]!, inspect(error.cause));
    }
    const parts = secret.split(/[@#/?:[]/).filter((part) => part.length > 3);
    for (const text of shown) {
      for (const part of [secret, ...parts]) assert(!text.includes(part), `"${part}" in ${text}`);
    }
  });
}
