/** Cameras that join and leave a group, streams that others read as well, and what is refused. */

import {
  assert,
  assertEquals,
  assertGreater,
  assertInstanceOf,
  assertLess,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type FrameSet,
  StreamError,
  StreamGroup,
  type StreamGroupOptions,
  type StreamSource,
  VideoStream,
} from "../../../mod.ts";
import { startCamera } from "../../support/camera.ts";
import { makeVideo } from "../../support/media.ts";
import { share } from "../../support/numbers.ts";
import { rejection, timed, until, within } from "../../support/waiting.ts";
import {
  assertBack,
  Follower,
  holdings,
  Notes,
  QUICK,
  SMALL_CAMERA,
  warmUp,
} from "../lifecycle.ts";
import { SLOW, streamError } from "../reading.ts";
import { assertInOrder, note, setsUntil, takeSets } from "../rigs.ts";

const NOWHERE = "rtsp://127.0.0.1:1/stream";

test("streams that are given have their own readers beside the group", SLOW, async () => {
  await using left = await startCamera(SMALL_CAMERA);
  await using right = await startCamera(SMALL_CAMERA);
  const given = new VideoStream(left.url, { ...QUICK, buffers: 9 });
  await using rig = new StreamGroup({ left: given, right: { url: right.url, ...QUICK } });
  assertStrictEquals(rig.streams.left, given);
  const loop = new Follower(given);
  const other = new Follower(given);
  const sets = await takeSets(rig, 60);
  await loop.more(30);
  const newest = given.read();
  assert(newest && newest.index >= (loop.last?.index ?? 0) - 1);
  for (const follower of [loop, other]) {
    follower.assertIncreasing();
    // Nobody takes frames away from the others.
    const { frames } = follower;
    const steps = frames.slice(1).map(({ index }, i) => index - frames[i]!.index);
    assertGreater(share(steps, (step) => step <= 2), 0.8, steps.join(" "));
  }
  assertInOrder(sets);
  const indexes = sets.map(({ pictures }) => pictures.left!.index);
  const steps = indexes.slice(1).map((index, i) => index - indexes[i]!);
  assertGreater(share(steps, (step) => step <= 2), 0.8, steps.join(" "));
  assertEquals(left.count("CONNECT"), 1);
  // The group has the say over it.
  await rig.stop();
  assertEquals([given.state, await loop.ended, await other.ended], [
    "stopped",
    undefined,
    undefined,
  ]);
});

test("a group may have streams that run already, and two groups the same one", SLOW, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  await using stream = new VideoStream(camera.url, { ...QUICK, buffers: 9 }).start();
  await within("ready", stream.ready);
  await using one = new StreamGroup({ camera: stream });
  await using two = new StreamGroup({ camera: stream }, { sync: "latest" });
  const [first, second] = await Promise.all([takeSets(one, 20), takeSets(two, 20)]);
  assertInOrder(first);
  assertInOrder(second);
  for (const { skew } of [...first, ...second]) assertEquals(skew, 0);
  assertEquals(camera.count("CONNECT"), 1);
});

test("cameras join and leave while a loop runs", SLOW, async () => {
  await using a = await startCamera(SMALL_CAMERA);
  await using b = await startCamera(SMALL_CAMERA);
  await using c = await startCamera(SMALL_CAMERA);
  await using given = new VideoStream(c.url, { ...QUICK, buffers: 9 });
  await using rig = new StreamGroup<string>({ a: { url: a.url, ...QUICK } });
  const sets: FrameSet[] = [];
  let names = "";
  const loop = (async () => {
    for await (const set of rig) {
      sets.push(set as FrameSet);
      names = Object.keys(set.frames).join();
    }
  })();
  await until("sets of one", () => names === "a");

  const added = rig.add("b", { url: b.url, ...QUICK });
  assertInstanceOf(added, VideoStream);
  assertStrictEquals(rig.streams.b, added);
  rig.add("c", given);
  await until("sets of three", () => names === "a,b,c");

  const last = sets[sets.length - 1]!;
  const { b: owned } = last.frames;
  const leaving = rig.remove("b");
  assertEquals([owned?.released, Object.keys(rig.streams)], [true, ["a", "c"]]);
  await leaving;
  assertEquals(added.state, "stopped");
  await until("sets of two", () => names === "a,c");

  // A stream that was given goes on, and can come back.
  const { c: kept } = sets[sets.length - 1]!.frames;
  await rig.remove("c");
  // But its frame is no member's any more.
  assertEquals(kept?.released, true);
  await until("sets of one", () => names === "a");
  assertEquals(given.state, "streaming");
  assert((await within("frame", given.next())).data.length > 0);
  rig.add("b", given);
  await until("sets of two", () => names === "a,b");
  assertEquals(c.count("CONNECT"), 1);
  assertEquals(Object.keys(rig.stats().members), ["a", "b"]);

  await rig.remove("a");
  await rig.remove("b");
  const count = sets.length;
  await sleep(200);
  // No cameras make no sets, and are no end.
  assertLess(sets.length - count, 2);
  rig.add("again", given);
  await until("sets again", () => names === "again");
  await rig.stop();
  await within("end of the loop", loop);
  assertEquals(given.state, "stopped");
});

