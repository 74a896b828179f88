import { assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import { StreamError } from "../../../src/core/connection/errors.ts";
import type { AttemptEnd } from "../../../src/core/connection/reconnect_loop.ts";
import type { StreamStatus } from "../../../src/core/connection/states.ts";
import type { AttemptEvents, Connector } from "../../../src/lifecycle/connector.ts";
import { Lifecycle, type LifecycleOptions } from "../../../src/lifecycle/lifecycle.ts";
import { until } from "../../support/waiting.ts";
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

  /** Resolves when an attempt with this number is under way. */
  async reaches(number: number): Promise<void> {
    await until(`attempt ${number}`, () => this.calls.includes(`attempt ${number}`));
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

const POLICY = {
  maxAttempts: 1,
  delay: 1,
  backoff: 1,
  maxDelay: 1,
  jitter: 0,
  retry: () => true,
};

function rig(options: Partial<LifecycleOptions> = {}): Rig {
  const [connector, notes] = [new FakeConnector(), new Notes()];
  const all = { reconnect: POLICY, ...options };
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
  await connector.reaches(2);
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

const REFUSED = "connection refused";
const told = ({ lines }: Notes) =>
  lines.filter((line) => line.includes(REFUSED)).map((line) => line.split(": ")[0]);

test("the error of each attempt is logged once, the last one as what ended it", async () => {
  const { connector, life, notes } = rig();
  life.start();
  connector.end({ type: "failed", error: error(1), connected: false });
  await connector.reaches(2);
  assertEquals(told(notes), ["warn"]);
  connector.end({ type: "failed", error: error(2), connected: false });
  await life.finished;
  assertEquals(told(notes), ["warn", "error"]);
  const final = rig({ reconnect: { ...POLICY, retry: () => false } });
  final.life.start();
  final.connector.end({ type: "failed", error: error(1), connected: false });
  await final.life.finished;
  assertEquals(told(final.notes), ["error"]);
});

test("the error of an attempt is logged although the program ends the stream for it", async () => {
  const { connector, life, notes } = rig({ onDisconnect: () => void life.stop() });
  life.start();
  connector.connect();
  connector.end({ type: "failed", error: error(1), connected: true });
  await until("a warning", () => told(notes).length > 0);
  await life.finished;
  assertEquals(told(notes), ["warn"]);
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
