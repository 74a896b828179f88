import { assert, assertEquals, assertFalse, assertStringIncludes, assertThrows } from "@std/assert";
import { test } from "node:test";
import { SCHEME_NAMES } from "../../../src/core/connection/schemes.ts";
import { parseMediaUrl } from "../../../src/core/connection/url.ts";

for (const scheme of ["rtsp", "rtsps", "rtmp", "rtmps", "http", "https", "udp", "srt"]) {
  test(`parseMediaUrl() gives a ${scheme} URL to libav as it is`, () => {
    const url = `${scheme}://camera.example:9000/path?channel=1&fps=%20`;
    const media = parseMediaUrl(url);
    assertEquals([media.scheme, media.withCredentials, media.redacted], [scheme, url, url]);
    assertEquals([media.host, media.path, media.secrets], ["camera.example", undefined, []]);
    assert(media.rules.protocols.includes(scheme));
  });
}

test("the schemes are those of the design, live ones and files", () => {
  assertEquals(
    [...SCHEME_NAMES].sort(),
    ["file", "http", "https", "rtmp", "rtmps", "rtsp", "rtsps", "srt", "udp"],
  );
  const live = (url: string) => parseMediaUrl(url).rules.live;
  assertEquals(
    ["rtsp://h/", "rtmp://h/", "udp://h:1", "http://h/", "./x.mp4"].map(live),
    ["always", "always", "always", "open-ended", "never"],
  );
});

test("no scheme may open local files but file, and none other protocols that can", () => {
  for (const scheme of SCHEME_NAMES) {
    const { protocols, demuxers } =
      parseMediaUrl(scheme === "file" ? "file:///x" : `${scheme}://h:1/x`).rules;
    assertEquals(protocols.includes("file"), scheme === "file", scheme);
    for (const bad of ["concat", "subfile", "data", "pipe", "httpproxy", "async", "cache"]) {
      assertFalse(protocols.includes(bad), `${scheme} ${bad}`);
    }
    for (const bad of ["concat", "lavfi", "tty", "image2", "dash", "hls"]) {
      const isPlaylist = bad === "hls" || bad === "dash";
      assertEquals(demuxers.includes(bad), isPlaylist && scheme.startsWith("http"), bad);
    }
  }
});

const REJECTED = [
  "concat:/etc/hostname|/etc/hosts",
  "data:video/mp4;base64,AAAA",
  "lavfi:testsrc",
  "javascript:alert(1)",
  "pipe:0",
  "fd:0",
  "tcp://h:1",
  "rtp://h:1",
  "ftp://h/x",
  "mms://h/x",
  "async:file:x",
  "crypto:/etc/passwd",
  "ffrtmphttp://h/",
  "rtsp+tcp://h/",
  "constructor:x",
];

for (const url of REJECTED) {
  test(`parseMediaUrl() rejects ${url} and lists what is allowed`, () => {
    const { message } = assertThrows(() => parseMediaUrl(url), TypeError);
    assertStringIncludes(message, `scheme "${url.slice(0, url.indexOf(":"))}"`);
    for (const name of SCHEME_NAMES) assertStringIncludes(message, name);
  });
}

test("libav's pseudo-protocols without a proper scheme are names of files, no more", () => {
  for (const url of ["subfile,,start,0,end,0,,:/etc/passwd", "lavfi", "-", "|cat"]) {
    const { scheme, withCredentials, rules } = parseMediaUrl(url);
    assertEquals([scheme, withCredentials], ["file", `file:${url}`]);
    assertEquals(rules.protocols, ["file"]);
  }
});

test("parseMediaUrl() refuses control characters without showing the URL", () => {
  for (const code of [...Array(32).keys(), 127, 128, 159]) {
    const url = `rtsp://u:hunter2@camera/${String.fromCharCode(code)}x`;
    const { message } = assertThrows(() => parseMediaUrl(url), TypeError);
    assertEquals(message, "url must not have control characters");
  }
});

