/** The ways to read a group: read(), next(), loops; and what becomes of their frames. */

import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLess,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Frame,
  FrameReleasedError,
  FrameSet,
  StreamError,
  StreamGroup,
  type StreamGroupOptions,
  type VideoStreamOptions,
} from "../../../mod.ts";
import { type Camera, startCamera } from "../../support/camera.ts";
import { makeVideo } from "../../support/media.ts";
import { isRising, median } from "../../support/numbers.ts";
import { rejection, until, within } from "../../support/waiting.ts";
import { QUICK, SMALL_CAMERA } from "../lifecycle.ts";
import { SLOW, streamError } from "../reading.ts";
import { assertInOrder, note, type SetNote, takeSets } from "../rigs.ts";

interface Pair extends AsyncDisposable {
  readonly cameras: readonly Camera[];
  readonly rig: StreamGroup<"left" | "right">;
}

/** Two cameras and their group, which has not been started. */
async function startPair(
  options: StreamGroupOptions<"wait"> = {},
  stream: VideoStreamOptions = {},
): Promise<Pair> {
  await using stack = new AsyncDisposableStack();
  const cameras = await Promise.all([startCamera(SMALL_CAMERA), startCamera(SMALL_CAMERA)]);
  for (const camera of cameras) stack.use(camera);
  const [left, right] = cameras.map(({ url }) => ({ url, ...QUICK, ...stream }));
  const rig = stack.use(new StreamGroup({ left: left!, right: right! }, options));
  const owned = stack.move();
  return { cameras, rig, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

test("read() gives the newest set there is, and never waits", SLOW, async () => {
  await using pair = await startPair();
  const { rig, cameras } = pair;
  assertEquals(rig.read(), null);
  await sleep(100);
  // It starts nothing.
  assertEquals(rig.streams.left.state, "idle");
  assertStrictEquals(rig.start(), rig);
  rig.start();
  assertEquals(rig.read(), null);
  const first = await until("a set", () => rig.read());
  assert(first instanceof FrameSet);
  assertEquals([first.missing, Object.keys(first.frames)], [[], ["left", "right"]]);
  let [repeated, renewed] = [0, 0];
  let last = note(first as FrameSet);
  for (const end = performance.now() + 1_500; performance.now() < end; await sleep(5)) {
    const set = rig.read();
    assert(set);
    const now = note(set as FrameSet);
    if (now.pictures.left!.index === last.pictures.left!.index) repeated++;
    else renewed++;
    assertGreaterOrEqual(now.pictures.left!.index, last.pictures.left!.index);
    assertGreaterOrEqual(now.pictures.right!.index, last.pictures.right!.index);
    assertEquals(set.frames.right.data.length, 320 * 180 * 3);
    last = now;
  }
  assert(renewed > 15 && repeated > renewed, `${renewed} new, ${repeated} repeated`);

  // The same one, for ever or for maxAge.
  for (const camera of cameras) camera.pause();
  await sleep(300);
  const old = rig.read();
  await sleep(200);
  assertStrictEquals(rig.read(), old);
  assert(old && old.age > 200, String(old?.age));
  assertEquals(rig.read({ maxAge: 150 }), null);
  assertStrictEquals(rig.read({ maxAge: 60_000 }), old);
  assertEquals(old.frames.left.released, false);
  await rig.stop();
  assertEquals(rig.read(), null);
  assertThrows(() => old.frames.left.data, FrameReleasedError);
});

test("the frames of a set are valid until its reader takes the next one", SLOW, async () => {
  await using pair = await startPair();
  const { rig } = pair;
  const first = await within("set", rig.next());
  const copy = first.frames.left.copy();
  const other = await within("set of a loop", rig[Symbol.asyncIterator]().next());
  assertEquals(first.frames.left.released, false);
  const second = await within("set", rig.next());
  for (const frame of Object.values(first.frames)) {
    assertThrows(() => frame.data, FrameReleasedError);
  }
  assertEquals([second.frames.left.released, copy.released], [false, false]);
  assertEquals(copy.data.length, 320 * 180 * 3);
  // Each loop has a place of its own.
  assert(!other.done);
  assertEquals(other.value.frames.left.released, false);
  const frames: Frame[] = [];
  for await (const set of rig) {
    assert(frames.every(({ released }) => released));
    frames.push(set.frames.left, set.frames.right);
    if (frames.length === 8) break;
  }
  assert(frames.every(({ released }) => released));
  await rig.stop();
  assert(second.frames.right.released && other.value.frames.right.released);
});

test(
  "next() gives each set once, and gives up after its time or by its signal",
  SLOW,
  async () => {
    await using pair = await startPair();
    const { rig, cameras } = pair;
    const sets: SetNote[] = [];
    while (sets.length < 15) sets.push(note(await within("set", rig.next()) as FrameSet));
    assertInOrder(sets);
    assert(isRising(sets.map(({ time }) => time)));

    for (const camera of cameras) camera.pause();
    while (await rejection(rig.next({ timeout: 200 })) === undefined);
    const error = await streamError("timeout", rig.next({ timeout: 100 }));
    assertEquals(error.code, "WAIT_TIMEOUT");
    const [left, right] = cameras.map(({ url }) => url);
    assertEquals(error.message, `Cannot read ${left}, ${right}: no set within 100 ms`);
    const none = await streamError("timeout", rig.next({ timeout: 0 }));
    assertEquals(none.code, "WAIT_TIMEOUT");

    const reason = new Error("enough");
    const controller = new AbortController();
    const waiting = rejection(rig.next({ signal: controller.signal }));
    setTimeout(() => controller.abort(reason), 50);
    assertStrictEquals(await within("abort", waiting), reason);
    const late = { signal: AbortSignal.abort(reason) };
    assertStrictEquals(await rejection(rig.next(late)), reason);
    for (const camera of cameras) camera.resume();
    // It was the wait that ended, and nothing else.
    await within("set", rig.next());
    const stopped = rejection(rig.next());
    for (const camera of cameras) camera.pause();
    const last = rejection(rig.next());
    await rig.stop();
    await stopped;
    const closed = await last;
    assert(closed === undefined || closed instanceof StreamError && closed.code === "CLOSED");
    const after = await streamError("next after stop", rig.next());
    assertEquals(after.code, "CLOSED");
  },
);

test(
  "whoever does not wait gets the set that is there, though a better one may come",
  SLOW,
  async () => {
    await using pair = await startPair({ sync: "latest", maxWait: 30_000 });
    const { rig, cameras } = pair;
    await within("set", rig.next());
    cameras[1]!.pause();
    await sleep(500);
    const sets: SetNote[] = [];
    const begin = performance.now();
    while (sets.length < 10) {
      await sleep(60);
      sets.push(note(await rig.next({ timeout: sets.length % 2 === 0 ? 0 : 20 }) as FrameSet));
    }
    assertLess(performance.now() - begin, 10_000);
    assertInOrder(sets, true);
    assert(isRising(sets.map(({ pictures }) => pictures.left!.index)));
    // With a new picture of each it would have to wait for the one that is frozen.
    assertEquals(new Set(sets.slice(1).map(({ pictures }) => pictures.right!.index)).size, 1);
  },
);

test("a signal ends a loop without an error, and no other", SLOW, async () => {
  await using pair = await startPair();
  const { rig } = pair;
  const controller = new AbortController();
  const count = async (signal?: AbortSignal, last = Infinity) => {
    let sets = 0;
    for await (const _ of rig.sets({ signal })) {
      if (++sets === 5 && signal) controller.abort();
      if (sets === last) break;
    }
    return sets;
  };
  const other = count(undefined, 20);
  assertEquals(await within("end of the loop", count(controller.signal)), 5);
  assertEquals(await within("end of the other loop", other), 20);
  assertEquals(await within("no loop", count(controller.signal)), 0);
  assertEquals(rig.streams.left.state, "streaming");
});

test("more readers than there are buffers for are refused by name", SLOW, async () => {
  await using pair = await startPair({}, { buffers: 3 });
  const { rig } = pair;
  const loops = [rig.sets(), rig.sets()];
  for (const loop of loops) await within("set", loop.next());
  const refusal = await assertRejects(() => rig.sets().next(), RangeError, '"buffers"');
  assert(refusal.message.includes("3 frame buffers"), refusal.message);
  assertThrows(() => rig.read(), RangeError, '"buffers"');
  await assertRejects(() => rig.next(), RangeError, '"buffers"');
  await loops[0]!.return?.();
  // Whoever was refused left nothing behind.
  await within("set", rig.next());
  assert(rig.read());
  assert(!(await within("set", loops[1]!.next())).done);
});

test("a slow program gets fresh sets, also after a pause of five seconds", SLOW, async () => {
  await using pair = await startPair();
  const { rig } = pair;
  const ages: number[] = [];
  const sets: SetNote[] = [];
  const read = async () => {
    for await (const set of rig) {
      ages.push(set.age);
      sets.push(note(set as FrameSet));
      if (ages.length === 12) break;
      await sleep(ages.length === 4 ? 5_000 : 150);
    }
  };
  await within("slow loop", read(), 25_000);
  assertInOrder(sets);
  const gap = sets[4]!.pictures.left!.index - sets[3]!.pictures.left!.index;
  assertGreater(gap, 90);
  assertLess(ages[4], 400, ages.join(" "));
  assertLess(median(ages), 150, ages.join(" "));
});

/** Quick and slow loops, and looks, of a group whose streams convert on demand. */
async function assertFreshOnDemand(rig: StreamGroup<"left" | "right">, latest: boolean) {
  const quick = await takeSets(rig, 40);
  assertInOrder(quick, latest);
  // While a loop waits, all are wanted.
  const steps = quick.slice(11).map(({ pictures }, i) => {
    return pictures.left!.index - quick[i + 10]!.pictures.left!.index;
  });
  assertLess(median(steps), 3, steps.join(" "));
  const ages: number[] = [];
  const read = async () => {
    for await (const set of rig) {
      ages.push(set.age);
      if (ages.length === 5) break;
      // Once a second one is converted though nobody asks: it must not be taken for new.
      await sleep(1_150);
    }
  };
  await within("slow loop", read());
  assertLess(median(ages), 300, ages.map((age) => age.toFixed(0)).join(" "));
  assertGreater(rig.streams.left.stats().dropped.unwanted, 30);
  // Whoever looks now and then has a fresh one, too.
  const looks: number[] = [];
  for (let look = 0; look < 16; look++) {
    await sleep(100);
    const set = rig.read();
    if (set && look > 8) looks.push(set.age);
  }
  assertLess(median(looks), 300, looks.map((age) => age.toFixed(0)).join(" "));
}

test("pictures that are converted on demand make fresh sets", SLOW, async () => {
  await using pair = await startPair({}, { convert: "on-demand" });
  await using other = await startPair({ sync: "latest" }, { convert: "on-demand" });
  await Promise.all([
    assertFreshOnDemand(pair.rig, false),
    assertFreshOnDemand(other.rig, true),
  ]);
});

test("numbers of a group", SLOW, async () => {
  await using pair = await startPair();
  const { rig } = pair;
  assertEquals(rig.stats().sets, 0);
  const notes: SetNote[] = [];
  for await (const set of rig) {
    notes.push(note(set as FrameSet));
    if (notes.length === 30) break;
    if (notes.length % 10 === 0) await sleep(300);
  }
  const { sets, incomplete, skew, members } = rig.stats();
  assertEquals([sets, incomplete], [30, 0]);
  const skews = notes.map(({ skew }) => skew).sort((a, b) => a - b);
  assertEquals([skew.p50, skew.p95], [skews[15], skews[28]]);
  for (const name of ["left", "right"] as const) {
    assertEquals([members[name].delivered, members[name].missing], [30, 0]);
    assertGreater(members[name].dropped.passed, 5);
  }
});

test("files make sets in real time, and the group ends with the first of them", SLOW, async () => {
  const files = await Promise.all([
    makeVideo({ width: 320, height: 180, frames: 60 }),
    makeVideo({ width: 320, height: 180, frames: 90 }),
  ]);
  const [left, right] = files.map((url) => ({ url, pace: true }));
  await using rig = new StreamGroup({ left: left!, right: right! });
  const begin = performance.now();
  const sets = await takeSets(rig, Infinity);
  const elapsed = performance.now() - begin;
  assertInOrder(sets);
  assertGreater(sets.length, 40);
  assert(elapsed > 1_800 && elapsed < 8_000, `${elapsed} ms`);
  assertGreater(sets.at(-1)?.pictures.left?.index ?? 0, 54);
  assertEquals(rig.streams.left.state, "stopped");
  // Another reader may have what the files have left, but nothing after that.
  let over = await rejection(rig.next());
  if (over === undefined) over = await rejection(rig.next());
  assert(over instanceof StreamError && over.code === "END_OF_STREAM", String(over));
  assertLess((await takeSets(rig, Infinity)).length, 3);

  // Where sets need not be complete, with the last.
  await using omitting = new StreamGroup({ left: left!, right: right! }, { whenMissing: "omit" });
  const all = await takeSets(omitting, Infinity);
  assertGreater(all.filter(({ missing }) => missing[0] === "left").length, 15);
  assertEquals(omitting.streams.right.state, "stopped");
});
