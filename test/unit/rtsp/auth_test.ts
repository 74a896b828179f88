/** Which challenges are answered, how, and how often. */

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { Authorizer, type AuthTools } from "../../../src/core/rtsp/auth.ts";
import { forAll } from "../property.ts";
import { TOOLS } from "./conversation.ts";

const CREDENTIALS = { username: "admin", password: "Se:cret-1" };
const BASIC = 'Basic realm="cam"';
const MD5 = 'Digest realm="cam", nonce="1", qop="auth"';
const SHA = 'Digest realm="cam", nonce="2", algorithm=SHA-256';
const SHA512 = 'Digest realm="cam", nonce="3", algorithm=SHA-512-256';

function authorizer(credentials: typeof CREDENTIALS | undefined = CREDENTIALS, tools = TOOLS) {
  return new Authorizer(credentials, tools);
}

function told(one: Authorizer): string {
  return one.header("PLAY", "rtsp://h/a") ?? "";
}

test("nothing is told before a challenge", () => {
  assertEquals(authorizer().header("OPTIONS", "rtsp://h/a"), undefined);
});

test("Basic: of UTF-8 (RFC 7617, section 2.1)", () => {
  const one = new Authorizer({ username: "test", password: "123£" }, TOOLS);
  assert(one.challenged(['Basic realm="foo", charset="UTF-8"']));
  assertEquals(told(one), "Basic dGVzdDoxMjPCow==");
});

test("a password without a name, and a name without a password", () => {
  for (
    const [credentials, text] of [
      [{ password: "p" }, ":p"],
      [{ username: "u" }, "u:"],
      [{ username: "u", password: undefined }, "u:"],
    ] as const
  ) {
    const one = new Authorizer(credentials, TOOLS);
    assert(one.challenged([BASIC]));
    assertEquals(told(one), `Basic ${btoa(text)}`);
  }
});

test("the strongest is answered, in whatever order they come", () => {
  for (
    const [values, word] of [
      [[BASIC, MD5, SHA, SHA512], 'nonce="3"'],
      [[SHA512, SHA, MD5, BASIC], 'nonce="3"'],
      [[MD5, BASIC, SHA], 'nonce="2"'],
      [[`${BASIC}, ${MD5}`], 'nonce="1"'],
      [[`${MD5}, ${SHA}`, BASIC], 'nonce="2"'],
      [["Negotiate", BASIC], "Basic "],
      [['Digest realm="x", nonce="9", algorithm=SHA-1', MD5], 'nonce="1"'],
    ] as const
  ) {
    const one = authorizer();
    assert(one.challenged(values));
    assert(told(one).includes(word), `${values}: ${told(one)}`);
  }
});

test("what the runtime has no hash for is not answered", () => {
  const tools: AuthTools = {
    ...TOOLS,
    hash: (name, text) => name === "md5" ? TOOLS.hash(name, text) : undefined,
  };
  const one = authorizer(CREDENTIALS, tools);
  assert(one.challenged([SHA512, SHA, MD5]));
  assert(told(one).includes('nonce="1"'));
});

test("requests are counted for each challenge", () => {
  const one = authorizer();
  one.challenged([MD5]);
  const counts = () => /nc=(\w+)/.exec(told(one))?.[1];
  assertEquals([counts(), counts()], ["00000001", "00000002"]);
  one.accepted();
  one.challenged([MD5.replace('"1"', '"7"')]);
  assertEquals(counts(), "00000001");
});

test("each challenge has a text of the client's own", () => {
  let count = 0;
  const one = authorizer(CREDENTIALS, { ...TOOLS, nonce: () => `text${++count}` });
  const text = () => /cnonce="(\w+)"/.exec(told(one))?.[1];
  one.challenged([MD5]);
  assertEquals([text(), text()], ["text1", "text1"]);
  one.accepted();
  one.challenged([MD5]);
  assertEquals(text(), "text2");
});

test("a password that is not accepted is told once", () => {
  const one = authorizer();
  assert(one.challenged([MD5]));
  told(one);
  assertEquals(one.challenged([MD5]), false);
  assertEquals(one.refusal, "user name or password not accepted");
  assertEquals(one.offered, ["Digest with MD5"]);
});

test("and a second time where the first was only too old, but not for ever", () => {
  const one = authorizer();
  const answers = Array.from({ length: 5 }, () => {
    const again = one.challenged([`${MD5}, stale=true`]);
    if (again) told(one);
    return again;
  });
  assertEquals(answers, [true, true, false, false, false]);
});

test("what was right once may have become too old without a word", () => {
  const one = authorizer();
  one.challenged([MD5]);
  told(one);
  one.accepted();
  told(one);
  assertEquals(one.challenged([MD5]), true);
  told(one);
  assertEquals(one.challenged([MD5]), false);
});

test("and again, as often as it was right in between", () => {
  const one = authorizer();
  for (let i = 0; i < 5; i++) {
    assertEquals(one.challenged([MD5]), true);
    told(one);
    one.accepted();
    told(one);
  }
});

test("requests that are not answered at all do not count", () => {
  const one = authorizer();
  one.challenged([MD5]);
  told(one);
  one.accepted();
  for (let i = 0; i < 10; i++) told(one);
  assertEquals(one.challenged([MD5]), true);
});

test("why nothing is told: no credentials, no way that is known, no way at all", () => {
  const bare = new Authorizer(undefined, TOOLS);
  assertEquals(bare.challenged([SHA, BASIC]), false);
  assertEquals(bare.refusal, "the server wants a user name and a password");
  assertEquals(bare.offered, ["Digest with SHA-256", "Basic"]);
  const one = authorizer();
  assertEquals(one.challenged(["Bearer", 'Digest nonce="x", algorithm=SHA-1']), false);
  assertEquals(
    one.refusal,
    "the server takes a password only by Bearer, Digest with SHA-1, which is not known",
  );
  assertEquals(one.challenged([]), false);
  assertEquals(one.refusal, "the server wants a password, and does not say how");
});

test("what a server calls its ways is made harmless", () => {
  const one = authorizer();
  one.challenged(["\x1b[31mRed\u202e, a-b_1"]);
  assertEquals(one.offered, ["??31mRed?", "a-b_1"]);
  one.challenged([Array.from({ length: 100 }, (_, i) => `way${i}`).join(", ")]);
  assertEquals(one.offered.length, 8);
  one.challenged([`${"x".repeat(1000)} realm="a"`]);
  assertEquals(one.offered.map((name) => name.length), [40]);
});

test("random challenges never throw, and only the header has a secret", () => {
  const pieces = ["Digest ", "Basic ", "realm=", "nonce=", '"', "\\", ",", " ", "=", "algorithm="];
  const more = ["MD5", "SHA-256", "-sess", "qop=", "auth", "stale=true", "é", "x"];
  forAll(400, (drawn) => {
    const one = authorizer();
    for (let i = 0; i < 3; i++) {
      one.challenged([drawn.text([...pieces, ...more], 0, 20), drawn.text(pieces, 0, 5)]);
      const header = told(one);
      assert(!header.includes(CREDENTIALS.password));
      assert(!`${one.refusal} ${one.offered}`.includes(CREDENTIALS.password));
    }
  });
});
