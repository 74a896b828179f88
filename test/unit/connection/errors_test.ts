import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertStrictEquals,
} from "@std/assert";
import { test } from "node:test";
import {
  codeOfAverror,
  StreamError,
  type StreamErrorCode,
  type StreamOperation,
} from "../../../src/core/connection/errors.ts";

const URL = "rtsp://camera-ip/stream";

/** The table of the design: is another attempt made by itself? */
const RETRYABLE: Readonly<Record<StreamErrorCode, boolean>> = {
  LIBAV_NOT_FOUND: false,
  LIBAV_UNSUPPORTED: false,
  WORKER_MISSING: false,
  OPTION_UNKNOWN: false,
  AUTH_FAILED: false,
  PERMISSION_DENIED: false,
  PROTOCOL_BLOCKED: false,
  UNSUPPORTED_CONTAINER: false,
  UNSUPPORTED_CODEC: false,
  NOT_SEEKABLE: false,
  ABORTED: false,
  CLOSED: false,
  OPEN_TIMEOUT: true,
  READ_TIMEOUT: true,
  WAIT_TIMEOUT: true,
  STALLED: true,
  KEYFRAME_TIMEOUT: true,
  WRITE_TIMEOUT: true,
  WRITE_FAILED: true,
  REFUSED: true,
  UNREACHABLE: true,
  NOT_FOUND: true,
  TLS_FAILED: true,
  INVALID_DATA: true,
  NO_VIDEO: true,
  END_OF_STREAM: true,
  OUT_OF_MEMORY: true,
  WORKER_DIED: true,
};
const CODES = Object.keys(RETRYABLE) as StreamErrorCode[];

test("StreamError's message is: Cannot DO URL: why (DETAIL)", () => {
  const error = new StreamError({
    code: "REFUSED",
    operation: "open",
    url: URL,
    detail: "ECONNREFUSED",
  });
  assertEquals(
    error.message,
    "Cannot open rtsp://camera-ip/stream: connection refused (ECONNREFUSED)",
  );
});

test("StreamError's message has no brackets without a detail", () => {
  const fields = { code: "NO_VIDEO", operation: "read", url: URL } as const;
  assertEquals(
    new StreamError(fields).message,
    `Cannot read ${URL}: no video in the stream`,
  );
  assertEquals(new StreamError({ ...fields, detail: "" }).message.includes("("), false);
});

test("StreamError's message has the given reason in place of the code's own", () => {
  const { message } = new StreamError({
    code: "CLOSED",
    operation: "read",
    url: URL,
    reason: "it was stopped",
    detail: "X",
  });
  assertEquals(message, `Cannot read ${URL}: it was stopped (X)`);
});

test("every code has a reason of its own in the message", () => {
  const messages = CODES.map((code) =>
    new StreamError({ code, operation: "open", url: URL }).message
  );
  assertEquals(new Set(messages).size, CODES.length);
  for (const message of messages) {
    assert(/^Cannot open rtsp:\/\/camera-ip\/stream: \S.*[^.\s]$/.test(message), message);
    assertFalse(message.includes("undefined"), message);
  }
});

for (const code of CODES) {
  test(`${code} is ${RETRYABLE[code] ? "" : "not "}retried by itself`, () => {
    assertEquals(
      new StreamError({ code, operation: "open", url: URL }).retryable,
      RETRYABLE[code],
    );
  });
}

test("StreamError is an Error with a name, its fields and its cause", () => {
  const cause = new Error("inner");
  const error = new StreamError({
    code: "AUTH_FAILED",
    operation: "open",
    url: URL,
    averror: -825242872,
    attempt: 3,
    cause,
  });
  assertInstanceOf(error, Error);
  assertEquals(
    [error.name, error.code, error.operation, error.url, error.averror, error.attempt],
    ["StreamError", "AUTH_FAILED", "open", URL, -825242872, 3],
  );
  assertStrictEquals(error.cause, cause);
  assert(String(error).startsWith("StreamError: Cannot open"));
});

test("StreamError without a cause has no property of that name", () => {
  const error = new StreamError({ code: "REFUSED", operation: "open", url: URL });
  assertFalse("cause" in error);
  assertEquals([error.averror, error.attempt], [undefined, undefined]);
});