test("a camera that joins is waited for, or not, as the others are", SLOW, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  const members = { here: { url: camera.url, ...QUICK } };
  await using waiting = new StreamGroup<string>(members);
  await using omitting = new StreamGroup<string, "omit">(members, { whenMissing: "omit" });
  await Promise.all([takeSets(waiting, 5), takeSets(omitting, 5)]);
  waiting.add("away", NOWHERE);
  omitting.add("away", NOWHERE);
  const sets = await takeSets(omitting, 5);
  assertEquals(sets.at(-1)?.missing, ["away"]);
  const error = await streamError("next", waiting.next({ timeout: 500 }));
  assertEquals(error.code, "WAIT_TIMEOUT");
  const next = waiting.next();
  await sleep(100);
  await waiting.remove("away");
  // Whoever waits hears of it.
  assertEquals((await within("set without it", next)).missing, []);
});

test("a stream that is over ends the sets of a group that it joins", SLOW, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  await using over = new VideoStream(NOWHERE);
  await over.stop();
  for (const early of [true, false]) {
    await using rig = new StreamGroup<string>({ here: { url: camera.url, ...QUICK } });
    if (early) rig.add("over", over);
    else await takeSets(rig, 5);
    camera.pause();
    await sleep(300);
    while (!early && await rejection(rig.next({ timeout: 100 })) === undefined);
    const next = streamError("next", rig.next(), 5_000);
    if (!early) rig.add("over", over);
    const begin = performance.now();
    assertEquals((await next).code, "END_OF_STREAM", early ? "before" : "while somebody waits");
    assertLess(performance.now() - begin, 2_000);
    camera.resume();
  }
});

test("what is wrong is refused at once, by name", () => {
  const stream = new VideoStream(NOWHERE);
  const rows: [() => unknown, typeof TypeError | typeof RangeError, string][] = [
    [
      () => new StreamGroup({ left: stream, right: stream }),
      TypeError,
      'Cannot add "right": its stream is in the group already',
    ],
    [
      () => new StreamGroup<string>({ left: NOWHERE }).add("left", NOWHERE),
      TypeError,
      'Cannot add "left": the group has a camera of that name',
    ],
    [
      () => new StreamGroup({ left: 5 as unknown as StreamSource }),
      TypeError,
      'the camera "left" must be a URL, an object with a url, or a VideoStream',
    ],
    [() => new StreamGroup({ left: null as unknown as StreamSource }), TypeError, '"left" must be'],
    [() => new StreamGroup({ left: {} as StreamSource }), TypeError, "an object with a url"],
    [
      () => new StreamGroup([NOWHERE] as unknown as Record<string, StreamSource>),
      TypeError,
      "members must be an object of names and cameras",
    ],
    [
      () => new StreamGroup(null as unknown as Record<string, StreamSource>),
      TypeError,
      "members must be an object of names and cameras",
    ],
    [() => new StreamGroup({ left: "rstp://camera/" }), TypeError, 'url has the scheme "rstp"'],
    [
      () => new StreamGroup({ left: { url: NOWHERE, bufers: 3 } as StreamSource }),
      TypeError,
      'unknown option "bufers"; did you mean "buffers"?',
    ],
    [() => new StreamGroup({ left: { url: NOWHERE, buffers: 1 } }), RangeError, "buffers must be"],
    [
      () => new StreamGroup({ left: NOWHERE }, { sync: "time" } as unknown as StreamGroupOptions),
      RangeError,
      "sync must be one of",
    ],
    [() => new StreamGroup({}).read({ maxAge: -1 }), RangeError, "read.maxAge must be"],
    [
      () => new StreamGroup({}).read({ maxage: 5 } as Record<string, number>),
      TypeError,
      'unknown option "read.maxage"; did you mean "maxAge"?',
    ],
  ];
  for (const [call, type, message] of rows) assertThrows(call, type, message, message);
});

