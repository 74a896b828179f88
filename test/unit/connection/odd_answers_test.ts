import { assertEquals, assertFalse, assertMatch } from "@std/assert";
import { test } from "node:test";
import {
  oddContent,
  oddHttpAnswer,
  oddRtspAnswer,
} from "../../../src/core/connection/odd_answers.ts";

const SDP = "CSeq: 1\r\nContent-Length: 120\r\n\r\n";

test("an answer of RTSP without a fault has none", () => {
  for (const status of ["200 OK", "401 Unauthorized", "302 Found", "404 Not Found"]) {
    assertEquals(oddRtspAnswer(`RTSP/1.0 ${status}\r\n${SDP}`, "DESCRIBE"), undefined);
  }
  assertEquals(oddRtspAnswer("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n", "OPTIONS"), undefined);
  const moved = "RTSP/1.0 302 Found\r\nLocation: RTSP://other/\r\n\r\n";
  assertEquals(oddRtspAnswer(moved, "DESCRIBE"), undefined);
});

test("an answer in the place of RTSP or HTTP is told by what it is", () => {
  const closed = "the server closed the connection without an answer";
  assertEquals(oddRtspAnswer("", "OPTIONS"), { code: "REFUSED", reason: closed });
  assertEquals(oddHttpAnswer(""), { code: "REFUSED", reason: closed });
  const rtsp = oddRtspAnswer("HTTP/1.1 400 Bad\r\n\r\n", "OPTIONS");
  assertEquals(rtsp?.reason, "what answers is not a server of RTSP, but one of HTTP");
  const http = oddHttpAnswer("220 mail.example ESMTP\r\n");
  assertEquals(http, { code: "INVALID_DATA", reason: "what answers is not a server of HTTP" });
  assertEquals(
    oddRtspAnswer("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n", "DESCRIBE")?.code,
    "INVALID_DATA",
  );
});

test("a redirection to another protocol is blocked, and its address is not repeated", () => {
  const location = "file:///home/user/secret?token=1234567";
  for (
    const answer of [
      oddRtspAnswer(`RTSP/1.0 302 Found\r\nLocation: ${location}\r\n\r\n`, "DESCRIBE"),
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
