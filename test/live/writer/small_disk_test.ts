/** Disks that fill up. */

import {
  assert,
  assertEquals,
  assertGreater,
  assertInstanceOf,
  assertMatch,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { test } from "node:test";
import { StreamError, VideoWriter } from "../../../mod.ts";
import { playable } from "../../support/probe.ts";
import { rejection, within } from "../../support/waiting.ts";
import { SLOW, TemporaryDirectory } from "../reading.ts";
import { ending, noise, recordingOf, SMALL_RGB, writeAll } from "../writing.ts";
import { SmallDisk } from "./small_disk.ts";

test("a disk that fills up in mid-film ends the writer, which says so", SLOW, async () => {
  await using disk = await SmallDisk.make();
  const failures: StreamError[] = [];
  const pictures = noise(4);
  const writer = new VideoWriter(disk.file, {
    ...SMALL_RGB,
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
        writer.write(pictures[index % 4]!);
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
  assertStrictEquals(assertThrows(() => writer.write(pictures[0]!)), error);
  const { written, queue, dropped } = writer.stats();
  assertGreater(written + dropped.lost + queue, 0);
  // It was told.
  assertStrictEquals(await rejection(writer.close()), undefined);
});

test("a film that does not fit any more at its end is an error of close()", SLOW, async () => {
  await using disk = await SmallDisk.make();
  const pictures = noise(4);
  const writer = new VideoWriter(disk.file, { ...SMALL_RGB, ...disk.options, preset: "ultrafast" });
  await using _end = ending(writer);
  await within("ready", writer.ready);
  // What libx264 holds back is more than the disk has.
  for (let index = 0; index < 12; index++) {
    await within("a place", writer.drain());
    writer.write(pictures[index % 4]!);
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
  const writer = new VideoWriter(path, SMALL_RGB);
  await using _end = ending(writer);
  await writeAll(writer, 5);
  assertStrictEquals(await rejection(within("end", writer.close())), undefined);
  assertEquals([writer.state, writer.lastError], ["stopped", undefined]);
  assert(await playable(path));
});
