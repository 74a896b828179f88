import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { test } from "node:test";
import type { StreamErrorFields } from "../../../src/core/connection/errors.ts";
import type { ControlBlock } from "../../../src/core/shared/control_block.ts";
import type { ReadCounter } from "../../../src/core/shared/counters.ts";
import type { AttemptEvents } from "../../../src/lifecycle/connector.ts";
import {
  type AttemptOutcome,
  type ConnectorThread,
  ThreadConnector,
} from "../../../src/lifecycle/thread_connector.ts";
import { CAMERA, Notes } from "./notes.ts";

const EVENTS: AttemptEvents = {
  onLoaded: () => {},
  onConnected: () => {},
  onFormatChange: () => {},
  onWaiting: () => {},
  onDropped: () => {},
};
const LOST: StreamErrorFields = { code: "READ_TIMEOUT", operation: "read", url: CAMERA.redacted };

class FakeThread implements ConnectorThread {
  failure: StreamErrorFields | undefined;
  endsInTime = true;
  readonly control: ControlBlock<ReadCounter>;

  constructor(control: ControlBlock<ReadCounter>) {
    this.control = control;
  }

  close(): Promise<boolean> {
    return Promise.resolve(this.endsInTime);
  }
}

/** Each of its attempts ends as the test says. */
class FakeConnector extends ThreadConnector<FakeThread, ReadCounter, "packets" | "bytes"> {
  readonly threads: FakeThread[] = [];
  outcome: AttemptOutcome = { stopped: false, connected: false };
  closed = 0;
  override readonly live = true;

  constructor(log: Notes) {
    super({ media: CAMERA, log, slots: 2, closeTimeout: 500, totals: ["packets", "bytes"] });
  }

  get current(): FakeThread | undefined {
    return this.thread;
  }

  override release(): void {}

  protected override startThread(control: ControlBlock<ReadCounter>): FakeThread {
    const thread = new FakeThread(control);
    this.threads.push(thread);
    return thread;
  }

  protected override moveTo(
    control: ControlBlock<ReadCounter>,
    old: ControlBlock<ReadCounter>,
  ): void {
    control.set("wantedFrom", old.get("wantedFrom"));
  }

  protected override run(thread: FakeThread): Promise<AttemptOutcome> {
    thread.control.add("packets", 3);
    thread.control.add("bytes", 100);
    this.beginConnection();
    return Promise.resolve(this.outcome);
  }

  protected override onClosed(): void {
    this.closed++;
  }
}

test("one thread makes attempt after attempt, and the counts go on", async () => {
  const connector = new FakeConnector(new Notes());
  assertEquals([connector.current, connector.totals], [undefined, { packets: 0, bytes: 0 }]);
  await connector.attempt(1, EVENTS);
  await connector.attempt(2, EVENTS);
  assertEquals([connector.threads.length, connector.connection], [1, 2]);
  assertEquals(connector.totals, { packets: 6, bytes: 200 });
});

test("how an attempt ended is passed on, its error with its number", async () => {
  const connector = new FakeConnector(new Notes());
  assertEquals(await connector.attempt(1, EVENTS), { type: "done" });
  connector.outcome = { error: LOST, stopped: true, connected: true };
  assertEquals(await connector.attempt(2, EVENTS), { type: "done" });
  connector.outcome = { error: LOST, stopped: false, connected: true, resetsBackoff: false };
  const end = await connector.attempt(3, EVENTS);
  if (end.type !== "failed") throw new Error(end.type);
  assertEquals([end.error.code, end.error.attempt], ["READ_TIMEOUT", 3]);
  assertEquals([end.connected, end.resetsBackoff], [true, false]);
});

test("a thread that was left behind is replaced, with counts and wishes, and a warning", async () => {
  const notes = new Notes();
  const connector = new FakeConnector(notes);
  for (let number = 1; number <= 3; number++) {
    await connector.attempt(number, EVENTS);
    const { control, threads } = connector;
    control.set("wantedFrom", 7);
    threads.at(-1)!.failure = LOST;
    assertEquals(connector.totals, { packets: 3 * number, bytes: 100 * number });
  }
  assertEquals([connector.threads.length, connector.control.get("wantedFrom")], [3, 7]);
  assert(connector.threads[0]!.control.memory !== connector.control.memory);
  const line =
    `warn: ${CAMERA.redacted}: the background thread did not end within 500 ms and was ` +
    `left behind`;
  assertEquals(notes.lines, [line, line]);
});

test("those who wait on the words of a thread that was left behind look again", async () => {
  const connector = new FakeConnector(new Notes());
  await connector.attempt(1, EVENTS);
  const { wake } = connector.control;
  const seen = wake.count;
  // A wait for shared memory alone does not keep every runtime going.
  const timer = setTimeout(() => {}, 5_000);
  const waiting = wake.wait(seen, 5_000);
  connector.threads[0]!.failure = LOST;
  await connector.attempt(2, EVENTS);
  await waiting;
  clearTimeout(timer);
  assertEquals(wake.count, seen + 1);
});

test("after close() there is no attempt and no thread", async () => {
  const notes = new Notes();
  const connector = new FakeConnector(notes);
  await connector.attempt(1, EVENTS);
  connector.threads[0]!.endsInTime = false;
  const closing = connector.close();
  assertStrictEquals(connector.close(), closing);
  assertEquals([connector.control.stopRequested, connector.closed], [true, 0]);
  await closing;
  assertEquals([connector.closed, notes.lines.length], [1, 1]);
  assertEquals(await connector.attempt(2, EVENTS), { type: "done" });
  assertEquals([connector.current, connector.threads.length], [undefined, 1]);
});
