/** What a writer's failure is called where libav has one number for many causes. */

import { assertEquals, assertMatch } from "@std/assert";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdir, symlink } from "node:fs/promises";
import { test } from "node:test";
import type { StreamErrorCode, VideoWriterOptions } from "../../../mod.ts";
import { Listener } from "../../support/listener.ts";
import { startWrongCamera, type WrongCameraOptions } from "../../support/wrong_camera.ts";
import { releaseInUse, TemporaryDirectory } from "../reading.ts";
import { publishFailure, together } from "../writing.ts";

const FINAL: ReadonlySet<StreamErrorCode> = new Set([
  "AUTH_FAILED",
  "OPTION_UNKNOWN",
  "PROTOCOL_BLOCKED",
]);

/** Many threads at once, on a machine that is busy with other tests. */
const PATIENT = { timeout: 200_000 };

async function assertFails(
  url: string,
  code: StreamErrorCode,
  words: RegExp,
  options: VideoWriterOptions = {},
): Promise<void> {
  const error = await publishFailure(url, { openTimeout: 40_000, ...options }, 90_000);
  assertEquals([error.code, error.retryable], [code, !FINAL.has(code)], error.message);
  assertMatch(error.message, words);
}

test("an RTSP server that refuses a stream is told by its answer", PATIENT, async () => {
  const password = /the server (?:asks for|does not permit it without) a user name/;
  const refused = /the server (?:refused the request|has failed): its status is one of/;
  const statuses: [number, StreamErrorCode, RegExp][] = [
    [401, "AUTH_FAILED", password],
    [403, "AUTH_FAILED", password],
    [404, "NOT_FOUND", /not found/],
    [405, "REFUSED", refused],
    [453, "REFUSED", refused],
    [454, "REFUSED", refused],
    [503, "REFUSED", refused],
  ];
  // libav passes no answer to RECORD on.
  const silent = /has refused the stream that was announced, or closed the connection/;
  const rows = statuses.flatMap(([status, code, words]): Row[] => [
    [{ answers: { ANNOUNCE: { status } } }, code, words],
    [{ answers: { SETUP: { status } } }, code, words],
    [{ answers: { RECORD: { status } } }, "REFUSED", silent],
  ]);
  type Row = [WrongCameraOptions, StreamErrorCode, RegExp];
  rows.push(
    [{ answers: { SETUP: { status: 461 } } }, "REFUSED", /refuses the transport "tcp"/],
    [{ answers: { ANNOUNCE: "close" } }, "REFUSED", silent],
    [{ answers: { RECORD: "close" } }, "REFUSED", silent],
    [{ answers: { OPTIONS: "close" } }, "REFUSED", /closed the connection without an answer/],
  );
  await together(rows, async ([options, code, words]) => {
    await using server = await startWrongCamera(options);
    await assertFails(server.url, code, words);
  });
});

test("what answers a writer in the place of an RTSP server is told", PATIENT, async () => {
  await using garbage = await new Listener((socket) => {
    socket.once("data", () => socket.end("garbage\r\n\r\n"));
  }).listen();
  const url = `rtsp://127.0.0.1:${garbage.port}/a`;
  await assertFails(url, "INVALID_DATA", /what answers is not a server of RTSP/);
});

test(
  "an address that a writer listens at, or sends from, and cannot have is told",
  PATIENT,
  async () => {
    await using used = await new Listener(() => {}).listen();
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    const { port } = socket.address();
    const listen = { ffmpeg: { format: { listen: 1 } } };
    const taken = /another program has the address already \(EADDRINUSE\)/;
    const strange = /this machine has no such address \(EADDRNOTAVAIL\)/;
    const rows: [string, StreamErrorCode, RegExp, VideoWriterOptions?][] = [
      [`rtmp://127.0.0.1:${used.port}/live/a`, "REFUSED", taken, listen],
      [`rtmp://192.0.2.7:${used.port}/live/a`, "UNREACHABLE", strange, listen],
      [`srt://127.0.0.1:${port}?mode=listener`, "REFUSED", taken],
      [`srt://127.0.0.1:${port}?mode=nonsense`, "OPTION_UNKNOWN", /the values in the query/],
    ];
    // 4.3 says "I/O error".
    if (await releaseInUse() !== "4.3") {
      rows.push([`udp://127.0.0.1:9?localport=${port}&localaddr=127.0.0.1`, "REFUSED", taken]);
    }
    try {
      await together(rows, ([url, code, words, options]) => assertFails(url, code, words, options));
    } finally {
      socket.close();
    }
  },
);

test(
  "the value of a writer's native option that is not taken is told by its name",
  PATIENT,
  async () => {
    await using directory = await TemporaryDirectory.make();
    await using server = await startWrongCamera({});
    const film = directory.file("film.mp4");
    const rows: [string, string, NonNullable<VideoWriterOptions["ffmpeg"]>][] = [
      [film, "movflags", { format: { movflags: "nonsense" } }],
      [film, "max_delay", { format: { max_delay: "long" } }],
      [film, "bf", { codec: { bf: "many" } }],
      [film, "preset", { codec: { preset: "nonsense" } }],
      [server.url, "rtsp_flags", { format: { rtsp_flags: "nonsense" } }],
      ["rtmp://127.0.0.1:9/live/a", "rtmp_buffer", { format: { rtmp_buffer: "much" } }],
    ];
    for (const [url, name, ffmpeg] of rows) {
      const words = new RegExp(`libav does not take the value of the option ${name}$`);
      await assertFails(url, "OPTION_UNKNOWN", words, { ffmpeg });
    }
    const format = { protocol_whitelist: "tcp" };
    const words = /the native option protocol_whitelist does not allow it/;
    await assertFails(film, "PROTOCOL_BLOCKED", words, { ffmpeg: { format } });
  },
);

test("places that no file can be written to are told", PATIENT, async () => {
  await using directory = await TemporaryDirectory.make();
  const file = (name: string) => directory.file(name);
  await mkdir(file("folder.mp4"));
  await symlink(file("loop.mp4"), file("loop.mp4"));
  const rows: [string, StreamErrorCode, RegExp][] = [
    ["folder.mp4", "WRITE_FAILED", /it is a directory \(EISDIR\)/],
    ["none/film.mp4", "NOT_FOUND", /not found \(ENOENT\)/],
    ["loop.mp4", "NOT_FOUND", /in a circle \(ELOOP\)/],
    [`${"x".repeat(300)}.mp4`, "NOT_FOUND", /name is too long \(ENAMETOOLONG\)/],
  ];
  await together(rows, ([name, code, words]) => {
    return assertFails(file(name), code, words, { overwrite: true });
  });
});
