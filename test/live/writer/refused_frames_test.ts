/** Programs that write the wrong thing. */

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { test } from "node:test";
import { Frame, FrameReleasedError, VideoWriter, type VideoWriterOptions } from "../../../mod.ts";
import { within } from "../../support/waiting.ts";
import { SLOW, TemporaryDirectory } from "../reading.ts";
import { scene, writeAll } from "../writing.ts";

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

test("a Frame that has changed since it was made is checked again", SLOW, async () => {
  await using directory = await TemporaryDirectory.make();
  await using writer = new VideoWriter(directory.file("film.mp4"));
  const fields = {
    width: 320,
    height: 180,
    format: "rgb24" as const,
    index: 0,
    connection: 1,
    pts: 0,
    keyframe: true,
    arrivalTime: Date.now(),
  };
  const grown = new Frame(scene.picture(0), fields);
  fields.width = 3_200;
  assertThrows(() => writer.write(grown), TypeError, "172800 bytes: 3200x180 in rgb24 has 1728000");
  fields.width = -64;
  assertThrows(() => writer.write(grown), RangeError, "width");
  const moved = frameOf("rgb24");
  structuredClone(moved.data, { transfer: [moved.data.buffer] });
  assertThrows(() => writer.write(moved), FrameReleasedError, "its buffer was transferred");
  assertEquals([writer.state, writer.stats().queue], ["idle", 0]);
});
