/** What a server says of how it takes a password. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { test } from "node:test";
import { challengesOf, unsupportedChallenges } from "../../../src/core/connection/challenges.ts";

function head(...challenges: string[]): string {
  const lines = challenges.map((one) => `WWW-Authenticate: ${one}\r\n`).join("");
  return `RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n${lines}Date: today\r\n\r\n`;
}

const BASIC = 'Basic realm="cam, era"';
const OLD = 'Digest realm="cam", nonce="x", stale="FALSE"';
const MD5 = 'Digest realm="cam", nonce="x", qop="auth", algorithm=MD5, opaque="y"';
const SHA = 'Digest realm="cam", nonce="x", algorithm="SHA-256"';

const CASES: [string[], string[], boolean][] = [
  [[BASIC], ["Basic"], true],
  [[OLD], ["Digest with MD5"], true],
  [[SHA], ["Digest with SHA-256"], false],
  [[SHA, MD5], ["Digest with SHA-256", "Digest with MD5"], true],
  [[`${SHA}, ${BASIC}`], ["Digest with SHA-256", "Basic"], true],
  [["Bearer", SHA], ["Bearer", "Digest with SHA-256"], false],
  [[], [], true],
];

for (const [challenges, offered, usable] of CASES) {
  test(`of ${challenges.length} lines: ${offered.join(", ") || "nothing"}`, () => {
    const text = head(...challenges);
    assertEquals(challengesOf(text), offered);
    const reason = unsupportedChallenges(text);
    assertEquals(reason === undefined, usable);
    if (!usable) assertStringIncludes(reason!, `only by ${offered.join(", ")}, which`);
  });
}
