/** The RTP-Info field (RFC 2326, section 12.33). */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { parseRtpInfo } from "../../../src/core/rtsp/rtp_info.ts";
import { forAll } from "../property.ts";

type Start = readonly [sequence?: number, time?: number];

const CASES: readonly (readonly [
  name: string,
  values: readonly string[],
  urls: readonly string[],
  starts: readonly Start[],
])[] = [
  [
    "the example of RFC 2326, section 12.33",
    ["url=rtsp://foo.com/bar.avi/streamid=0;seq=45102, url=rtsp://foo.com/bar.avi/streamid=1;seq=30211"],
    ["rtsp://foo.com/bar.avi/streamid=0", "rtsp://foo.com/bar.avi/streamid=1"],
    [[45102], [30211]],
  ],
  [
    "the order of the answer does not count",
    ["url=rtsp://h/a/2;seq=2;rtptime=20,url=rtsp://h/a/1;rtptime=10;seq=1"],
    ["rtsp://h/a/1", "rtsp://h/a/2"],
    [[1, 10], [2, 20]],
  ],
  [
    "several fields",
    ["url=rtsp://h/a/1;seq=1", "url=rtsp://h/a/2;seq=2"],
    ["rtsp://h/a/1", "rtsp://h/a/2"],
    [[1], [2]],
  ],
  [
    "URLs that are relative, or of another host",
    ["url=trackID=1;seq=1;rtptime=0,url=rtsp://10.0.0.1/x/trackID=0;seq=7"],
    ["rtsp://h/a?b=c/trackID=0", "rtsp://h/a?b=c/trackID=1"],
    [[7], [1, 0]],
  ],
  [
    "commas and semicolons in URLs",
    ['url="rtsp://h/a,b;c/1";seq=1;rtptime=2 , url=rtsp://h/a,b;c/2;seq=3;rtptime=4'],
    ["rtsp://h/a,b;c/1", "rtsp://h/a,b;c/2"],
    [[1, 2], [3, 4]],
  ],
  [
    "URLs that nobody knows: by their order, if all are there",
    ["url=rtsp://x/y;seq=1,url=;seq=2"],
    ["rtsp://h/1", "rtsp://h/2"],
    [[1], [2]],
  ],
  [
    "spaces and capitals anywhere",
    [" URL = rtsp://h/2 ; Seq = 3 ; RtpTime = 4 , Url = rtsp://h/1 ; SSRC = 9 ; seq = 5"],
    ["rtsp://h/1", "rtsp://h/2"],
    [[5], [3, 4]],
  ],
  ["one is missing", ["url=rtsp://x/y;seq=1"], ["rtsp://h/1", "rtsp://h/2"], [[], []]],
  ["no field", [], ["rtsp://h/1"], [[]]],
  ["a URL alone", ["url=rtsp://h/1"], ["rtsp://h/1"], [[]]],
  [
    "numbers that are too large, or none",
    ["url=rtsp://h/1;seq=65536;rtptime=4294967296,url=rtsp://h/2;seq=x;rtptime=-1"],
    ["rtsp://h/1", "rtsp://h/2"],
    [[], []],
  ],
  [
    "the largest numbers",
    ["url=rtsp://h/1;SEQ=65535;RtpTime=4294967295"],
    ["rtsp://h/1"],
    [[65535, 4294967295]],
  ],
];

for (const [name, values, urls, starts] of CASES) {
  test(name, () => {
    const expected = starts.map(([sequence, time]) => ({ sequence, time }));
    assertEquals(parseRtpInfo(values, urls), expected);
  });
}

test("no text is refused", () => {
  const pieces = ["url=", ",", ";", "seq=", "rtptime=", "1", "99999", " ", '"', "rtsp://h/1", "/"];
  forAll(300, (drawn) => {
    const starts = parseRtpInfo([drawn.text(pieces, 0, 20)], ["rtsp://h/1", "rtsp://h/2"]);
    assertEquals(starts.length, 2);
  });
});
