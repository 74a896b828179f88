/** Digests of passwords, with the examples of their RFCs. */

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { parseChallenges } from "../../../src/core/connection/challenges.ts";
import { Digest, type DigestProof, type HashName } from "../../../src/core/rtsp/digest.ts";
import { TOOLS } from "./conversation.ts";

function digest(challenge: string, hash = TOOLS.hash): Digest | undefined {
  return Digest.of(parseChallenges(challenge)[0]!, hash);
}

/** The fields of an answer; values with their quotes. */
function fieldsOf(answer: string): Record<string, string> {
  const list = answer.slice("Digest ".length).split(/, (?=\w+=)/);
  return Object.fromEntries(list.map((one) => {
    const equals = one.indexOf("=");
    return [one.slice(0, equals), one.slice(equals + 1)];
  }));
}

const MUFASA = {
  username: "Mufasa",
  method: "GET",
  url: "/dir/index.html",
  count: 1,
};

const NEW: DigestProof = {
  ...MUFASA,
  password: "Circle of Life",
  clientNonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
};

const NEW_CHALLENGE = 'Digest realm="http-auth@example.org", qop="auth, auth-int", ' +
  'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", ' +
  'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';

test("RFC 7616, section 3.9.1: MD5", () => {
  assertEquals(
    digest(`${NEW_CHALLENGE}, algorithm=MD5`)!.answer(NEW),
    'Digest username="Mufasa", realm="http-auth@example.org", ' +
      'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", uri="/dir/index.html", ' +
      'response="8ca523f5e9506fed4657c9700eebdbec", algorithm=MD5, ' +
      'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", qop=auth, nc=00000001, ' +
      'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"',
  );
});

test("RFC 7616, section 3.9.1: SHA-256", () => {
  const { response, algorithm } = fieldsOf(
    digest(`${NEW_CHALLENGE}, algorithm=SHA-256`)!.answer(NEW),
  );
  assertEquals([response, algorithm], [
    '"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"',
    "SHA-256",
  ]);
});

test("RFC 2617, section 3.5: MD5 without its name", () => {
  const fields = fieldsOf(
    digest(
      'Digest realm="testrealm@host.com", qop="auth,auth-int", ' +
        'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
    )!.answer({ ...MUFASA, password: "Circle Of Life", clientNonce: "0a4f113b" }),
  );
  assertEquals(fields.response, '"6629fae49393a05397450978507c4ef1"');
  assertEquals([fields.algorithm, fields.opaque], [
    undefined,
    '"5ccc069c403ebaf9f0171e9517f40e41"',
  ]);
});

test("RFC 2069, section 2.4 (with its erratum): no qop", () => {
  const fields = fieldsOf(
    digest(
      'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", ' +
        'opaque="5ccc069c403ebaf9f0171e9517f40e41"',
    )!.answer({ ...MUFASA, password: "CircleOfLife", clientNonce: "0a4f113b" }),
  );
  assertEquals(fields.response, '"1949323746fe6a43ef61f9606e7febea"');
  assertEquals([fields.qop, fields.nc, fields.cnonce], [undefined, undefined, undefined]);
});

test("the hash of RFC 7616, section 3.9.2 (with its erratum): SHA-512-256", () => {
  assertEquals(
    TOOLS.hash("sha512-256", "J\u00e4s\u00f8n Doe:api@example.org"),
    "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b",
  );
});

const HASHES: readonly (readonly [algorithm: string, name: HashName])[] = [
  ["MD5", "md5"],
  ["SHA-256", "sha256"],
  ["sha-512-256", "sha512-256"],
];

for (const [algorithm, name] of HASHES) {
  for (const session of ["", "-sess"]) {
    for (const qop of ["", "auth"]) {
      test(`${algorithm}${session} with qop "${qop}", by the formula of RFC 7616`, () => {
        const h = (...parts: string[]) => TOOLS.hash(name, parts.join(":"))!;
        const challenge = `Digest realm="r", nonce="n", algorithm="${algorithm}${session}"` +
          (qop && `, qop="${qop}"`);
        const found = digest(challenge)!;
        const proof = { ...MUFASA, password: "p:ä", count: 300, clientNonce: "c" };
        const fields = fieldsOf(found.answer(proof));
        const user = h("Mufasa", "r", "p:ä");
        const secret = session ? h(user, "n", "c") : user;
        const request = h("GET", "/dir/index.html");
        const response = qop
          ? h(secret, "n", "0000012c", "c", "auth", request)
          : h(secret, "n", request);
        assertEquals(found.hashName, name);
        assertEquals(fields.response, `"${response}"`);
        assertEquals(fields.algorithm, `${algorithm}${session}`);
        assertEquals(fields.cnonce, qop || session ? '"c"' : undefined);
      });
    }
  }
}

test("quotes, commas and backslashes in names", () => {
  const challenge = 'Digest realm="The \\"cam\\", a\\\\b", nonce=abc==';
  const fields = fieldsOf(
    digest(challenge)!.answer({ ...NEW, username: 'a"b\\c' }),
  );
  assertEquals([fields.realm, fields.username, fields.nonce], [
    '"The \\"cam\\", a\\\\b"',
    '"a\\"b\\\\c"',
    '"abc=="',
  ]);
  const h = (text: string) => TOOLS.hash("md5", text)!;
  const expected = h(
    `${h('a"b\\c:The "cam", a\\b:Circle of Life')}:abc==:${h("GET:/dir/index.html")}`,
  );
  assertEquals(fields.response, `"${expected}"`);
});

test("a quality in capitals, among others", () => {
  const fields = fieldsOf(digest('Digest nonce="n", qop="Auth-Int AUTH"')!.answer(NEW));
  assertEquals([fields.qop, fields.nc], ["auth", "00000001"]);
});

test("what is empty is not told again", () => {
  const fields = fieldsOf(
    digest('Digest realm="r", nonce="n", algorithm="", opaque="", qop=""')!.answer(NEW),
  );
  assertEquals([fields.algorithm, fields.opaque, fields.qop], [undefined, '""', undefined]);
});

test("stale, in any spelling", () => {
  const stale = (value: string) => digest(`Digest nonce="n", stale=${value}`)!.stale;
  assertEquals(["true", '"TRUE"', "false", '"FALSE"', "x"].map(stale), [
    ...[true, true, false, false, false],
  ]);
});

test("challenges that cannot be answered", () => {
  for (
    const challenge of [
      'Basic realm="x"',
      "Digest realm=x",
      'Digest nonce="n", algorithm=SHA-1',
      'Digest nonce="n", algorithm=toString',
      'Digest nonce="n", qop="auth-int"',
    ]
  ) {
    assertEquals(digest(challenge), undefined, challenge);
  }
});

test("a hash that the runtime does not have", () => {
  const hash: typeof TOOLS.hash = (name, text) => {
    return name === "sha512-256" ? undefined : TOOLS.hash(name, text);
  };
  assertEquals(digest('Digest nonce="n", algorithm=SHA-512-256', hash), undefined);
  assert(digest('Digest nonce="n", algorithm=SHA-256', hash));
});
