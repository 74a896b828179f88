import { assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import { StreamError } from "../../../src/core/connection/errors.ts";
import type { AttemptEnd } from "../../../src/core/connection/reconnect_loop.ts";
import type { StreamStatus } from "../../../src/core/connection/states.ts";
import type { AttemptEvents, Connector } from "../../../src/lifecycle/connector.ts";
import { Lifecycle, type LifecycleOptions } from "../../../src/lifecycle/lifecycle.ts";
import { CAMERA, Notes } from "./notes.ts";

const error = (attempt: number) =>
  new StreamError({ code: "REFUSED", operation: "open", url: CAMERA.redacted, attempt });

/** Attempts end when the test says so. */
class FakeConnector implements Connector {
  live = true;
  connection = 0;
  events: AttemptEvents | undefined;
  #end = Promise.withResolvers<AttemptEnd>();
  readonly calls: string[] = [];

  attempt(number: number, events: AttemptEvents): Promise<AttemptEnd> {
    this.calls.push(`attempt ${number}`);
    this.events = events;
    this.#end = Promise.withResolvers();
    return this.#end.promise;
  }

  connect(): void {
    this.connection++;
    this.events?.onConnected("h264", 320, 180);
  }

  end(end: AttemptEnd): void {
    this.#end.resolve(end);
  }

  close(): Promise<void> {
    this.calls.push("close");
    this.end({ type: "done" });
    return Promise.resolve();
  }

  release(): void {
    this.calls.push("release");
  }

  wake(): void {}
}

interface Rig {
  readonly connector: FakeConnector;
  readonly life: Lifecycle;
  readonly notes: Notes;
  /** All events, when there will be no more. */
  readonly story: Promise<string[]>;
}

function rig(options: Partial<LifecycleOptions> = {}): Rig {
  const [connector, notes] = [new FakeConnector(), new Notes()];
  const reconnect = { maxAttempts: 1, delay: 1, backoff: 1, maxDelay: 1, jitter: 0 };
  const all = { reconnect: { ...reconnect, retry: () => true }, ...options };
  const life = new Lifecycle(connector, CAMERA, all, notes, "read");
  return { connector, life, notes, story: storyOf(life.feed.subscribe()) };
}

async function storyOf(status: AsyncIterable<StreamStatus>): Promise<string[]> {
  const story: string[] = [];
  for await (const event of status) {
    story.push("reason" in event ? `${event.type} ${event.reason}` : event.type);
  }
  return story;
}

/** Lets everything run that can run now. */
const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 10));

test("a stream that is stopped tells it last, and once", async () => {
  const { connector, life, story } = rig();
  life.start();
  connector.connect();
  await life.ready;
  assertEquals([life.state, life.over], ["streaming", false]);
  await Promise.all([life.stop(), life.stop()]);
  await life.finished;
  assertEquals([life.state, life.over, life.stopped], ["stopped", true, true]);
  assertEquals(await story, ["connecting", "connected", "stopped stop"]);
  assertEquals(connector.calls, ["attempt 1", "release", "close"]);
});

test("a stream that fails stays so when it is stopped", async () => {
  const failures: unknown[] = [];
  const { connector, life, notes, story } = rig({
    onReconnectFailure: (one) => failures.push(one),
  });
  life.start();
  connector.end({ type: "failed", error: error(1), connected: false });
  await settle();
  assertEquals(life.state, "reconnecting");
  const last = error(2);
  connector.end({ type: "failed", error: last, connected: false });
  await life.finished;
  assertEquals([life.state, life.lastError, life.reconnectCount], ["failed", last, 1]);
  assertEquals(failures, [last]);
  await assertRejects(() => life.ready, StreamError, "connection refused");
  await life.stop();
  assertEquals([life.state, life.overError], ["failed", last]);
  assertEquals(await story, ["connecting", "reconnecting", "connecting", "failed"]);
  assertEquals(notes.lines.filter((line) => line.startsWith("error")).length, 1);
});

test("what is reported after the end changes nothing", async () => {
  let connected = 0;
  const { connector, life, story } = rig({ onConnect: () => connected++ });
  life.start();
  connector.connect();
  connector.end({ type: "done" });
  await life.finished;
  connector.connect();
  assertEquals(connected, 1);
  assertEquals([life.state, life.overError.code], ["stopped", "END_OF_STREAM"]);
  await life.stop();
  assertEquals(await story, ["connecting", "connected", "stopped end"]);
});

test("a signal that is aborted stops the stream, before the start as well", async () => {
  const controller = new AbortController();
  const { connector, life } = rig({ signal: controller.signal });
  life.start();
  controller.abort();
  await life.finished;
  assertEquals([life.state, connector.calls.length], ["stopped", 3]);
  const late = rig({ signal: controller.signal });
  late.life.start();
  await late.life.finished;
  assertEquals([late.life.state, late.connector.calls], ["stopped", ["release", "close"]]);
});

test("only what runs can be forgotten: that is reported once, without a password", async () => {
  const { connector, life, notes } = rig();
  life.forget();
  assertEquals(notes.lines, []);
  life.start();
  connector.connect();
  notes.lines.length = 0;
  life.forget();
  life.forget();
  await life.finished;
  life.forget();
  assertEquals(notes.lines, [
    `warn: ${CAMERA.redacted}: it was dropped without stop(), which is done now`,
    `info: ${CAMERA.redacted}: stopped`,
  ]);
});