test("parseMediaUrl() refuses what is empty, too long or no string", () => {
  for (const url of ["", " ", "\t "]) {
    assertThrows(() => parseMediaUrl(url), TypeError, "url must not be empty");
  }
  const longest = "rtsp://camera/".padEnd(2_048, "x");
  assertEquals(parseMediaUrl(longest).withCredentials, longest);
  assertThrows(() => parseMediaUrl(`${longest}x`), TypeError, "at most 2048 characters, got 2049");
  for (const value of [undefined, null, 5, {}, new URL("rtsp://u:hunter2@h/")]) {
    const check = () => parseMediaUrl(value as unknown as string);
    const { message } = assertThrows(check, TypeError, "url must be a string, got");
    assertFalse(message.includes("hunter2"));
  }
});

test("the scheme may be written in capitals", () => {
  assertEquals(parseMediaUrl("RTSP://camera/x").scheme, "rtsp");
  assertEquals(parseMediaUrl("Rtsp://u:p@camera/x").withCredentials, "rtsp://u:p@camera/x");
});

test("the host of an IPv6 URL is without brackets, its withCredentials with", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["rtsp://[::1]/x", "::1"],
    ["rtsp://[2001:db8::7]:8554/x", "2001:db8::7"],
    ["rtsp://[::ffff:10.0.0.1]:554", "::ffff:10.0.0.1"],
    ["rtsp://[fe80::1%eth0]:554/", "fe80::1%eth0"],
  ];
  for (const [url, host] of rows) {
    const media = parseMediaUrl(url);
    assertEquals([media.host, media.withCredentials, media.redacted], [host, url, url]);
  }
  const { withCredentials, host } = parseMediaUrl("rtsp://[::1]:8554/x", {
    username: "u",
    password: "p",
  });
  assertEquals([withCredentials, host], ["rtsp://u:p@[::1]:8554/x", "::1"]);
});

test("ports from 1 to 65535 are allowed", () => {
  for (const port of [1, 554, 65_535]) {
    assertEquals(parseMediaUrl(`rtsp://camera:${port}/`).host, "camera");
  }
  for (const port of [0, 65_536, 99_999, 123_456]) {
    assertThrows(() => parseMediaUrl(`rtsp://camera:${port}/`), TypeError, "1 to 65535");
  }
});

test("an address that cannot be told apart is refused with advice", () => {
  const bad = [":abc", ":-1", ":5 /x", ":1:2", "]", "/[", " x/", "<", ">", "\\"];
  for (const end of bad.map((text) => text.startsWith("/") ? text.slice(1) : text)) {
    const check = () => parseMediaUrl(`rtsp://camera${end}`);
    assertThrows(check, TypeError, "url is not a valid rtsp URL");
  }
  for (const url of ["rtsp:camera/x", "rtsp:/camera/x", "http:x", "rtsp://[::1/x", "rtsp://::1/"]) {
    assertThrows(() => parseMediaUrl(url), TypeError, "is not a valid");
  }
});

test("only udp and srt may have no host", () => {
  for (const url of ["rtsp:///x", "http://:80/", "rtmp://", "rtsp://u:p@/x"]) {
    assertThrows(() => parseMediaUrl(url), TypeError, "url has no host");
  }
  for (const url of ["udp://:1234", "srt://:1234?mode=listener", "udp://@:5000"]) {
    const { withCredentials, host } = parseMediaUrl(url);
    assertEquals([withCredentials, host], [url, undefined]);
  }
});

test("the @ of a multicast group stays, and is no user name", () => {
  const { withCredentials, host, redacted } = parseMediaUrl("udp://@239.0.0.1:1234?fifo_size=100");
  assertEquals([withCredentials, host], ["udp://@239.0.0.1:1234?fifo_size=100", "239.0.0.1"]);
  assertFalse(redacted.includes("***"));
});

test("paths of files are taken as they are", () => {
  const paths = [
    "/tmp/a.mp4",
    "./a.mp4",
    "a b.mp4",
    "../x/ä 50%.mkv",
    "./12:30:00.mp4",
    "/tmp/cam:1/x.mp4",
    "12:30.mp4",
    "C:\\Videos\\a b.mp4",
    "d:/videos/x.mp4",
    "\\\\server\\share\\x.mp4",
    "%41.mp4",
  ];
  for (const path of paths) {
    const media = parseMediaUrl(path);
    assertEquals(
      [media.scheme, media.withCredentials, media.path, media.redacted, media.host],
      ["file", `file:${path}`, path, path, undefined],
    );
  }
});

