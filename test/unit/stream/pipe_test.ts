import { assert, assertEquals, assertFalse, assertRejects, assertStrictEquals } from "@std/assert";
import { test } from "node:test";
import { Frame } from "../../../src/core/frame/frame.ts";
import {
  type FrameSink,
  pipe,
  type PipeOptions,
  type Transform,
} from "../../../src/stream/pipe.ts";

function makeFrame(index: number): Frame {
  return new Frame(new Uint8Array(6).fill(index), {
    width: 2,
    height: 1,
    format: "rgb24",
    index,
    connection: 1,
    pts: index / 25,
    keyframe: false,
    arrivalTime: 1_000 + index,
  });
}

/** Frames, and what became of the loop over them. */
class Source {
  readonly frames: readonly Frame[];
  /** Options that the frames were asked for with. */
  readonly asked: { signal?: AbortSignal | undefined }[] = [];
  /** Frames that were handed out. */
  given = 0;
  /** The loop over them is over, to the end or not. */
  ended = false;

  readonly #failure?: Error | undefined;

  constructor(count: number, failure?: Error) {
    this.#failure = failure;
    this.frames = Array.from({ length: count }, (_, i) => makeFrame(i));
  }

  readonly open = async function* (this: Source, options: { signal?: AbortSignal | undefined }) {
    this.asked.push(options);
    try {
      for (const frame of this.frames) {
        await Promise.resolve();
        // As a stream's loop: it ends without an error.
        if (options.signal?.aborted) return;
        this.given++;
        yield frame;
      }
      if (this.#failure) throw this.#failure;
    } finally {
      this.ended = true;
    }
  }.bind(this);
}

/** Keeps what it is told, in order. */
class Sink implements FrameSink {
  readonly calls: string[] = [];
  readonly written: (Frame | Uint8Array)[] = [];
  /** What a method does before it answers. */
  onWrite = () => {};
  onDrain = () => Promise.resolve();
  onClose = () => Promise.resolve();
  /** What `write` answers. */
  takes = true;

  readonly queuePolicy: FrameSink["queuePolicy"];

  constructor(queuePolicy: FrameSink["queuePolicy"] = "drop-oldest") {
    this.queuePolicy = queuePolicy;
  }

  write(picture: Frame | Uint8Array): boolean {
    this.calls.push(`write ${picture instanceof Frame ? picture.index : "bytes"}`);
    this.onWrite();
    this.written.push(picture);
    return this.takes;
  }

  async drain(): Promise<void> {
    this.calls.push("drain");
    await this.onDrain();
    this.calls.push("drained");
  }

