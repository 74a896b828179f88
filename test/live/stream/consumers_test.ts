/** Readers of one live stream: each with its own place, none in another's way. */

import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Frame,
  FrameReleasedError,
  StreamError,
  VideoStream,
  type VideoStreamOptions,
} from "../../../mod.ts";
import { startCamera } from "../../support/camera.ts";
import { isRising } from "../../support/numbers.ts";
import { until, within } from "../../support/waiting.ts";
import { AT_ONCE, SLOW, SMALL, streamError } from "../reading.ts";
import type { Rig } from "./thinned.ts";

/** A camera and a stream that has left behind what came while it connected. */
async function startRig(options: VideoStreamOptions = {}): Promise<Rig> {
  await using stack = new AsyncDisposableStack();
  const camera = stack.use(await startCamera({ ...SMALL, keyInterval: 15 }));
  const stream = stack.use(new VideoStream(camera.url, { ffmpeg: AT_ONCE, ...options }).start());
  await within("ready", stream.ready);
  await sleep(150);
  const owned = stack.move();
  return { camera, stream, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function checksum(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

test("read() never waits, and repeats the newest frame until there is another", SLOW, async () => {
  await using camera = await startCamera({ ...SMALL, fps: 10, keyInterval: 5 });
  await using stream = new VideoStream(camera.url, { ffmpeg: AT_ONCE });
  assertEquals(stream.read(), null);
  stream.start();
  assertEquals(stream.read(), null);
  await within("ready", stream.ready);
  await sleep(300);
  let repeated = 0;
  let renewed = 0;
  let previous = stream.read();
  assert(previous);
  for (const end = performance.now() + 1_000; performance.now() < end; await sleep(5)) {
    const frame = stream.read();
    assert(frame);
    if (frame === previous) {
      repeated++;
      assertEquals(frame.data.length, 320 * 180 * 3);
      continue;
    }
    assertGreater(frame.index, previous.index);
    renewed++;
    previous = frame;
  }
  assertGreater(renewed, 4);
  assertLess(renewed, 20);
  assertGreater(repeated, renewed);
});

test("read() hands out no frame that is older than maxAge", SLOW, async () => {
  await using rig = await startRig();
  const { camera, stream } = rig;
  const frame = stream.read({ maxAge: 5_000 });
  assert(frame);
  assertLess(frame.age, 1_000);
  camera.pause();
  await sleep(400);
  assertEquals(stream.read({ maxAge: 200 }), null);
  const old = stream.read();
  assert(old);
  assertGreater(old.age, 200);
  assertEquals(old.data.length, 320 * 180 * 3);
  camera.resume();
  await until("a fresh frame", () => stream.read({ maxAge: 200 }) !== null);
});

test("next() never gives the same frame twice, nor one that read() gave", SLOW, async () => {
  await using rig = await startRig();
  const { stream } = rig;
  const indexes: number[] = [];
  for (let i = 0; i < 15; i++) {
    indexes.push((await within("frame", stream.next())).index);
    if (i % 5 === 0) indexes.push(...newer(stream.read()?.index, indexes.at(-1)));
  }
  assert(isRising(indexes), indexes.join(" "));
});

/** `read()` may repeat what `next()` gave. */
function newer(index: number | undefined, than: number | undefined): number[] {
  return index === undefined || index === than ? [] : [index];
}

test("next() gives up after its time, and waits again if asked to", SLOW, async () => {
  await using rig = await startRig();
  const { camera, stream } = rig;
  camera.pause();
  await sleep(100);
  stream.read();
  const begin = performance.now();
  const error = await streamError("frame", stream.next({ timeout: 200 }));
  assertEquals(error.code, "WAIT_TIMEOUT", error.message);
  assertEquals(error.message, `Cannot read ${stream.url}: no frame within 200 ms`);
  assertGreater(performance.now() - begin, 150);
  assertLess(performance.now() - begin, 2_000);
  const none = await streamError("frame", stream.next({ timeout: 0 }));
  assertEquals(none.code, "WAIT_TIMEOUT");
  assertEquals(stream.state, "streaming");
  const waiting = stream.next({ timeout: 10_000 });
  camera.resume();
  assert((await within("frame", waiting)).data.length > 0);
});

test("a signal ends the wait of next() and nothing else", SLOW, async () => {
  await using rig = await startRig();
  const { camera, stream } = rig;
  const reason = new Error("had enough");
  await assertRejects(
    () => stream.next({ signal: AbortSignal.abort(reason) }),
    Error,
    "had enough",
  );
  camera.pause();
  await sleep(100);
  stream.read();
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 100);
  const waiting = stream.next({ signal: controller.signal });
  const thrown = await within("abort", waiting.then(() => null, (error: unknown) => error));
  assert(thrown === reason);
  camera.resume();
  await within("frame", stream.next());
  assertEquals(stream.state, "streaming");
});

test("a signal ends a loop without an error", SLOW, async () => {
  await using rig = await startRig();
  const controller = new AbortController();
  let frames = 0;
  const loop = (async () => {
    for await (const _ of rig.stream.frames({ signal: controller.signal })) {
      if (++frames === 5) controller.abort();
    }
  })();
  await within("end of the loop", loop);
  assertEquals(frames, 5);
  assertEquals(rig.stream.state, "streaming");
});

test("two loops and read() at once do not disturb each other", SLOW, async () => {
  await using rig = await startRig();
  const { stream } = rig;
  const loop = async () => {
    const indexes: number[] = [];
    for await (const frame of stream) {
      indexes.push(frame.index);
      assertEquals(frame.data.length, 320 * 180 * 3);
      if (indexes.length === 30) break;
    }
    return indexes;
  };
  const poll = async (done: Promise<unknown>) => {
    const indexes: number[] = [];
    let running = true;
    void done.then(() => running = false);
    for (; running; await sleep(10)) indexes.push(...newer(stream.read()?.index, indexes.at(-1)));
    return indexes;
  };
  const loops = Promise.all([loop(), loop()]);
  const polled = poll(loops);
  const all = [...await within("both loops", loops), await polled];
  for (const indexes of all) {
    assert(isRising(indexes), indexes.join(" "));
    assertGreater(indexes.length, 20);
    // None of them takes the frames away from the others.
    assertLess((indexes.at(-1) ?? 0) - indexes[0]!, 60);
  }
});

test("a slow loop skips to the newest frame while a fast one sees all", SLOW, async () => {
  await using rig = await startRig();
  const { stream } = rig;
  const controller = new AbortController();
  const fast: number[] = [];
  const fastLoop = (async () => {
    for await (const { index } of stream.frames({ signal: controller.signal })) fast.push(index);
  })();
  const slow: number[] = [];
  const ages: number[] = [];
  const slowLoop = (async () => {
    for await (const frame of stream) {
      ages.push(frame.age);
      slow.push(frame.index);
      await sleep(200);
      if (slow.length === 8) break;
    }
  })();
  await within("slow loop", slowLoop);
  controller.abort();
  await within("fast loop", fastLoop);
  const gaps = slow.slice(1).map((index, i) => index - slow[i]!);
  assert(gaps.every((gap) => gap >= 3 && gap <= 15), gaps.join(" "));
  // A busy machine may be late now and then, but the frames do not pile up.
  const typical = ages.slice(1).sort((a, b) => a - b)[3];
  assertLess(typical, 120, ages.join(" "));
  const missed = (fast.at(-1) ?? 0) - fast[0]! + 1 - fast.length;
  assertLess(missed, fast.length / 5, fast.join(" "));
});

test("more loops than there are buffers for are refused by name", SLOW, async () => {
  await using rig = await startRig({ buffers: 3 });
  const { stream } = rig;
  const first = stream.frames();
  const second = stream.frames();
  await within("first loop", first.next());
  await within("second loop", second.next());
  const third = stream.frames();
  const refusal = await assertRejects(() => within("third loop", third.next()), RangeError);
  assertStringIncludes(refusal.message, "buffers");
  assertStringIncludes(refusal.message, "3");
  assertThrows(() => stream.read(), RangeError, "buffers");
  // A loop that ends makes room for another.
  await second.return?.();
  assert(stream.read() !== undefined);
  assert(!(await within("first loop", first.next())).done);
  await first.return?.();
});

test("a frame that was given back throws, its copy does not", SLOW, async () => {
  await using rig = await startRig();
  const { stream } = rig;
  const frame = await within("frame", stream.next());
  const copy = frame.copy();
  const sum = checksum(frame.data);
  const view = frame.data;
  assertEquals([copy.index, copy.pts, copy.width], [frame.index, frame.pts, frame.width]);
  assert(copy.data.buffer !== view.buffer);
  assertEquals(frame.released, false);

  const later = await within("later frame", stream.next());
  assertEquals([frame.released, later.released], [true, false]);
  const error = assertThrows(() => frame.data, FrameReleasedError, "copy()");
  assertStringIncludes(error.message, `frame ${frame.index}`);
  assertThrows(() => frame.copy(), FrameReleasedError);
  // What is known of it stays.
  assertEquals([frame.index, frame.width, frame.height], [copy.index, 320, 180]);

  await sleep(300);
  assertEquals(checksum(copy.data), sum);
  await stream.stop();
  assertThrows(() => later.data, FrameReleasedError);
  assertEquals(checksum(copy.data), sum);
});

test("a frame of a loop is given back at the loop's next turn and at its end", SLOW, async () => {
  await using rig = await startRig();
  const frames: Frame[] = [];
  for await (const frame of rig.stream) {
    assert(frames.every(({ released }) => released));
    frames.push(frame);
    if (frames.length === 5) break;
  }
  assert(frames.every(({ released }) => released));
});

test("the bytes of a frame that is held do not change", SLOW, async () => {
  await using rig = await startRig({ buffers: 3 });
  const { stream } = rig;
  const frame = stream.read();
  assert(frame);
  const sum = checksum(frame.data);
  const decoded = stream.stats().decoded;
  const hold = async () => {
    for await (const { index } of stream) {
      assertEquals(checksum(frame.data), sum);
      if (index > frame.index + 60) break;
    }
  };
  await within("60 frames", hold());
  assertGreater(stream.stats().decoded, decoded + 55);
  assertEquals(frame.released, false);
  assertEquals(checksum(frame.data), sum);
});

test("a frame that is disposed of is given back, and read() makes it anew", SLOW, async () => {
  await using rig = await startRig();
  rig.camera.pause();
  await sleep(200);
  const frame = rig.stream.read();
  assert(frame);
  const [index, sum] = [frame.index, checksum(frame.data)];
  frame[Symbol.dispose]();
  assertThrows(() => frame.data, FrameReleasedError);
  const again = rig.stream.read();
  assert(again && again !== frame);
  assertEquals([again.index, checksum(again.data)], [index, sum]);
  rig.camera.resume();
});

test("a loop that was left can be begun again, many times", SLOW, async () => {
  await using rig = await startRig({ buffers: 2 });
  let last = -1;
  for (let turn = 0; turn < 6; turn++) {
    const take = async () => {
      for await (const { index } of rig.stream) return index;
    };
    const index = await within(`loop ${turn}`, take());
    // A new loop may begin with a frame that another has seen.
    assert(index !== undefined && index >= last, `${index} after ${last}`);
    last = index;
    await sleep(20);
  }
  assertEquals(rig.camera.count("CONNECT"), 1);
});

test("stop() ends all loops and waits", SLOW, async () => {
  await using rig = await startRig();
  const { stream, camera } = rig;
  const loop = (async () => {
    let frames = 0;
    for await (const _ of stream) frames++;
    return frames;
  })();
  await sleep(200);
  camera.pause();
  await sleep(100);
  stream.read();
  const waiting = stream.next().then(() => "frame", (error: unknown) => error);
  await within("stop", stream.stop());
  assertGreater(await within("loop", loop), 0);
  const error = await within("next", waiting);
  assert(error instanceof StreamError && error.code === "CLOSED", String(error));
  assertEquals(stream.read(), null);
  camera.resume();
});
