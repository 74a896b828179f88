/** What RFC 3986 allows is opened as it says, whatever stands behind the address. */

import { assert, assertEquals, assertFalse } from "@std/assert";
import { test } from "node:test";
import { parseMediaUrl, redactText } from "../../../src/core/connection/url.ts";
import { type Drawn, forAll } from "../property.ts";

const SCHEMES = ["rtsp", "rtsps", "rtmp", "rtmps", "http", "https", "udp", "srt"] as const;

/** Where libav connects to, and with what. */
interface Target {
  readonly userinfo: string;
  readonly host: string;
  /** -1: none is told. */
  readonly port: number;
  readonly path: string;
}

/** As `av_url_split` of libavformat does it; that of FFmpeg 4.3 does not end an address at a `#`. */
function split(url: string, end: RegExp): Target {
  const behind = url.slice(url.indexOf("://") + 3);
  const length = end.exec(behind)?.index ?? behind.length;
  const [authority, path] = [behind.slice(0, length), behind.slice(length)];
  const at = authority.lastIndexOf("@");
  const address = authority.slice(at + 1);
  const bracket = address.startsWith("[") ? address.indexOf("]") : -1;
  const colon = address.indexOf(":", Math.max(0, bracket));
  return {
    userinfo: authority.slice(0, Math.max(0, at)),
    host: bracket > 0 ? address.slice(1, bracket) : address.slice(0, colon < 0 ? undefined : colon),
    port: colon < 0 ? -1 : Number.parseInt(address.slice(colon + 1)) || 0,
    path,
  };
}