test("what is wrong in a call is what its promise rejects with", async () => {
  const rig = new StreamGroup<string>({ left: NOWHERE });
  await assertRejects(
    () => rig.remove("right"),
    TypeError,
    'Cannot remove "right": the group has no camera of that name',
  );
  await assertRejects(() => rig.next({ timeout: -1 }), RangeError, "next.timeout must be");
  const wrong = { timeuot: 5 } as Record<string, number>;
  await assertRejects(() => rig.next(wrong), TypeError, 'did you mean "timeout"?');
  await assertRejects(() => rig.sets(wrong).next(), TypeError, 'unknown option "sets.timeuot"');
  // Nothing of it has started anything.
  assertEquals(rig.streams.left!.state, "idle");
});

test("a group that could not be made leaves a stream as it was", SLOW, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  await using stream = new VideoStream(camera.url, QUICK);
  assertThrows(() => new StreamGroup({ stream, wrong: "nonsense://" }), TypeError);
  assertEquals(stream.state, "idle");
  await using rig = new StreamGroup({ stream });
  assertEquals((await takeSets(rig, 3)).length, 3);
});

test("a group that was stopped cannot be used again, and says so", SLOW, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  const rig = new StreamGroup<string>({ camera: { url: camera.url, ...QUICK } });
  await takeSets(rig, 3);
  const calls = [rig.stop(), rig.stop(), rig[Symbol.asyncDispose]()];
  assertLess(await timed(Promise.all(calls)), 2_000);
  for (const call of [() => rig.start(), () => rig.add("more", NOWHERE)]) {
    const error = assertThrows(call, StreamError, "it was stopped; make a new one");
    assertEquals(error.code, "CLOSED");
  }
  assertEquals((await streamError("next", rig.next())).code, "CLOSED");
  assertEquals([await takeSets(rig, 1), rig.read()], [[], null]);
  // What it has counted stays.
  assertGreater(rig.stats().sets, 2);
  const early = new StreamGroup({ camera: { url: camera.url } });
  await early.stop();
  assertThrows(() => early.start(), StreamError, "it was stopped");
  assertEquals(camera.count("CONNECT"), 1);
});

test("aborting its signal stops a group, before and after its start", SLOW, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  await warmUp();
  const before = holdings();
  const early = new StreamGroup({ camera: camera.url }, { signal: AbortSignal.abort() });
  assertEquals((await streamError("next", early.next())).code, "CLOSED");
  assertEquals([early.read(), early.streams.camera.state], [null, "stopped"]);

  const controller = new AbortController();
  const { signal } = controller;
  await using rig = new StreamGroup({ camera: { url: camera.url, ...QUICK } }, { signal });
  const loop = setsUntil("sets", rig, (_, notes) => {
    if (notes.length === 5) controller.abort();
    return false;
  });
  const sets = await within("end of the loop", loop);
  assert(sets.length >= 5 && sets.length < 8, String(sets.length));
  assertEquals(rig.read(), null);
  await rig.stop();
  assertEquals(rig.streams.camera.state, "stopped");
  assertEquals(camera.count("CONNECT"), 1);
  await assertBack(before);
});

test("the log of a group is that of its streams, with their names", SLOW, async () => {
  const logger = new Notes();
  // One of the streams may begin a second after the other.
  const file = await makeVideo({ width: 320, height: 180, frames: 60 });
  await using rig = new StreamGroup(
    { left: { url: file, pace: true }, right: { url: file, pace: true, name: "R" } },
    { logger },
  );
  const sets = await takeSets(rig, Infinity);
  assertGreater(sets.length, 5);
  assertEquals(logger.find(/^info: left: connected, h264 320x180/).length, 1);
  assertEquals(logger.find(/^info: R: connected, h264 320x180/).length, 1);
});

test("a frame that was disposed of stays so, and the next set has new ones", SLOW, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  await using rig = new StreamGroup({ camera: { url: camera.url, ...QUICK } });
  let last = -1;
  for (let turn = 0; turn < 10; turn++) {
    const set = await within("set", rig.next());
    const { index } = note(set as FrameSet).pictures.camera!;
    assertGreater(index, last);
    last = index;
    set.frames.camera[Symbol.dispose]();
    assertEquals(set.frames.camera.released, true);
  }
});

test("any string is a name of a camera", SLOW, async () => {
  const file = await makeVideo({ width: 320, height: 180, frames: 30 });
  const names = ["__proto__", "constructor", "toString", ""];
  const cameras = names.map((name) => [name, { url: file, pace: true, loop: true }]);
  await using rig = new StreamGroup(Object.fromEntries(cameras));
  const set = await within("set", rig.next());
  assertEquals(Object.keys(set.frames), names);
  for (const one of Object.values(set.frames)) assertEquals(one.width, 320);
  assertEquals(Object.keys(rig.stats().members), names);
  assertEquals(Object.keys(rig.streams), names);
});
