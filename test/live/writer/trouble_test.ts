/** Servers and folders that do not take what is written. */

import {
  assert,
  assertArrayIncludes,
  assertEquals,
  assertGreaterOrEqual,
  assertInstanceOf,
  assertLess,
  assertLessOrEqual,
  assertMatch,
} from "@std/assert";
import { chmod, mkdir, readdir, stat, writeFile as writeBytes } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { StreamError, type StreamStatus, VideoWriter } from "../../../mod.ts";
import { startRtmpServer } from "../../support/rtmp_server.ts";
import { rejection, until, within } from "../../support/waiting.ts";
import { SILENT, startWrongCamera } from "../../support/wrong_camera.ts";
import { SLOW, TemporaryDirectory } from "../reading.ts";
import {
  assertAddsUp,
  ending,
  LiveSource,
  noise,
  publishFailure,
  recordingOf,
  scene,
  SMALL_RGB,
  together,
} from "../writing.ts";
import { SmallDisk } from "./small_disk.ts";

test("a server that accepts and never answers: OPEN_TIMEOUT, again and again", SLOW, async () => {
  await using server = await startWrongCamera(SILENT);
  await together([`rtmp://127.0.0.1:${server.port}/live/key`, server.url], async (url) => {
    const writer = new VideoWriter(url, {
      ...SMALL_RGB,
      openTimeout: 400,
      reconnect: { delay: 50 },
    });
    await using _end = ending(writer);
    const recording = recordingOf(writer);
    await using source = new LiveSource(writer);
    await until("a third attempt", () => recording.of("reconnecting").length >= 2);
    for (const { error } of recording.of("reconnecting")) {
      assertEquals([error.code, error.operation], ["OPEN_TIMEOUT", "open"], error.message);
    }
    const [first] = recording.of("connecting");
    const [retry] = recording.of("reconnecting");
    assertGreaterOrEqual(retry!.time - first!.time, 390);
    assertLess(retry!.time - first!.time, 15_000);
    assertEquals([writer.state, source.error], ["reconnecting", undefined]);
    assertLess(source.slowest, 400);
    const closed = await within("end", rejection(writer.close()), 15_000);
    assertInstanceOf(closed, StreamError);
    assertEquals(closed.code, "OPEN_TIMEOUT");
  });
  assertGreaterOrEqual(server.connections, 4);
});

test(
  "a server that stops reading: WRITE_TIMEOUT, and write() goes on all the same",
  SLOW,
  async () => {
    await using server = await startRtmpServer();
    const lost: StreamError[] = [];
    let connects = 0;
    const pictures = noise(8);
    await using writer = new VideoWriter(server.url("live"), {
      ...SMALL_RGB,
      fps: 60,
      // As much as fills the system's buffers within a second or two.
      preset: "ultrafast",
      bitrate: 100_000_000,
      openTimeout: 600,
      writeTimeout: 600,
      reconnect: { delay: 100 },
      onConnect: () => void connects++,
      onDisconnect: (error) => void lost.push(error),
    });
    const events: StreamStatus[] = [];
    void (async () => {
      for await (const event of writer.status()) events.push(event);
    })();
    await using source = new LiveSource(writer, 60, (index) => pictures[index % 8]!);
    await within("ready", writer.ready);
    await until("pictures", () => writer.stats().written > 20);
    const memory = process.memoryUsage().rss;
    let longest = 0;
    const watching = setInterval(() => longest = Math.max(longest, writer.stats().queue), 20);
    try {
      server.pause();
      await until("a disconnection", () => lost.length === 1);
      assertEquals(
        [lost[0]!.code, lost[0]!.operation],
        ["WRITE_TIMEOUT", "write"],
        lost[0]!.message,
      );
      assertEquals(writer.isConnected, false);
      // The system still answers for the server, which does not.
      await until(
        "a timed-out attempt",
        () =>
          events.some((event) =>
            event.type === "reconnecting" && event.error.code === "OPEN_TIMEOUT"
          ),
      );
      const { written, dropped } = writer.stats();
      await until("a hundred pictures that nobody takes", () => {
        return writer.stats().dropped.replaced > dropped.replaced + 100;
      });
      assertEquals(writer.stats().written, written);
      assertEquals([source.error, connects], [undefined, 1]);
      assertLess(source.slowest, 400);
      assertLessOrEqual(longest, 4);
      assertLess(process.memoryUsage().rss - memory, 60e6);
      server.resume();
      await until("another connection", () => connects === 2);
      await until("pictures again", () => writer.stats().written > written + 10);
    } finally {
      clearInterval(watching);
    }
    source.end();
    await within("flush", writer.flush());
    assertAddsUp(writer.stats(), source.count);
    assertEquals(lost.length, 1);
  },
);

