/** Pipes, devices and files of the system: what may hold up for ever whoever opens it. */

import { assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  type StreamError,
  VideoStream,
  type VideoStreamOptions,
  VideoWriter,
  type VideoWriterOptions,
} from "../../../mod.ts";
import { Child } from "../../support/child.ts";
import { makeVideo } from "../../support/media.ts";
import { startRtmpServer } from "../../support/rtmp_server.ts";
import { startTlsFront } from "../../support/tls_front.ts";
import { runScript } from "../../support/process.ts";
import { rejection, within } from "../../support/waiting.ts";
import { failureOf, look, SLOW, SMALL, TemporaryDirectory } from "../reading.ts";
import { together } from "../writing.ts";

const SCRIPT = fileURLToPath(new URL("../fixtures/special_file.ts", import.meta.url));
const SIZE = { width: 64, height: 48, fps: 10 };
const PICTURE = new Uint8Array(SIZE.width * SIZE.height * 3);

async function makePipe(path: string): Promise<string> {
  await using mkfifo = new Child("mkfifo", [path]);
  assertEquals((await mkfifo.exited).code, 0);
  return path;
}

/** What a process says of a file that it reads or writes; it ends by itself. */
async function tell(
  role: "read" | "write",
  path: string,
  options: VideoStreamOptions & VideoWriterOptions = {},
): Promise<[string, string]> {
  const args = [role, path, JSON.stringify(options)];
  const { code, stdout, stderr, signal } = await runScript(SCRIPT, args);
  assertEquals([code, signal], [0, null], `${path}: ${stdout}${stderr}`);
  const failure = JSON.parse(stdout);
  return [failure.code, failure.message];
}

test("a pipe or a device is not read by itself, and the process ends", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const cases: [string, RegExp][] = [
    [await makePipe(directory.file("pipe.ts")), /it is a pipe \(FIFO\) and not a file/],
    ["/dev/tty", /it is a device and not a file/],
    ["/dev/zero", /it is a device and not a file/],
  ];
  for (const [path, words] of cases) {
    const [code, message] = await tell("read", path);
    assertEquals(code, "PROTOCOL_BLOCKED", message);
    assertMatch(message, words);
    assertMatch(message, /the option container, .* reads it all the same/);
  }
});

test("a file that the system makes is not waited for, and the process ends", SLOW, async () => {
  // The kernel's log waits for the next line; who may not read it is told so by libav.
  for (const path of ["/proc/kmsg", "/proc/version"]) {
    if (!existsSync(path)) continue;
    const [code, message] = await tell("read", path);
    assertEquals(code, "INVALID_DATA", message);
    assertMatch(message, /the file is empty, or the system makes it while it is read/);
  }
});

test("a pipe or a device is not written to by itself, and the process ends", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const pipe = await makePipe(directory.file("pipe.ts"));
  const [code, message] = await tell("write", pipe);
  assertEquals(code, "WRITE_FAILED", message);
  assertMatch(message, /it is a pipe \(FIFO\) .*option container, .* writes to it all the same/);
});

test("a program that names the container reads and writes pipes", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const film = await makeVideo({ ...SMALL, frames: 10, container: "ts" });
  const pipe = await makePipe(directory.file("pipe"));
  await using feeder = new Child("sh", ["-c", 'cat "$0" > "$1"', film, pipe]);
  await using stream = new VideoStream(pipe, { container: "mpegts" });
  assertEquals((await look(stream, Infinity)).length, 10);
  await feeder.exited;

  const copy = directory.file("copy.ts");
  await using taker = new Child("sh", ["-c", 'cat "$0" > "$1"', pipe, copy]);
  await using writer = new VideoWriter(pipe, { ...SIZE, container: "mpegts", overwrite: true });
  writer.write(PICTURE);
  await within("end", writer.close());
  await taker.exited;
  assertEquals(readFileSync(copy)[0], 0x47);
});

test("a recording is never made into a pipe", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const pipe = await makePipe(directory.file("pipe.ts"));
  await using stream = new VideoStream(await makeVideo({ ...SMALL, frames: 20 }), { pace: true });
  const recording = stream.record(pipe);
  await look(stream, Infinity);
  await within("end", recording.stop());
  assertEquals(recording.files, [directory.file("pipe-1.ts")]);
});

test("a certificate is not read from a pipe or a device, and the process ends", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using server = await startRtmpServer();
  await using front = await startTlsFront(server.port);
  const pipe = await makePipe(directory.file("ca.pem"));
  const reconnect = { maxAttempts: 0 };
  const url = `rtmps://localhost:${front.port}/live/key`;
  const cases: ["read" | "write", VideoStreamOptions & VideoWriterOptions, string][] = [
    ["read", { tls: { caFile: pipe } }, `tls.caFile names a pipe (FIFO) and not a file: ${pipe}`],
    ["write", { tls: { certFile: "/dev/tty" } }, "tls.certFile names a device and not a file"],
    ["read", { tls: { keyFile: directory.path } }, "tls.keyFile names a directory and not a file"],
    ["write", { ffmpeg: { format: { ca_file: pipe } } }, "ffmpeg.format.ca_file names a pipe"],
  ];
  await together(cases, async ([role, options, words]) => {
    const [code, message] = await tell(role, url, { reconnect, ...options });
    assertEquals(code, "TLS_FAILED", message);
    assertStringIncludes(message, words);
  });
});

test("a directory and a file that is not there are what they were", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const begin = performance.now();
  assertEquals((await failureOf(directory.file("missing.ts"))).code, "NOT_FOUND");
  assertEquals((await failureOf(directory.path)).code, "INVALID_DATA");
  await using writer = new VideoWriter(directory.file("no/film.ts"), SIZE);
  writer.write(PICTURE);
  const error = await within("end", rejection(writer.close())) as StreamError;
  assertMatch(error.message, /No such file|NOT_FOUND|ENOENT|not found/i);
  assertLess(performance.now() - begin, 20_000);
});
