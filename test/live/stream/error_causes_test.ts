/** libav has one number for many causes; each has its own code and words here. */

import { assertEquals, assertMatch } from "@std/assert";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { type StreamErrorCode, VideoStream, type VideoStreamOptions } from "../../../mod.ts";
import { cameraH264 } from "../../support/elementary.ts";
import { Listener } from "../../support/listener.ts";
import { makeVideo } from "../../support/media.ts";
import { within } from "../../support/waiting.ts";
import { startWrongCamera, type WrongCameraOptions } from "../../support/wrong_camera.ts";
import { type Route, startWrongWeb } from "../../support/wrong_web.ts";
import { failureOf, releaseInUse, SMALL, TemporaryDirectory } from "../reading.ts";
import { together } from "../writing.ts";

const FINAL: ReadonlySet<StreamErrorCode> = new Set([
  "OPTION_UNKNOWN",
  "PROTOCOL_BLOCKED",
  "UNSUPPORTED_CODEC",
]);

/** Releases that say less: "I/O error" of UDP, and a connection that is refused of a redirection. */
const VAGUE: ReadonlySet<string> = new Set(["4.3"]);

/** Many threads at once, on a machine that is busy with other tests. */
const PATIENT = { timeout: 200_000 };

async function assertFails(
  url: string,
  code: StreamErrorCode,
  words: RegExp,
  options: VideoStreamOptions = {},
): Promise<void> {
  const error = await failureOf(url, { openTimeout: 40_000, ...options }, 90_000);
  assertEquals([error.code, error.retryable], [code, !FINAL.has(code)], error.message);
  assertMatch(error.message, words);
}

function answer(status: number, headers: Record<string, string>, body = ""): Route {
  return async (exchange) => {
    exchange.head(status, headers);
    await exchange.write(body);
  };
}

test(
  "the value of a native option that libav does not take is told by its name",
  PATIENT,
  async () => {
    const film = await makeVideo(SMALL);
    await using camera = await startWrongCamera({ footage: await cameraH264() });
    await using web = await startWrongWeb({ "/": answer(404, {}) });
    const rows: [string, string, NonNullable<VideoStreamOptions["ffmpeg"]>][] = [
      [film, "probesize", { format: { seek2any: 1, probesize: "plenty" } }],
      [film, "probesize", { format: { probesize: 1 } }],
      [film, "fflags", { format: { fflags: "nonsense" } }],
      [film, "ignore_editlist", { format: { ignore_editlist: "perhaps" } }],
      [film, "threads", { codec: { threads: "many" } }],
      [film, "skip_frame", { codec: { flags: "low_delay", skip_frame: "nonsense" } }],
      [camera.url, "rtsp_flags", { format: { rtsp_flags: "nonsense" } }],
      [camera.url, "reorder_queue_size", { format: { max_delay: 0, reorder_queue_size: "many" } }],
      [camera.url, "min_port", { format: { min_port: 70_000 } }],
      [web.at("/"), "multiple_requests", { format: { multiple_requests: "perhaps" } }],
    ];
    await together(rows, ([url, name, ffmpeg]) => {
      const words = new RegExp(`libav does not take the value of the option ${name}$`);
      return assertFails(url, "OPTION_UNKNOWN", words, { ffmpeg });
    });
    assertEquals(camera.connections, 0);
  },
);

test("what a list of the program's own does not allow is PROTOCOL_BLOCKED", PATIENT, async () => {
  const film = await makeVideo(SMALL);
  const format = { protocol_blacklist: "file" };
  for (const [name, value] of Object.entries({ ...format, format_whitelist: "flv" })) {
    const words = new RegExp(`the native option ${name} does not allow it`);
    await assertFails(film, "PROTOCOL_BLOCKED", words, { ffmpeg: { format: { [name]: value } } });
  }
});