test(
  "close() does not wait longer than closeTimeout for a server that stopped reading",
  SLOW,
  async () => {
    await using server = await startRtmpServer();
    const pictures = noise(8);
    const writer = new VideoWriter(server.url("live"), {
      ...SMALL_RGB,
      fps: 60,
      preset: "ultrafast",
      bitrate: 100_000_000,
      closeTimeout: 700,
    });
    await using _end = ending(writer);
    await using source = new LiveSource(writer, 60, (index) => pictures[index % 8]!);
    await within("ready", writer.ready);
    server.pause();
    // A slow encoder replaces pictures too, but goes on writing some.
    let { written, dropped } = writer.stats();
    await until("a writer that is stuck", () => {
      const stats = writer.stats();
      if (stats.written > written) ({ written, dropped } = stats);
      return stats.dropped.replaced > dropped.replaced + 30;
    });
    source.end();
    const begin = performance.now();
    const error = await within("end", rejection(writer.close()), 5_000);
    const took = performance.now() - begin;
    assertInstanceOf(error, StreamError);
    assertEquals(error.code, "WRITE_TIMEOUT", error.message);
    assertGreaterOrEqual(took, 650);
    assertLess(took, 3_000);
    assertEquals(writer.state, "stopped");
    server.resume();
  },
);

test("a queue that blocks refuses while the server takes nothing", SLOW, async () => {
  await using server = await startWrongCamera(SILENT);
  await using writer = new VideoWriter(server.url, {
    ...SMALL_RGB,
    openTimeout: 300,
    queue: { size: 3, policy: "block" },
    reconnect: { delay: 50 },
  });
  const taken = [0, 1, 2, 3, 4].map((index) => writer.write(scene.picture(index)));
  assertEquals(taken, [true, true, true, false, false]);
  await until("an attempt", () => writer.reconnectCount > 0);
  const { queue, dropped } = writer.stats();
  assertEquals([queue, dropped], [3, { replaced: 0, refused: 2, lost: 0 }]);
  const waiting = rejection(writer.drain());
  const closed = await within("end", rejection(writer.close()), 15_000);
  assertInstanceOf(closed, StreamError);
  assertEquals(closed.code, "OPEN_TIMEOUT");
  const error = await within("end of the wait", waiting);
  assertInstanceOf(error, StreamError);
  assertEquals(error.code, "CLOSED");
});

test(
  "places where no file can be made are errors that say so, and are not tried again",
  SLOW,
  async () => {
    await using directory = await TemporaryDirectory.make();
    await using readOnly = await SmallDisk.make("ro");
    if (!readOnly.mounted) await chmod(readOnly.directory.path, 0o555);
    await mkdir(directory.file("folder.mp4"));
    await writeBytes(directory.file("file"), "nothing");
    const places = [
      [directory.file("missing/film.mp4"), /ENOENT|no such/i],
      [directory.file("file/film.mp4"), /ENOTDIR|not a directory/i],
      [directory.file("folder.mp4"), /EISDIR|directory/i],
      [readOnly.directory.file("film.mp4"), /EROFS|EACCES|read-only|denied/i],
    ] as const;
    for (const [path, message] of places) {
      const error = await publishFailure(path, {
        overwrite: true,
        reconnect: { delay: 10, maxAttempts: Infinity },
      });
      assertArrayIncludes(["WRITE_FAILED", "NOT_FOUND"], [error.code], error.message);
      assertEquals([error.operation, error.attempt], ["open", 1]);
      assertMatch(error.message, message);
      assert(error.message.includes(path), error.message);
    }
    assert((await stat(directory.file("folder.mp4"))).isDirectory());
    assertEquals((await readdir(directory.path)).toSorted(), ["file", "folder.mp4"]);
  },
);
