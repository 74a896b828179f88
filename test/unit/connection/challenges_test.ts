/** What a server says of how it takes a password. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { test } from "node:test";
import {
  challengesOf,
  parseChallenges,
  unsupportedChallenges,
} from "../../../src/core/connection/challenges.ts";
import { forAll } from "../property.ts";

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

/** Scheme and parameters of each. */
function read(value: string): [string, Record<string, string>][] {
  return parseChallenges(value).map(({ scheme, parameters }) => {
    return [scheme, Object.fromEntries(parameters)];
  });
}

const VALUES: readonly (readonly [value: string, ...read: [string, Record<string, string>][]])[] = [
  // RFC 7235, section 4.1.
  [
    'Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"',
    ["Newauth", { realm: "apps", type: "1", title: 'Login to "apps"' }],
    ["Basic", { realm: "simple" }],
  ],
  [
    'Digest realm="a, Basic b=c", nonce="x",Digest REALM = "b" , nonce=y==,qop="auth,auth-int"',
    ["Digest", { realm: "a, Basic b=c", nonce: "x" }],
    ["Digest", { realm: "b", nonce: "y==", qop: "auth,auth-int" }],
  ],
  ['Digest realm="a" nonce="b"', ["Digest", { realm: "a", nonce: "b" }]],
  ["Negotiate, Basic", ["Negotiate", {}], ["Basic", {}]],
  ['Digest realm="", nonce=, realm="late"', ["Digest", { realm: "", nonce: "" }]],
  ['Digest realm="not ended', ["Digest", { realm: "not ended" }]],
  ['realm="nobody\'s", Basic realm="x"', ["Basic", { realm: "x" }]],
  ['"x", = Basic', ["x", {}], ["Basic", {}]],
  [""],
];

for (const [value, ...expected] of VALUES) {
  test(`challenges of: ${value}`, () => assertEquals(read(value), expected));
}

test("any text is read to its end", () => {
  const pieces = ["Digest", "realm", "=", '"', "\\", ",", " ", "\t", "x", "é"];
  forAll(400, (drawn) => {
    for (const { scheme } of parseChallenges(drawn.text(pieces, 0, 30))) {
      assertEquals(/^[^\s,="]+$/.test(scheme), true);
    }
  });
});