const RELEASES = { "of today": /[/?#]/, "of 4.3": /[/?]/ };

const UNRESERVED = [..."abcXYZ0189-._~"];
const SUB_DELIMS = [..."!$&'()*+,;="];
const ESCAPES = ["%20", "%40", "%2F", "%C3%A4", "%23"];
const PCHAR = [...UNRESERVED, ...SUB_DELIMS, ...ESCAPES, ":", "@", "@"];
const PATH = [...PCHAR, "/"];
const QUERY = [...PATH, "?"];
const USERINFO = [...UNRESERVED, ...SUB_DELIMS, ...ESCAPES];
const LABEL = [..."abcxyz0189"];

function legalHost(random: Drawn): string {
  return random.pick([
    () => `${random.text(LABEL, 1, 8)}`,
    () => `${random.text(LABEL, 1, 8)}.${random.text(LABEL, 1, 5)}`,
    () => `10.${random.integer(0, 255)}.0.${random.integer(0, 255)}`,
    () => `[fe80::${random.integer(1, 9)}]`,
  ])();
}

/** Path, query and fragment. */
function legalTail(random: Drawn): string {
  const path = random.number() < 0.8 ? `/${random.text(PATH, 0, 12)}` : "";
  const query = random.number() < 0.5 ? `?${random.text(QUERY, 0, 12)}` : "";
  const fragment = random.number() < 0.3 ? `#${random.text(QUERY, 0, 6)}` : "";
  return `${path}${query}${fragment}`;
}

test("user, password, host, port and path of a legal URL come to libav as RFC 3986 reads them", () => {
  let behind = 0;
  forAll(1_500, (random) => {
    const scheme = random.pick(SCHEMES);
    const user = random.text(USERINFO, 1, 6);
    const password = `q${random.text([...USERINFO, ":"], 8, 12)}`;
    const userinfo = random.pick(["", `${user}@`, `${user}:${password}@`]);
    const host = legalHost(random);
    const named = random.integer(1, 65_535);
    const port = scheme === "udp" || scheme === "srt" ? named : random.pick([-1, named]);
    const tail = legalTail(random);
    const url = `${scheme}://${userinfo}${host}${port < 0 ? "" : `:${port}`}${tail}`;

    const media = parseMediaUrl(url);
    assertEquals(media.host, host.replace(/[[\]]/g, ""), url);
    for (const [release, end] of Object.entries(RELEASES)) {
      const target = split(media.withCredentials, end);
      assertEquals([target.host, target.port], [media.host, port], `${url} ${release}`);
      assertEquals(target.path, tail.startsWith("#") ? `/${tail}` : tail, `${url} ${release}`);
      const [name, ...secret] = target.userinfo.split(":");
      const wanted = userinfo === "" ? [""] : [user];
      if (userinfo.includes(":")) wanted.push(password);
      const told = [name!, ...secret.length ? [secret.join(":")] : []];
      assertEquals(told.map(decodeURIComponent), wanted.map(decodeURIComponent), url);
    }
    if (userinfo.includes(":")) {
      const shown = `${media.redacted} ${redactText(media.withCredentials, media)}`;
      assertFalse(shown.includes(password) && !tail.includes(password), shown);
    }
    if (tail.includes("@") && port > 0) behind++;
  });
  assert(behind > 200, `${behind}`);
});

const LEGAL: readonly (readonly [string, string, number, string])[] = [
  ["rtsp://10.0.0.5:554/live/@main", "10.0.0.5", 554, "/live/@main"],
  ["rtsp://u:p@10.0.0.5:554/live/@main", "10.0.0.5", 554, "/live/@main"],
  ["rtsp://[fe80::1]/live/@main", "fe80::1", -1, "/live/@main"],
  [
    "rtmp://server:1935/live/key@2x?user=me@example.com",
    "server",
    1935,
    "/live/key@2x?user=me@example.com",
  ],
  [
    "srt://10.0.0.5:9000?streamid=#!::u=me@example.com,m=request",
    "10.0.0.5",
    9000,
    "?streamid=#!::u=me@example.com,m=request",
  ],
  ["http://camera:8080/snap?mail=me@example.com", "camera", 8080, "/snap?mail=me@example.com"],
  [
    "https://cdn.example:8443/@live/index.m3u8?t=a:b@c",
    "cdn.example",
    8443,
    "/@live/index.m3u8?t=a:b@c",
  ],
  ["udp://239.0.0.1:1234?localaddr=@x", "239.0.0.1", 1234, "?localaddr=@x"],
  ["rtsp://admin:12/3@camera.example/x", "admin", 12, "/3@camera.example/x"],
  ["rtsp://u:p@1/secret@cam/x", "1", -1, "/secret@cam/x"],
  ["rtsp://camera:/x@y", "camera", -1, "/x@y"],
  ["rtsp://camera:000554/x@y", "camera", 554, "/x@y"],
  ["rtsp://camera:554#a@b", "camera", 554, "/#a@b"],
  ["rtsp://camera:554/a\u2028b@c", "camera", 554, "/a\u2028b@c"],
];

for (const [url, host, port, path] of LEGAL) {
  test(`${url} is legal, and opened as it stands`, () => {
    const media = parseMediaUrl(url);
    const target = split(media.withCredentials, RELEASES["of today"]);
    assertEquals([media.host, target.host, target.port, target.path], [host, host, port, path]);
  });
}

test("what is shown of a legal URL is the URL", () => {
  const urls = [
    "rtsp://10.0.0.5:554/live/@main",
    "rtsp://localhost:554/@x/y",
    "rtsp://camera:554/live/@main",
    "rtsp://camera.example:554/a@10.0.0.7:80/b",
    "http://camera.example:8080/snap?user=me@example.com",
    "srt://10.0.0.5:9000?mode=caller&latency=200",
  ];
  for (const url of urls) {
    assertEquals(parseMediaUrl(url).redacted, url);
    assertEquals([parseMediaUrl(url).secrets, parseMediaUrl(url).doubtful], [[], false]);
  }
});

test("what may be a password that was not encoded is opened as it stands and not shown", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["rtsp://admin:12/3@camera.example/x", "rtsp://admin:***@camera.example/x"],
    ["rtsp://admin:12?3@10.0.0.5:554/x", "rtsp://admin:***@10.0.0.5:554/x"],
    ["rtsp://admin:12#3@camera/x@y", "rtsp://admin:***@camera/x@y"],
    ["rtsp://admin:1/secret@cam/x", "rtsp://admin:***@cam/x"],
    ["rtsp://u:p@1/secret@cam/x", "rtsp://***@1:***@cam/x"],
  ];
  for (const [url, shown] of rows) {
    const media = parseMediaUrl(url);
    assertEquals([media.withCredentials, media.redacted], [url.replace("12#", "12/#"), shown]);
    assert(media.doubtful);
    const told = redactText(`Failed: ${media.withCredentials}`, media);
    for (const part of ["12/3", "12?3", "#3", "secret"]) assertFalse(told.includes(part), told);
  }
});

test("user and password of a URL within the URL are not shown", () => {
  const rows: readonly (readonly [string, string])[] = [
    [
      "http://proxy.example:8080/rtsp://u:hunter2@cam/x",
      "http://proxy.example:8080/rtsp://***@cam/x",
    ],
    [
      "http://10.0.0.1:8080/?src=rtsp://u:hunter2@cam/x&a=b@c",
      "http://10.0.0.1:8080/?src=***&a=***",
    ],
    [
      "http://10.0.0.1/?src=rtsp%3A%2F%2Fu%3Ahunter2%40cam%2Fx",
      "http://10.0.0.1/?src=***",
    ],
  ];
  for (const [url, shown] of rows) {
    const media = parseMediaUrl(url);
    assertEquals([media.withCredentials, media.redacted], [url, shown]);
    assertFalse(redactText(`Opening ${url}`, media).includes("hunter2"));
  }
});

test("a path may have two slashes and an @", () => {
  for (const path of ["videos//me@home.mp4", "/tmp//me@home.mp4", "./a//b@c.mp4"]) {
    assertEquals(parseMediaUrl(path).path, path);
  }
});