test("paths that lead to no film say what is there", PATIENT, async () => {
  await using directory = await TemporaryDirectory.make();
  const file = (name: string) => directory.file(name);
  await writeFile(file("empty.mp4"), "");
  for (const name of ["text.jpg", "text.png", "text.txt"]) {
    await writeFile(file(name), "This is not a picture.\n".repeat(500));
  }
  await mkdir(file("folder.mp4"));
  await symlink(file("loop.mp4"), file("loop.mp4"));
  const rows: [string, StreamErrorCode, RegExp, VideoStreamOptions?][] = [
    ["empty.mp4", "INVALID_DATA", /the file is empty/],
    ["text.jpg", "INVALID_DATA", /nothing that is known is in it/],
    ["text.png", "INVALID_DATA", /nothing that is known is in it/],
    ["text.txt", "INVALID_DATA", /nothing that is known is in it/],
    ["folder.mp4", "INVALID_DATA", /it is a directory \(EISDIR\)/],
    ["empty.mp4/film.mp4", "NOT_FOUND", /not a directory \(ENOTDIR\)/],
    ["loop.mp4", "NOT_FOUND", /in a circle \(ELOOP\)/],
    [`${"x".repeat(300)}.mp4`, "NOT_FOUND", /name is too long \(ENAMETOOLONG\)/],
    ["text.txt", "INVALID_DATA", /it ends before|not a valid media/, { container: "flv" }],
    ["text.txt", "INVALID_DATA", /as "rawvideo".*video_size/, { container: "rawvideo" }],
  ];
  await together(rows, ([name, code, words, options]) => {
    return assertFails(file(name), code, words, options);
  });
});

