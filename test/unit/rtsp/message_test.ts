/** Messages and their header fields (RFC 2326, sections 4, 6, 7 and 12). */

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { HeaderFields } from "../../../src/core/rtsp/header_fields.ts";
import {
  bodyLength,
  formatRequest,
  formatResponse,
  isFirstLine,
  parseHead,
} from "../../../src/core/rtsp/message.ts";
import { forAll } from "../property.ts";

test("names of fields are alike in capitals and small letters", () => {
  const fields = new HeaderFields("CSeq: 3\r\ncontent-LENGTH : 12\r\nEmpty:\r\n");
  assertEquals(["cseq", "CSEQ", "Content-Length", "empty", "x"].map((name) => fields.first(name)), [
    "3",
    "3",
    "12",
    "",
    undefined,
  ]);
});

test("a field may stand there several times", () => {
  const fields = new HeaderFields("A: 1\r\nB: 2\r\na: 3, 4\r\n");
  assertEquals([fields.first("A"), fields.all("A"), fields.all("C")], ["1", ["1", "3, 4"], []]);
});

test("a line that begins with a space continues the one before", () => {
  const fields = new HeaderFields('A: one,\r\n  two\r\n\tthree\nB: "x"\n four\r\n');
  assertEquals([fields.all("A"), fields.all("B")], [["one, two three"], ['"x" four']]);
});

test("lines that are no fields are skipped", () => {
  const fields = new HeaderFields("nothing\r\n: 1\r\nA:b:c\r\n\r\n");
  assertEquals([fields.first("A"), fields.first("nothing"), fields.first("")], [
    "b:c",
    undefined,
    undefined,
  ]);
});

test("the words of a list, of one field or of several", () => {
  const fields = new HeaderFields("Public: describe, SETUP,,\r\nPublic: PLAY\r\n");
  assertEquals(fields.words("public"), ["DESCRIBE", "SETUP", "PLAY"]);
});

test("an answer, with and without a phrase", () => {
  for (const line of ["RTSP/1.0 404 Stream Not Found", "RTSP/1.0  404", "RTSP/2.0 404 "]) {
    const head = parseHead(`${line}\r\nCSeq: 2\r\n\r\n`);
    assert(isFirstLine(line));
    assert(head?.type === "response", line);
    assertEquals([head.status, head.headers.first("CSeq")], [404, "2"]);
  }
});

test("a request, with line feeds alone", () => {
  const head = parseHead("GET_PARAMETER rtsp://192.0.2.1/a?b RTSP/1.0\nCSeq: 7\n\n");
  assert(head?.type === "request");
  assertEquals([head.method, head.url, head.headers.first("CSeq")], [
    "GET_PARAMETER",
    "rtsp://192.0.2.1/a?b",
    "7",
  ]);
});

test("a first line of something else", () => {
  for (
    const line of [
      "",
      "HTTP/1.1 200 OK",
      "RTSP/1.0 20 OK",
      "RTSP/1.0 2000 OK",
      "RTSP/1 200 OK",
      "options * RTSP/1.0",
      "OPTIONS RTSP/1.0",
      "OPTIONS * HTTP/1.1",
      "OPTIONS * RTSP/1.0 x",
    ]
  ) {
    assertEquals([isFirstLine(line), parseHead(`${line}\r\n\r\n`)], [false, undefined], line);
  }
});

test("the length of a body is a number, or none", () => {
  const length = (value: string) => {
    return bodyLength(parseHead(`RTSP/1.0 200 OK\r\nContent-Length: ${value}\r\n\r\n`)!);
  };
  assertEquals(["12", "0", "", "-1", "1e3", "0x10", "12, 12", "9".repeat(400)].map(length), [
    ...[12, 0, 0, 0, 0, 0, 0],
    Infinity,
  ]);
  assertEquals(bodyLength(parseHead("RTSP/1.0 200 OK\r\n\r\n")!), 0);
});

test("the request of RFC 2326, section 10.2", () => {
  assertEquals(
    formatRequest("DESCRIBE", "rtsp://server.example.com/fizzle/foo", [
      ["CSeq", "312"],
      ["Session", undefined],
      ["Accept", "application/sdp"],
    ]),
    "DESCRIBE rtsp://server.example.com/fizzle/foo RTSP/1.0\r\n" +
      "CSeq: 312\r\nAccept: application/sdp\r\n\r\n",
  );
});

test("an answer of ours", () => {
  assertEquals(
    formatResponse(501, "Not Implemented", [["CSeq", "1"]]),
    [
      "RTSP/1.0 501 Not Implemented\r\n",
      "CSeq: 1\r\n\r\n",
    ].join(""),
  );
});

test("no value becomes a line of its own", () => {
  forAll(200, (drawn) => {
    const alphabet = ["a", " ", "\r", "\n", "\r\n", "\0", "\x85", ":"];
    const [url, value] = [drawn.text(alphabet, 0, 8), drawn.text(alphabet, 0, 8)];
    const text = formatRequest("PLAY", `rtsp://${url}`, [["Session", value], ["CSeq", "1"]]);
    assertEquals(text.split(/[\r\n\0\x85]+/).length, 4);
    assert(text.endsWith("\r\nCSeq: 1\r\n\r\n"));
  });
});

test("what is written is what is read", () => {
  forAll(200, (drawn) => {
    const names = ["CSeq", "Session", "Transport", "x-Dynamic-Rate"];
    const alphabet = ["a", "B", "0", ";", "=", '"', ",", ":", "é"];
    const fields = Array.from({ length: drawn.integer(0, 6) }, () => {
      return [drawn.pick(names), drawn.text(alphabet, 0, 9)] as const;
    });
    const url = `rtsp://192.0.2.1/${drawn.text(["a", "?", "=", "%20", ":"], 0, 9)}`;
    const read = parseHead(formatRequest("SETUP", url, fields));
    assert(read?.type === "request");
    assertEquals([read.method, read.url], ["SETUP", url]);
    for (const name of names) {
      const values = fields.filter(([one]) => one === name).map(([, value]) => value);
      assertEquals(read.headers.all(name.toUpperCase()), values);
    }
  });
});
