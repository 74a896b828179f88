/** Servers and disks that do not take what is written, and programs that write the wrong thing. */

import {
  assert,
  assertArrayIncludes,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { chmod, mkdir, readdir, stat, writeFile as writeBytes } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import {
  Frame,
  FrameReleasedError,
  StreamError,
  type StreamStatus,
  VideoWriter,
  type VideoWriterOptions,
} from "../../../mod.ts";
import { Child } from "../../support/child.ts";
import { playable } from "../../support/probe.ts";
import { startRtmpServer } from "../../support/rtmp_server.ts";
import { SILENT, startWrongCamera } from "../../support/wrong_camera.ts";
import { rejection } from "../lifecycle.ts";
import { SLOW, TemporaryDirectory, until, within } from "../reading.ts";
import {
  assertAddsUp,
  ending,
  LiveSource,
  noise,
  publishFailure,
  recordingOf,
  scene,
  SMALL,
  together,
  writeAll,
} from "../writing.ts";

test("a server that accepts and never answers: OPEN_TIMEOUT, again and again", SLOW, async () => {
  await using server = await startWrongCamera(SILENT);
  await together([`rtmp://127.0.0.1:${server.port}/live/key`, server.url], async (url) => {
    await using writer = new VideoWriter(url, {
      ...SMALL,
      openTimeout: 400,
      reconnect: { delay: 50 },
    });
    const recording = recordingOf(writer);
    await using source = new LiveSource(writer);
    await until("a third attempt", () => recording.of("reconnecting").length >= 2);
    for (const { error } of recording.of("reconnecting")) {
      assertEquals([error.code, error.operation], ["OPEN_TIMEOUT", "open"], error.message);
    }
    const [first] = recording.of("connecting");
    const [retry] = recording.of("reconnecting");
    assertGreaterOrEqual(retry.time - first.time, 390);
    assertLess(retry.time - first.time, 3_000);
    assertEquals([writer.state, source.error], ["reconnecting", undefined]);
    assertLess(source.slowest, 400);
    await within("end", writer.close(), 5_000);
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
      ...SMALL,
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
    await using source = new LiveSource(writer, 60, (index) => pictures[index % 8]);
    await within("ready", writer.ready);
    await until("pictures", () => writer.stats().written > 20);
    const memory = process.memoryUsage().rss;
    let longest = 0;
    const watching = setInterval(() => longest = Math.max(longest, writer.stats().queue), 20);
    try {
      server.pause();
      await until("a disconnection", () => lost.length === 1);
      assertEquals([lost[0].code, lost[0].operation], ["WRITE_TIMEOUT", "write"], lost[0].message);
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
      ...SMALL,
      fps: 60,
      preset: "ultrafast",
      bitrate: 100_000_000,
      closeTimeout: 700,
    });
    await using _end = ending(writer);
    await using source = new LiveSource(writer, 60, (index) => pictures[index % 8]);
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
    await within("end", writer.close(), 5_000);
    const took = performance.now() - begin;
    assertGreaterOrEqual(took, 650);
    assertLess(took, 3_000);
    assertEquals(writer.state, "stopped");
    server.resume();
  },
);

test("a queue that blocks refuses while the server takes nothing", SLOW, async () => {
  await using server = await startWrongCamera(SILENT);
  await using writer = new VideoWriter(server.url, {
    ...SMALL,
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
  await within("end", writer.close(), 5_000);
  const error = await within("end of the wait", waiting);
  assertInstanceOf(error, StreamError);
  assertEquals(error.code, "CLOSED");
});

/** A place that is full after a quarter of a megabyte, or at once where none can be made. */
class SmallDisk implements AsyncDisposable {
  readonly directory: TemporaryDirectory;
  readonly mounted: boolean;

  private constructor(directory: TemporaryDirectory, mounted: boolean) {
    this.directory = directory;
    this.mounted = mounted;
  }

  static async make(...options: string[]): Promise<SmallDisk> {
    const directory = await TemporaryDirectory.make();
    const how = ["size=256k", ...options].join(",");
    await using mount = new Child("mount", ["-t", "tmpfs", "-o", how, "none", directory.path]);
    return new SmallDisk(directory, (await mount.exited).code === 0);
  }

  get file(): string {
    return this.mounted ? this.directory.file("film.mp4") : "/dev/full";
  }

  get options(): VideoWriterOptions {
    return this.mounted ? {} : { container: "mp4", overwrite: true };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.mounted) {
      await using umount = new Child("umount", ["-l", this.directory.path]);
      await umount.exited;
    }
    await this.directory[Symbol.asyncDispose]();
  }
}

test("a disk that fills up in mid-film ends the writer, which says so", SLOW, async () => {
  await using disk = await SmallDisk.make();
  const failures: StreamError[] = [];
  const pictures = noise(4);
  const writer = new VideoWriter(disk.file, {
    ...SMALL,
    ...disk.options,
    tune: "zerolatency",
    preset: "ultrafast",
    reconnect: { delay: 10 },
    onReconnectFailure: (error) => void failures.push(error),
  });
  await using _end = ending(writer);
  const recording = recordingOf(writer);
  const error = await within(
    "an error",
    rejection((async () => {
      for (let index = 0;; index++) {
        await writer.drain();
        writer.write(pictures[index % 4]);
      }
    })()),
  );
  assertInstanceOf(error, StreamError);
  assertEquals([error.code, error.operation], ["WRITE_FAILED", "write"], error.message);
  assertMatch(error.message, /ENOSPC|no space/i);
  assertStrictEquals(writer.lastError, error);
  assertEquals([writer.state, writer.reconnectCount], ["failed", 0]);
  await within("end of the status", recording.ended);
  assertEquals(recording.story, "connecting connected disconnected failed");
  assertEquals(failures, [error]);
  assertStrictEquals(assertThrows(() => writer.write(pictures[0])), error);
  const { written, queue, dropped } = writer.stats();
  assertGreater(written + dropped.lost + queue, 0);
  // It was told.
  assertStrictEquals(await rejection(writer.close()), undefined);
});

test("a film that does not fit any more at its end is an error of close()", SLOW, async () => {
  await using disk = await SmallDisk.make();
  const pictures = noise(4);
  const writer = new VideoWriter(disk.file, { ...SMALL, ...disk.options, preset: "ultrafast" });
  await using _end = ending(writer);
  await within("ready", writer.ready);
  // What libx264 holds back is more than the disk has.
  for (let index = 0; index < 12; index++) {
    await within("a place", writer.drain());
    writer.write(pictures[index % 4]);
  }
  const error = await within("end", rejection(writer.close()));
  assertInstanceOf(error, StreamError, "close() said that all is well");
  assertEquals([error.code, error.operation], ["WRITE_FAILED", "write"], error.message);
  assertStrictEquals(writer.lastError, error);
  assertEquals(writer.state, "failed");
});

test("what happened to a film is known after close()", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  const writer = new VideoWriter(path, SMALL);
  await using _end = ending(writer);
  await writeAll(writer, 5);
  assertStrictEquals(await rejection(within("end", writer.close())), undefined);
  assertEquals([writer.state, writer.lastError], ["stopped", undefined]);
  assert(await playable(path));
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

function frameOf(format: "rgb24" | "gray8", width = 320, height = 180): Frame {
  const data = new Uint8Array(width * height * (format === "gray8" ? 1 : 3)).fill(90);
  return new Frame(data, {
    width,
    height,
    format,
    index: 0,
    connection: 1,
    pts: 0,
    keyframe: true,
    arrivalTime: Date.now(),
  });
}

test("what is no picture is a TypeError that says what is expected", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.file("film.mp4");
  await using writer = new VideoWriter(path, { width: 320, height: 180, format: "rgb24" });
  const bytes = 320 * 180 * 3;
  for (const length of [0, 1, bytes - 1, bytes + 1, 320 * 180]) {
    const error = assertThrows(() => writer.write(new Uint8Array(length)), TypeError);
    assertMatch(error.message, new RegExp(`${length} bytes.*320x180.*rgb24.*${bytes}`));
  }
  // deno-lint-ignore no-explicit-any
  const others: any[] = [undefined, null, "picture", 5, [1, 2], new Float32Array(bytes), {}];
  for (const other of others) assertThrows(() => writer.write(other), TypeError);
  const gray = assertThrows(() => writer.write(frameOf("gray8")), TypeError);
  assertMatch(gray.message, /gray8.*rgb24/);
  const released = frameOf("rgb24");
  released[Symbol.dispose]();
  assertThrows(() => writer.write(released), FrameReleasedError);
  assertEquals([writer.state, writer.stats().queue], ["idle", 0]);
  // None of this harms what comes after it.
  await writeAll(writer, 3);
  assertThrows(() => writer.write(new Uint8Array(7)), TypeError);
  assertThrows(() => writer.write(frameOf("gray8")), TypeError);
  await writeAll(writer, 3);
  await within("end", writer.close());
  assertEquals([writer.stats().written, writer.lastError], [6, undefined]);
});

test("bytes need a size, which may be that of a Frame before them", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  const sizes: VideoWriterOptions[] = [{}, { width: 320 }, { height: 180 }, { format: "rgb24" }];
  for (const [i, options] of sizes.entries()) {
    await using writer = new VideoWriter(directory.file(`${i}.mp4`), options);
    const error = assertThrows(() => writer.write(scene.picture(0)), TypeError);
    assertMatch(error.message, /width and height/);
  }
  await using writer = new VideoWriter(directory.file("film.mp4"));
  assert(writer.write(frameOf("rgb24")));
  assert(writer.write(scene.picture(1)));
  await within("end", writer.close());
  assertEquals(writer.stats().written, 2);
});

test("frames of one format only: that of the first, or of the option", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using first = new VideoWriter(directory.file("first.mp4"));
  assert(first.write(frameOf("gray8")));
  assertMatch(assertThrows(() => first.write(frameOf("rgb24")), TypeError).message, /rgb24.*gray8/);
  await using option = new VideoWriter(directory.file("option.mp4"), { format: "gray8" });
  assertThrows(() => option.write(frameOf("rgb24")), TypeError);
  assert(option.write(frameOf("gray8")));
  await within("ends", Promise.all([first.close(), option.close()]));
  assertEquals([first.stats().written, option.stats().written], [1, 1]);
});