  async close(): Promise<void> {
    this.calls.push("close");
    await this.onClose();
    this.calls.push("closed");
  }
}

function run(
  source: Source,
  sink: FrameSink,
  transform?: Transform,
  options: PipeOptions = {},
): Promise<void> {
  return pipe(source.open, sink, transform, options);
}

const CLOSED = ["close", "closed"];

test("all frames are written in order, then the sink is closed", async () => {
  const [source, sink] = [new Source(3), new Sink()];
  await run(source, sink);
  assertEquals(sink.calls, ["write 0", "write 1", "write 2", ...CLOSED]);
  sink.written.forEach((frame, i) => assertStrictEquals(frame, source.frames[i]));
});

test("the sink is closed when there is no frame at all", async () => {
  const sink = new Sink("block");
  await run(new Source(0), sink);
  assertEquals(sink.calls, CLOSED);
});

test("only a sink that blocks is waited for, before every frame", async () => {
  const sink = new Sink("block");
  await run(new Source(2), sink);
  assertEquals(sink.calls, [
    "drain",
    "drained",
    "write 0",
    "drain",
    "drained",
    "write 1",
    ...CLOSED,
  ]);
});

test("no frame is asked for while a sink that blocks has no place", async () => {
  const [source, sink] = [new Source(3), new Sink("block")];
  const place = Promise.withResolvers<void>();
  sink.onDrain = () => place.promise;
  const piped = run(source, sink);
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  assertEquals([source.given, sink.calls], [1, ["drain"]]);
  place.resolve();
  await piped;
  assertEquals([source.given, sink.written.length], [3, 3]);
});

test("a frame that the sink does not take is no error", async () => {
  const sink = new Sink();
  sink.takes = false;
  await run(new Source(3), sink);
  assertEquals(sink.calls, ["write 0", "write 1", "write 2", ...CLOSED]);
});

test("what a transform returns is written: a frame, bytes, or the frame itself", async () => {
  const [source, sink] = [new Source(5), new Sink()];
  const [other, bytes] = [makeFrame(77), new Uint8Array(6)];
  const results = [other, bytes, undefined, source.frames[3], undefined];
  const seen: Frame[] = [];
  await run(source, sink, (frame) => {
    seen.push(frame);
    return results[frame.index];
  });
  // Bytes are a picture at the place of the frame, with its times.
  const calls = ["write 77", "write 1", "write 2", "write 3", "write 4"];
  assertEquals(sink.calls, [...calls, ...CLOSED]);
  const expected = [other, bytes, ...source.frames.slice(2)];
  sink.written.forEach((picture, i) => {
    if (i === 1) assertStrictEquals((picture as Frame).data, bytes);
    else assertStrictEquals(picture, expected[i]);
  });
  seen.forEach((frame, i) => assertStrictEquals(frame, source.frames[i]));
  assertEquals(seen.length, 5);
});

test("bytes of another length than the frame's end the pipe with an error", async () => {
  const sink = new Sink();
  await assertRejects(
    () => run(new Source(2), sink, () => new Uint8Array(5)),
    TypeError,
    "5 bytes",
  );
  assertEquals(sink.calls, [...CLOSED]);
});

test("a transform may draw into a frame and return nothing", async () => {
  const sink = new Sink();
  await run(new Source(2), sink, ({ data }) => void data.fill(9));
  for (const picture of sink.written) {
    assert(picture instanceof Frame);
    assertEquals([...picture.data], [9, 9, 9, 9, 9, 9]);
  }
  assertEquals(sink.written.length, 2);
});

test("null leaves a frame out, and the sink is not asked for a place", async () => {
  const sink = new Sink("block");
  await run(new Source(5), sink, (frame) => frame.index === 3 ? undefined : null);
  assertEquals(sink.calls, ["drain", "drained", "write 3", ...CLOSED]);
});

test("a transform that takes its time is waited for, frame by frame", async () => {
  const [source, sink] = [new Source(3), new Sink()];
  let [running, most] = [0, 0];
  await run(source, sink, async (frame) => {
    most = Math.max(most, ++running);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    running--;
    return [null, new Uint8Array(6), undefined][frame.index];
  });
  assertEquals([most, sink.calls], [1, ["write 1", "write 2", ...CLOSED]]);
});

test("the sink is left open where that is asked for, at the end and after an error", async () => {
  const options = { preventClose: true };
  const sink = new Sink();
  await run(new Source(1), sink, undefined, options);
  assertEquals(sink.calls, ["write 0"]);
  const failing = new Sink();
  const fail = () => {
    throw new Error("no");
  };
  await assertRejects(() => run(new Source(1), failing, fail, options), Error, "no");
  assertEquals(failing.calls, []);
  const closing = new Sink();
  await run(new Source(1), closing, undefined, { preventClose: false });
  assertEquals(closing.calls, ["write 0", ...CLOSED]);
});

/** Where something fails, and what the sink is told up to then. */
const FAILURES: Readonly<
  Record<string, readonly [(failure: Error, sink: Sink) => [Source, Transform?], string[]]>
> = {
  "a transform throws": [(failure) => [new Source(3), (frame) => {
    if (frame.index === 1) throw failure;
  }], ["drain", "drained", "write 0"]],
  "a transform rejects": [(failure) => [new Source(3), (frame) => {
    return frame.index === 1 ? Promise.reject(failure) : undefined;
  }], ["drain", "drained", "write 0"]],
  "write() throws": [(failure, sink) => {
    sink.onWrite = () => {
      throw failure;
    };
    return [new Source(3)];
  }, ["drain", "drained", "write 0"]],
  "drain() rejects": [(failure, sink) => {
    sink.onDrain = () => Promise.reject(failure);
    return [new Source(3)];
  }, ["drain"]],
  "the frames end with an error": [(failure) => [new Source(1, failure)], [
    "drain",
    "drained",
    "write 0",
  ]],
};

for (const [name, [prepare, calls]] of Object.entries(FAILURES)) {
  test(`${name}: that error is the pipe's, the frames are let go and the sink is closed`, async () => {
    const [failure, sink] = [new Error("no"), new Sink("block")];
    const [source, transform] = prepare(failure, sink);
    assertStrictEquals(await assertRejects(() => run(source, sink, transform)), failure);
    assertEquals([sink.calls, source.ended], [[...calls, ...CLOSED], true]);
  });
}

test("an error of close() is the pipe's, where there is no other", async () => {
  const [failure, sink] = [new Error("disk full"), new Sink()];
  sink.onClose = () => Promise.reject(failure);
  assertStrictEquals(await assertRejects(() => run(new Source(1), sink)), failure);
  assertEquals(sink.calls, ["write 0", "close"]);
});

test("the pipe is over when the sink is closed, not before", async () => {
  const sink = new Sink();
  const closed = Promise.withResolvers<void>();
  sink.onClose = () => closed.promise;
  let over = false;
  const piped = run(new Source(1), sink).then(() => over = true);
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  assertEquals([sink.calls, over], [["write 0", "close"], false]);
  closed.resolve();
  await piped;
  assertEquals(sink.calls, ["write 0", ...CLOSED]);
});

test("the frames are asked for once, with the signal", async () => {
  const { signal } = new AbortController();
  const source = new Source(2);
  await run(source, new Sink(), undefined, { signal });
  assertEquals(source.asked.length, 1);
  assertStrictEquals(source.asked[0]!.signal, signal);
  const without = new Source(2);
  await run(without, new Sink());
  assertEquals(without.asked, [{ signal: undefined }]);
});

test("a signal ends the pipe without an error, and the sink is closed", async () => {
  const controller = new AbortController();
  const [source, sink] = [new Source(100), new Sink()];
  sink.onWrite = () => {
    if (sink.written.length === 2) controller.abort(new Error("enough"));
  };
  await run(source, sink, undefined, { signal: controller.signal });
  assertEquals(sink.calls, ["write 0", "write 1", "write 2", ...CLOSED]);
  assertEquals([source.given, source.ended], [3, true]);
});

test("arguments that are wrong are a TypeError, and no frame is asked for", async () => {
  const rows: readonly (readonly [unknown, unknown, string])[] = [
    ["gray", {}, "pipeTo.transform must be a function"],
    [null, {}, "pipeTo.transform must be a function"],
    [undefined, null, "pipeTo must be an object"],
    [undefined, 5, "pipeTo must be an object"],
    [undefined, { preventclose: true }, 'did you mean "preventClose"?'],
    [undefined, { zzzzzzzzz: 1 }, "known are signal, preventClose"],
    [undefined, { signal: {} }, "pipeTo.signal must be an AbortSignal, got object"],
    [undefined, { preventClose: 1 }, "pipeTo.preventClose must be true or false, got 1"],
  ];
  for (const [transform, options, message] of rows) {
    const [source, sink] = [new Source(1), new Sink()];
    await assertRejects(
      () => run(source, sink, transform as Transform, options as PipeOptions),
      TypeError,
      message,
    );
    assertEquals([source.asked.length, sink.written.length], [0, 0], message);
    assertFalse(source.ended);
  }
});