test("a path with a colon in its first part is told to begin with ./", () => {
  assertThrows(() => parseMediaUrl("cam:1.mp4"), TypeError, 'needs "./" before it');
});

test("file: URLs become paths", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["file:///tmp/a%20b.mp4", "/tmp/a b.mp4"],
    ["file:///tmp/a b.mp4", "/tmp/a b.mp4"],
    ["file:///tmp/50%.mp4", "/tmp/50%.mp4"],
    ["file:///tmp/%C3%A4.mp4", "/tmp/ä.mp4"],
    ["file://localhost/tmp/a.mp4", "/tmp/a.mp4"],
    ["file:///C:/Videos/a.mp4", "C:/Videos/a.mp4"],
    ["file:/tmp/a.mp4", "/tmp/a.mp4"],
    ["file:clip:1.mp4", "clip:1.mp4"],
    ["FILE:a.mp4", "a.mp4"],
  ];
  for (const [url, path] of rows) {
    const media = parseMediaUrl(url);
    assertEquals([media.path, media.withCredentials, media.redacted], [path, `file:${path}`, url]);
  }
});

test("a scheme in capitals is the same scheme, as libav spells it", () => {
  const media = parseMediaUrl("RTSP://Camera/Path");
  assertEquals([media.scheme, media.withCredentials], ["rtsp", "rtsp://Camera/Path"]);
});

test("a URL without its scheme, or with white space around it, is no file name", () => {
  for (const url of [" rtsp://u:hunter2@cam/x", "rtsp://cam/x ", "rtsp//u:hunter2@cam/x"]) {
    const error = assertThrows(() => parseMediaUrl(url), TypeError);
    assertFalse(error.message.includes("hunter2"));
  }
  assertThrows(() => parseMediaUrl("//u:hunter2@cam/x"), TypeError, "no scheme");
});

test("a file needs a name, without control characters after decoding either", () => {
  for (const url of ["file:", "file://"]) assertThrows(() => parseMediaUrl(url), TypeError, "file");
  assertThrows(() => parseMediaUrl("file:///tmp/a%00b"), TypeError, "control characters");
});

test("a file on another host, or a URL behind a path, is refused and not repeated", () => {
  for (const url of ["file://op:hunter2@host/x", "./rtsp://op:hunter2@h/s"]) {
    const { message } = assertThrows(() => parseMediaUrl(url), TypeError, "url names a file");
    assertFalse(message.includes("hunter2"));
  }
});

test("the zone of a link-local address comes to libav as getaddrinfo wants it", () => {
  for (const zone of ["%25eth0", "%eth0", "%251", "%25wlp3s0.7"]) {
    const name = zone.replace("%25", "%");
    const { withCredentials, host } = parseMediaUrl(`rtsp://u:p@[fe80::1${zone}]:8554/a%25b`);
    assertEquals(withCredentials, `rtsp://u:p@[fe80::1${name}]:8554/a%25b`);
    assertEquals(host, `fe80::1${name}`);
  }
});

test("a protocol without a usual port needs one in the URL", () => {
  for (const url of ["udp://127.0.0.1", "udp://@239.0.0.1", "srt://server/", "srt://server?x=1"]) {
    assertThrows(() => parseMediaUrl(url), TypeError, "HOST:PORT");
  }
});

test("an address without a scheme, or with something before it, is no file", () => {
  const bare = ["10.0.0.5:554/live", "cam.local:8554", "localhost:8554/x", "[::1]:554/x"];
  for (const url of bare) assertThrows(() => parseMediaUrl(url), TypeError, "no scheme");
  for (const url of ['"rtsp://cam/x"', "<rtsp://cam/x>", "\u200brtsp://cam/x", "rtsp ://cam"]) {
    assertThrows(() => parseMediaUrl(url), TypeError, "must begin with its scheme");
  }
  for (const path of ["./10.0.0.5:554", "C:\\12.mp4", "C:/12/a.mp4", "a:1.mp4", "12:30.mp4"]) {
    assertEquals(parseMediaUrl(path).path, path);
  }
});
