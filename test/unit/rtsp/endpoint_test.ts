/** Where a server is, and where it sends its client to. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import { parseMediaUrl } from "../../../src/core/connection/url.ts";
import { type Endpoint, endpointOf, redirectedEndpoint } from "../../../src/core/rtsp/endpoint.ts";
import { RtspFault } from "../../../src/core/rtsp/fault.ts";

function endpoint(url: string, credentials = {}): Endpoint {
  return endpointOf(parseMediaUrl(url, credentials));
}

const CASES: readonly (readonly [
  given: string,
  url: string,
  host: string,
  port: number,
  secure: boolean,
])[] = [
  ["rtsp://192.0.2.1/live", "rtsp://192.0.2.1/live", "192.0.2.1", 554, false],
  ["rtsp://192.0.2.1:8554", "rtsp://192.0.2.1:8554", "192.0.2.1", 8554, false],
  ["RTSPS://Cam.example/a?b=c", "rtsps://Cam.example/a?b=c", "Cam.example", 322, true],
  ["rtsp://u:p@192.0.2.1/a@b:c/d", "rtsp://192.0.2.1/a@b:c/d", "192.0.2.1", 554, false],
  ["rtsp://u:p@[2001:db8::1]:8554/x", "rtsp://[2001:db8::1]:8554/x", "2001:db8::1", 8554, false],
  ["rtsp://192.0.2.1/a b#c", "rtsp://192.0.2.1/a%20b#c", "192.0.2.1", 554, false],
  ["rtsp://[fe80::1%25eth0]/x", "rtsp://[fe80::1%eth0]/x", "fe80::1%eth0", 554, false],
];

for (const [given, url, host, port, secure] of CASES) {
  test(`the endpoint of ${given}`, () => {
    const found = endpoint(given);
    assertEquals([found.url, found.host, found.port, found.secure], [url, host, port, secure]);
  });
}

test("credentials are as the program means them", () => {
  assertEquals(endpoint("rtsp://h/").credentials, undefined);
  assertEquals(endpoint("rtsp://a%20b:p%3A%2F@h/").credentials, {
    username: "a b",
    password: "p:/",
  });
  assertEquals(endpoint("rtsp://user@h/").credentials, {
    username: "user",
    password: undefined,
  });
  assertEquals(endpoint("rtsp://h/", { username: "ü:x", password: "50%" }).credentials, {
    username: "ü:x",
    password: "50%",
  });
});

const FROM = endpoint("rtsp://admin:Secret-1@cam.example:8554/live?token=Secret-2");

function redirect(location: string | undefined, anywhere = false, from = FROM): Endpoint {
  return redirectedEndpoint(from, location, anywhere);
}

test("on the same host, credentials go along", () => {
  for (
    const [location, url] of [
      ["rtsp://cam.example/other", "rtsp://cam.example/other"],
      ["rtsp://CAM.example:9000/a", "rtsp://CAM.example:9000/a"],
      ["/other?x=y", "rtsp://cam.example:8554/other?x=y"],
      ["rtsps://cam.example/a", "rtsps://cam.example/a"],
    ] as const
  ) {
    const to = redirect(location);
    assertEquals([to.url, to.credentials], [url, FROM.credentials]);
  }
});

test("hosts are alike in capitals and small letters", () => {
  const from = endpoint("rtsp://u:p@CAM.example/a");
  assertEquals(redirect("rtsp://cam.EXAMPLE/b", false, from).credentials?.username, "u");
});

test("credentials of the new URL are used, wherever it is", () => {
  assertEquals(redirect("rtsp://u:p@cam.example/a").credentials?.username, "u");
  assertEquals(redirect("rtsp://u:p@192.0.2.9/a", true).credentials?.username, "u");
});

test("to another host only where that is allowed, and without credentials", () => {
  const fault = assertThrows(
    () => redirect("rtsp://u:Secret-3@192.0.2.9/a?token=Secret-4"),
    RtspFault,
  );
  assertEquals(fault.kind, "redirect");
  assert(fault.message.includes("192.0.2.9"));
  assert(!/Secret/.test(fault.message));
  assertEquals(redirect("rtsp://192.0.2.9/a", true).credentials, undefined);
});

test("never from TLS to a connection without", () => {
  const from = endpoint("rtsps://admin:Secret-1@cam.example/live");
  for (const anywhere of [false, true]) {
    const fault = assertThrows(() => redirect("rtsp://cam.example/a", anywhere, from), RtspFault);
    assertEquals(fault.kind, "redirect");
  }
});

test("locations that lead nowhere", () => {
  for (
    const location of [
      undefined,
      "",
      "other",
      "//192.0.2.9/a",
      "rtsp://",
      "rtsp://a b/",
      "http://cam.example/",
      "file:///etc/passwd",
      "rtsp://cam.example/\x01",
      `rtsp://cam.example/${"x".repeat(5000)}`,
    ]
  ) {
    const fault = assertThrows(() => redirect(location, true), RtspFault, undefined, `${location}`);
    assertEquals(fault.kind, "redirect");
  }
});
