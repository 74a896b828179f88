/** Control URLs (RFC 2326, section C.1.1), as libavformat and live555 make them. */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { baseUrl, controlsOf, controlUrl } from "../../../src/core/rtsp/control_url.ts";
import { HeaderFields } from "../../../src/core/rtsp/header_fields.ts";

const ASKED = "rtsp://192.0.2.1:8554/live?channel=1";

const BASES: readonly (readonly [name: string, fields: string, base: string])[] = [
  ["nothing", "", ASKED],
  ["Content-Base", "Content-Base: rtsp://192.0.2.1/live/", "rtsp://192.0.2.1/live/"],
  ["Content-Location", "Content-Location: rtsp://192.0.2.1/other", "rtsp://192.0.2.1/other"],
  [
    "both",
    "Content-Location: rtsp://192.0.2.1/other\r\nContent-Base: rtsp://192.0.2.1/live/",
    "rtsp://192.0.2.1/live/",
  ],
  ["an empty one", "Content-Base: ", ASKED],
  ["an odd one", "Content-Base: live/\r\nContent-Location: x", ASKED],
  ["a path", "Content-Base: /live/", "rtsp://192.0.2.1:8554/live/"],
  ["a host that is not the one asked", "Content-Base: rtsp://10.0.0.1/a/", "rtsp://10.0.0.1/a/"],
  ["spaces in it", "Content-Base: rtsp://192.0.2.1/a b/", "rtsp://192.0.2.1/a%20b/"],
];

for (const [name, fields, base] of BASES) {
  test(`the base of an answer with ${name}`, () => {
    assertEquals(baseUrl(new HeaderFields(fields), ASKED), base);
  });
}

const CONTROLS: readonly (readonly [base: string, control: string | undefined, url: string])[] = [
  ["rtsp://h/live/", "track1", "rtsp://h/live/track1"],
  ["rtsp://h/live", "track1", "rtsp://h/live/track1"],
  ["rtsp://h/live", "/track1", "rtsp://h/live/track1"],
  ["rtsp://h", "track1", "rtsp://h/track1"],
  ["rtsp://h/live?a=b&c=d", "trackID=0", "rtsp://h/live?a=b&c=d/trackID=0"],
  ["rtsp://h/live?a=b&c=d/", "trackID=0", "rtsp://h/live?a=b&c=d/trackID=0"],
  ["rtsp://h/live", "?ctype=video", "rtsp://h/live?ctype=video"],
  ["rtsp://h/live/", "?ctype=video", "rtsp://h/live/?ctype=video"],
  ["rtsp://h/live/", "rtsp://other/x", "rtsp://other/x"],
  ["rtsp://h/live/", "RTSP://h/x?y", "RTSP://h/x?y"],
  ["rtsp://h/live/", "*", "rtsp://h/live/"],
  ["rtsp://h/live", "", "rtsp://h/live"],
  ["rtsp://h/live", undefined, "rtsp://h/live"],
  ["rtsp://h/live", " track1 ", "rtsp://h/live/track1"],
  ["rtsp://h/live", "a b\tc", "rtsp://h/live/a%20b%09c"],
];

for (const [base, control, url] of CONTROLS) {
  test(`${control} below ${base}`, () => assertEquals(controlUrl(base, control), url));
}

test("media are below an absolute control of the whole, and else below the base", () => {
  const base = "rtsp://h/live/";
  const both = { aggregate: base, base };
  assertEquals([controlsOf(base, "*"), controlsOf(base, undefined)], [both, both]);
  const other = "rtsp://h/all/";
  assertEquals(controlsOf(base, other), { aggregate: other, base: other });
  assertEquals(controlsOf(base, "all"), { aggregate: "rtsp://h/live/all", base });
});
