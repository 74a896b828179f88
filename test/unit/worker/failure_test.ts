/** What is told of an error depends on whose it is. */

import { assertEquals, assertFalse, assertMatch } from "@std/assert";
import { test } from "node:test";
import { LibavError } from "../../../ffi/mod.ts";
import { CallError, SessionError } from "../../../src/av/check.ts";
import type { StreamOperation } from "../../../src/core/connection/errors.ts";
import { type MediaUrl, parseMediaUrl } from "../../../src/core/connection/url.ts";
import { type FailureContext, failureFields } from "../../../src/worker/failure.ts";

const CAMERA = parseMediaUrl("rtsp://user:secret@camera-ip/stream");
const SERVER = parseMediaUrl("rtmp://server-ip/live/key");
const FILE = parseMediaUrl("film.mp4");

const call = (operation: StreamOperation, detail: string, text = detail) =>
  new CallError(operation, -22, detail, text);

const writer = (media: MediaUrl): FailureContext => ({
  ...{ media, role: "write", codec: "hevc", muxer: "flv" },
});

test("what was being done is told of an error that no call and no session has thrown", () => {
  const error = new Error("It broke at rtsp://user:secret@camera-ip/stream");
  const operations = (["read", "snapshot", "record"] as const).map((role) => {
    const fields = failureFields(error, { media: CAMERA, role });
    assertEquals([fields.code, fields.url], ["WORKER_DIED", CAMERA.redacted]);
    assertFalse(fields.reason?.includes("secret"), fields.reason);
    return fields.operation;
  });
  operations.push(failureFields(error, writer(SERVER)).operation);
  assertEquals(operations, ["read", "snapshot", "write", "write"]);
});

test("what the libraries' errors begin with is written small within a sentence, but names", () => {
  const reasons = [
    "Cannot find them",
    "FFmpeg is installed only in part",
    "Node 24.22.3 cannot call them by itself",
  ].map((text) => {
    const error = new LibavError("LIBAV_NOT_FOUND", text);
    return failureFields(error, { media: CAMERA, role: "read" }).reason;
  });
  assertEquals(reasons, [
    "cannot find them",
    "FFmpeg is installed only in part",
    "Node 24.22.3 cannot call them by itself",
  ]);
});

test("a time-out is a reader's or a writer's by what was being done", () => {
  const reading = failureFields(call("read", "ETIMEDOUT"), { media: CAMERA, role: "read" });
  assertEquals(reading.code, "READ_TIMEOUT");
  assertEquals(failureFields(call("write", "ETIMEDOUT"), writer(SERVER)).code, "WRITE_TIMEOUT");
});

test("a writer that libav refuses is told of its container and codec, a reader of its URL", () => {
  const error = call("open", "EINVAL");
  const written = failureFields(error, writer(SERVER));
  assertEquals(
    [written.code, written.reason],
    ["PROTOCOL_BLOCKED", "the format flv does not take this stream of hevc"],
  );
  const read = failureFields(error, { media: CAMERA, role: "read" });
  assertEquals(
    [read.code, read.reason?.startsWith("its container, or a protocol")],
    ["PROTOCOL_BLOCKED", true],
  );
});

test("what the system does not permit is a failed write for a file and a recording", () => {
  const error = call("open", "EACCES", "Permission denied");
  assertEquals(failureFields(error, { media: FILE, role: "read" }).code, "PERMISSION_DENIED");
  assertEquals(failureFields(error, writer(SERVER)).code, "PERMISSION_DENIED");
  const fields = failureFields(error, writer(FILE));
  assertEquals([fields.code, fields.operation], ["WRITE_FAILED", "open"]);
  const recording = failureFields(error, { media: CAMERA, role: "record" });
  assertEquals([recording.code, recording.operation], ["WRITE_FAILED", "write"]);
});

test("a session's own error keeps its code, without a password", () => {
  const error = new SessionError("open", "INVALID_DATA", "rtsp://user:secret@camera-ip/stream");
  for (const context of [writer(FILE), { media: CAMERA, role: "read" } as const]) {
    const { code, operation, reason } = failureFields(error, context);
    assertEquals([code, operation], ["INVALID_DATA", "open"]);
    if (context.media === CAMERA) assertFalse(reason?.includes("secret"), reason);
  }
});

test("a refusal of an RTMP server, which libav gives no name, is called one", () => {
  const refusal = (media: MediaUrl, averror: number, detail: string | undefined) =>
    failureFields(new CallError("open", averror, detail, "text"), writer(media));
  const no = refusal(SERVER, -1, undefined);
  assertEquals([no.code, no.detail], ["REFUSED", "libav error -1"]);
  assertMatch(no.reason!, /refused the stream.*password or stream key/);
  for (const detail of ["UNKNOWN", "EIO", "EOF", "ECONNRESET", "EPIPE"]) {
    assertEquals(refusal(SERVER, -5, detail).code, "REFUSED", detail);
  }
  const reading = new CallError("open", -1, undefined, "text");
  assertMatch(failureFields(reading, { media: SERVER, role: "read" }).reason!, /no stream of this/);
  // Other protocols mean something else by the same numbers.
  assertEquals(refusal(FILE, -1, undefined).code, "WRITE_FAILED");
  assertEquals(refusal(parseMediaUrl("rtmps://server-ip/live/key"), -5, "EIO").code, "TLS_FAILED");
});

test("a status is told to a user who gave a name or password, and to one who gave none", () => {
  const told = (detail: string, url: string) => {
    const media = parseMediaUrl(url);
    return failureFields(call("open", detail), { media, role: "read" }).reason;
  };
  for (const detail of ["HTTP_UNAUTHORIZED", "HTTP_FORBIDDEN"]) {
    for (const url of ["rtsp://user@cam/x", "http://user:word@cam/x"]) {
      assertFalse(told(detail, url)?.includes("options username and password"));
    }
    assertMatch(told(detail, "rtsp://cam/x")!, /the options username and password give them$/);
  }
  for (const url of ["rtsp://cam/x", "rtsp://user:word@cam/x"]) {
    assertMatch(told("HTTP_OTHER_4XX", url)!, /its status is one of 402 to 499.*its sessions/);
    assertMatch(told("HTTP_SERVER_ERROR", url)!, /its status is one of 500 to 599/);
  }
  const { code, reason } = failureFields(call("open", "HTTP_OTHER_4XX"), writer(SERVER));
  assertEquals(code, "REFUSED");
  assertMatch(reason!, /402 to 499.*takes no streams there$/);
});

test("no word of ours or of libav's is hidden because it is a part of the password", () => {
  const media = parseMediaUrl("rtsp://user:o@camera-ip/stream");
  const error = call("open", "EIO", "Input/output error");
  const words = "no host of this name";
  const reasons = [
    error,
    error.explained({ code: "REFUSED", reason: words }),
    new SessionError("open", "UNREACHABLE", words),
  ].map((one) => failureFields(one, { media, role: "read" }).reason);
  assertEquals(reasons, ["input/output error", words, words]);
});