test("what a web server sends in the place of a stream is told", PATIENT, async () => {
  const list = "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nnothing.ts\n#EXT-X-ENDLIST\n";
  const rows: Record<string, [Route, StreamErrorCode, RegExp]> = {
    "/page": [
      answer(200, { "Content-Type": "text/html; charset=utf-8" }, "<!doctype html><p>Log in</p>"),
      "INVALID_DATA",
      /the server sent no video but a text \(text\/html\)/,
    ],
    "/json": [
      answer(200, { "Content-Type": "application/json" }, '{"error":"no such camera"}'),
      "INVALID_DATA",
      /the server sent no video but a text \(application\/json\)/,
    ],
    "/empty": [answer(200, { "Content-Length": "0" }), "INVALID_DATA", /the server sent nothing/],
    "/list.m3u8": [
      answer(200, { "Content-Type": "application/vnd.apple.mpegurl" }, list),
      "NOT_FOUND",
      /the segments that its playlist names cannot be read: not found \(404\)/,
    ],
    "/long.m3u8": [
      answer(200, {}, list.replace(/#EXTINF.*\n.*\n/, (segment) => segment.repeat(20_000))),
      "NOT_FOUND",
      /the segments that its playlist names cannot be read: not found \(404\)/,
    ],
    "/none.m3u8": [
      answer(200, {}, list.replace(/#EXTINF.*\n.*\n/, "")),
      "NO_VIDEO",
      /its playlist names no segments/,
    ],
    "/text.jpg": [
      answer(200, { "Content-Type": "image/jpeg" }, "not a picture"),
      "INVALID_DATA",
      /nothing that is known is in it/,
    ],
    "/circle": [
      answer(302, { Location: "/circle" }),
      "INVALID_DATA",
      /the server redirects, and that leads to no stream/,
    ],
  };
  if (!VAGUE.has(await releaseInUse())) {
    rows["/to-file"] = [
      answer(302, { Location: "file:///etc/hostname" }),
      "PROTOCOL_BLOCKED",
      /the server redirects to "file", which is not allowed/,
    ];
  }
  const routes = Object.entries(rows).map(([path, [route]]) => [path, route]);
  await using web = await startWrongWeb(Object.fromEntries(routes));
  await together(Object.entries(rows), ([path, [_, code, words]]) => {
    return assertFails(web.at(path), code, words);
  });
});

test("what answers in the place of a server is told", PATIENT, async () => {
  await using closing = await new Listener((socket) => {
    socket.once("data", () => socket.destroy());
  }).listen();
  await using garbage = await new Listener((socket) => {
    socket.once("data", () => socket.end("garbage\r\n\r\n"));
  }).listen();
  await using web = await startWrongWeb({ "/": answer(400, {}) });
  const closed = /the server closed the connection without an answer/;
  const rows: [string, StreamErrorCode, RegExp][] = [
    [`rtsp://127.0.0.1:${closing.port}/a`, "REFUSED", closed],
    [`http://127.0.0.1:${closing.port}/a`, "REFUSED", closed],
    [`rtsp://127.0.0.1:${garbage.port}/a`, "INVALID_DATA", /is not a server of RTSP \(/],
    [`http://127.0.0.1:${garbage.port}/a`, "INVALID_DATA", /is not a server of HTTP \(/],
    [`https://127.0.0.1:${garbage.port}/a`, "TLS_FAILED", /the TLS handshake failed/],
    [`rtsp://127.0.0.1:${web.port}/a`, "INVALID_DATA", /not a server of RTSP, but one of HTTP/],
  ];
  await together(rows, ([url, code, words]) => assertFails(url, code, words));
});

test("an RTSP server that fails without an error is told by what it does", PATIENT, async () => {
  const footage = await cameraH264();
  const change = (line: string) => (lines: string[]) => [...lines, line];
  const rows: [WrongCameraOptions, StreamErrorCode, RegExp][] = [
    [{ answers: { DESCRIBE: { body: "" } } }, "INVALID_DATA", /no description.*\(SDP\)/],
    [{ answers: { SETUP: "close" } }, "INVALID_DATA", /answers DESCRIBE, but not all/],
    [{ answers: { PLAY: "close" } }, "REFUSED", /has not begun to send/],
    [{ transports: [] }, "REFUSED", /refuses to send over TCP and over UDP/],
    [
      { sdp: { change: change("a=framesize:96 100000-100000") } },
      "UNSUPPORTED_CODEC",
      /its pictures are 100000x100000/,
    ],
  ];
  if (!VAGUE.has(await releaseInUse())) {
    const headers = { Location: "file:///etc/hostname" };
    const elsewhere = { answers: { DESCRIBE: { status: 302, headers } } };
    rows.push([elsewhere, "PROTOCOL_BLOCKED", /the server redirects to "file"/]);
  }
  await together(rows, async ([options, code, words]) => {
    await using camera = await startWrongCamera({ footage, ...options });
    await assertFails(camera.url, code, words);
  });
  for (const line of ["a=framesize:96 nonsense", "a=framesize:96 -5--5", "a=framesize:96"]) {
    await using camera = await startWrongCamera({ footage, sdp: { change: change(line) } });
    await using stream = new VideoStream(camera.url);
    assertEquals((await within("a frame", stream.next())).width, 320, line);
  }
});

test("an address to listen at that cannot be had is told", PATIENT, async () => {
  await using used = await new Listener(() => {}).listen();
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const listen = { ffmpeg: { format: { rtsp_flags: "listen" } } };
  const taken = /another program has the address already \(EADDRINUSE\)/;
  const strange = /this machine has no such address \(EADDRNOTAVAIL\)/;
  const { port } = socket.address();
  const rows: [string, StreamErrorCode, RegExp, VideoStreamOptions?][] = [
    [`rtsp://127.0.0.1:${used.port}/a`, "REFUSED", taken, listen],
    [`rtsp://192.0.2.7:${used.port}/a`, "UNREACHABLE", strange, listen],
    [`srt://127.0.0.1:${port}?mode=listener`, "REFUSED", taken],
    [`srt://127.0.0.1:${port}?mode=nonsense`, "OPTION_UNKNOWN", /the values in the query/],
  ];
  if (!VAGUE.has(await releaseInUse())) {
    const interfaces = /no such network interface/;
    rows.push(
      [`udp://127.0.0.1:${port}`, "REFUSED", taken],
      [`udp://239.1.1.1:${port}?localaddr=192.0.2.7`, "UNREACHABLE", interfaces],
    );
  }
  try {
    await together(rows, ([url, code, words, options]) => assertFails(url, code, words, options));
  } finally {
    socket.close();
  }
});