const NAMED: readonly (readonly [string, StreamErrorCode])[] = [
  ["ECONNREFUSED", "REFUSED"],
  ["HTTP_BAD_REQUEST", "REFUSED"],
  ["HTTP_OTHER_4XX", "REFUSED"],
  ["HTTP_SERVER_ERROR", "REFUSED"],
  ["EADDRINUSE", "REFUSED"],
  ["EADDRNOTAVAIL", "UNREACHABLE"],
  ["ENODEV", "UNREACHABLE"],
  ["ENETDOWN", "UNREACHABLE"],
  ["EHOSTUNREACH", "UNREACHABLE"],
  ["ENETUNREACH", "UNREACHABLE"],
  ["ENOENT", "NOT_FOUND"],
  ["ENOTDIR", "NOT_FOUND"],
  ["ELOOP", "NOT_FOUND"],
  ["ENAMETOOLONG", "NOT_FOUND"],
  ["EACCES", "PERMISSION_DENIED"],
  ["ERANGE", "OPTION_UNKNOWN"],
  ["ENOMEM", "OUT_OF_MEMORY"],
  ["HTTP_NOT_FOUND", "NOT_FOUND"],
  ["STREAM_NOT_FOUND", "NO_VIDEO"],
  ["HTTP_UNAUTHORIZED", "AUTH_FAILED"],
  ["HTTP_FORBIDDEN", "AUTH_FAILED"],
  ["PROTOCOL_NOT_FOUND", "PROTOCOL_BLOCKED"],
  ["DEMUXER_NOT_FOUND", "PROTOCOL_BLOCKED"],
  ["MUXER_NOT_FOUND", "PROTOCOL_BLOCKED"],
  ["DECODER_NOT_FOUND", "UNSUPPORTED_CODEC"],
  ["ENCODER_NOT_FOUND", "UNSUPPORTED_CODEC"],
  ["PATCHWELCOME", "UNSUPPORTED_CODEC"],
  ["OPTION_NOT_FOUND", "OPTION_UNKNOWN"],
  ["EOF", "END_OF_STREAM"],
];

test("what has no code of its own is data that is not valid, or that was not taken", () => {
  for (const name of ["INVALIDDATA", "ENOSPC", undefined]) {
    assertEquals(codeOfAverror(name, "open"), "INVALID_DATA");
    assertEquals(codeOfAverror(name, "read"), "INVALID_DATA");
    assertEquals(codeOfAverror(name, "write"), "WRITE_FAILED");
  }
});

for (const [name, code] of NAMED) {
  test(`codeOfAverror() of ${name} is ${code}, whatever was being done`, () => {
    for (const operation of ["open", "read", "write"] as const) {
      assertEquals(codeOfAverror(name, operation), code);
    }
  });
}

test("codeOfAverror() of ETIMEDOUT is told by what was being done", () => {
  const expected: Partial<Record<StreamOperation, StreamErrorCode>> = {
    open: "OPEN_TIMEOUT",
    read: "READ_TIMEOUT",
    decode: "READ_TIMEOUT",
    write: "WRITE_TIMEOUT",
  };
  for (const [operation, code] of Object.entries(expected)) {
    assertEquals(codeOfAverror("ETIMEDOUT", operation as StreamOperation), code);
  }
});

test("codeOfAverror() of a connection that breaks is the end of the stream when reading", () => {
  for (const name of ["ECONNRESET", "EPIPE"]) {
    assertEquals(codeOfAverror(name, "open"), "REFUSED");
    assertEquals(codeOfAverror(name, "read"), "END_OF_STREAM");
  }
  assertEquals(codeOfAverror("EIO", "open"), "INVALID_DATA");
  assertEquals(codeOfAverror("EIO", "read"), "END_OF_STREAM");
});

test("codeOfAverror() of a name it does not know, or none, is INVALID_DATA", () => {
  assertEquals(codeOfAverror("EWHATEVER", "read"), "INVALID_DATA");
  assertEquals(codeOfAverror(undefined, "open"), "INVALID_DATA");
});
