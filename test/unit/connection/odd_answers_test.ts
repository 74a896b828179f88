import { assertEquals, assertFalse, assertMatch } from "@std/assert";
import { test } from "node:test";
import {
  isAnswered,
  isHeadOver,
  oddContent,
  oddDescription,
  oddHttpAnswer,
  oddRtspAnswer,
} from "../../../src/core/connection/odd_answers.ts";

const SDP = "CSeq: 1\r\nContent-Length: 120\r\n\r\n";

test("an answer of RTSP without a fault has none", () => {
  for (const status of ["200 OK", "401 Unauthorized", "302 Found", "404 Not Found"]) {
    assertEquals(oddRtspAnswer(`RTSP/1.0 ${status}\r\n${SDP}`), undefined);
  }
  assertEquals(oddRtspAnswer("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n"), undefined);
  const moved = "RTSP/1.0 302 Found\r\nLocation: RTSP://other/\r\n\r\n";
  assertEquals(oddRtspAnswer(moved), undefined);
});

test("an answer in the place of RTSP or HTTP is told by what it is", () => {
  const closed = "the server closed the connection without an answer";
  assertEquals(oddRtspAnswer(""), { code: "REFUSED", reason: closed });
  assertEquals(oddHttpAnswer(""), { code: "REFUSED", reason: closed });
  const rtsp = oddRtspAnswer("HTTP/1.1 400 Bad\r\n\r\n");
  assertEquals(rtsp?.reason, "what answers is not a server of RTSP, but one of HTTP");
  const http = oddHttpAnswer("220 mail.example ESMTP\r\n");
  assertEquals(http, { code: "INVALID_DATA", reason: "what answers is not a server of HTTP" });
});

test("a description is told by how long it is said to be, and how much of it came", () => {
  const answer = (length: string, body = "") =>
    `RTSP/1.0 200 OK\r\nCSeq: 1\r\n${length}\r\n\r\n${body}`;
  const largest = 1_000_000;
  const rows: [string, RegExp | undefined, boolean][] = [
    [answer("Content-Length: 4", "v=0\n"), undefined, true],
    [answer("content-length:4 ", "v=0\n"), undefined, true],
    [answer("Content-Length: 1000001"), /of 1000001 bytes, and FFmpeg gets no more than 1/, true],
    [answer("Content-Length: 1000000", "v"), /of 1000000 bytes, and sends 1 of them$/, false],
    [answer("Content-Length: 0"), /^the server sent no description/, true],
    [
      answer("CSeq: 2", "v=0\n"),
      /no description .*, or does not say by a Content-Length how long/,
      true,
    ],
    [answer("Content-Length: -4"), /or does not say by a Content-Length/, true],
    [answer("Content-Length: many"), /or does not say by a Content-Length/, true],
    ["RTSP/1.0 200 OK\r\nContent-Le", /does not end/, false],
    // What is not looked at may have come.
    [answer("Content-Length: 900000", "v".repeat(70_000)), undefined, true],
  ];
  for (const [text, words, isAll] of rows) {
    const odd = oddDescription(text, largest);
    assertEquals(odd?.code, words && "INVALID_DATA", text.slice(0, 80));
    if (words) assertMatch(odd!.reason, words);
    assertEquals(isAnswered(text, largest), isAll, text.slice(0, 80));
  }
});

test("a head is waited for until it ends, and no longer than it is looked at", () => {
  assertFalse(isHeadOver("HTTP/1.1 200 OK\r\n"));
  assertEquals(isHeadOver("HTTP/1.1 200 OK\r\n\r\n"), true);
  assertEquals(isHeadOver("HTTP/1.1 200 OK\r\nX: ".padEnd(70_000, "x")), true);
});

test("a redirection to another protocol is blocked, and its address is not repeated", () => {
  const location = "file:///home/user/secret?token=1234567";
  for (
    const answer of [
      oddRtspAnswer(`RTSP/1.0 302 Found\r\nLocation: ${location}\r\n\r\n`),
      oddHttpAnswer(`HTTP/1.1 302 Found\r\nlocation: ${location}\r\n\r\n`),
    ]
  ) {
    assertEquals(answer?.code, "PROTOCOL_BLOCKED");
    assertFalse(answer!.reason.includes("secret") || answer!.reason.includes("1234567"));
  }
  assertEquals(oddHttpAnswer("HTTP/1.1 301 X\r\nLocation: /a\r\n\r\n")?.code, "INVALID_DATA");
  assertEquals(oddHttpAnswer("HTTP/1.1 200 OK\r\n\r\n"), undefined);
});

test("a type that is no stream is told, without what stands behind it", () => {
  const page = oddContent("text/html; charset=utf-8; token=1234567");
  assertMatch(page!.reason, /^the server sent no video but a text \(text\/html\), such as/);
  const json = oddContent("Application/JSON");
  assertMatch(json!.reason, /a text \(application\/json\), such as/);
  for (const type of ["", "video/mp4", "image/jpeg", "text/vtt", "application/dash+xml"]) {
    assertEquals(oddContent(type), undefined, type);
  }
});
