/** Lets a fault happen to a stream or a writer, and compares what is seen with its row. */

import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertInstanceOf,
  assertLess,
  assertMatch,
} from "@std/assert";
import { test } from "node:test";
import {
  StreamError,
  type StreamState,
  type StreamStatus,
  VideoStream,
  type VideoStreamOptions,
  VideoWriter,
  type VideoWriterOptions,
} from "../../../mod.ts";
import { until } from "../../support/waiting.ts";
import { Follower, QUICK, StatusLog } from "../lifecycle.ts";
import { LiveSource, recordingOf, SMALL_RGB } from "../writing.ts";
import {
  type ActorOptions,
  type Bound,
  type Fault,
  RTSP_CLIENTS,
  type RtspClient,
  Scene,
  type Seen,
  type Subject,
  type Table,
} from "./fault.ts";

/** The time of the option that a fault is bounded by, in milliseconds. */
const SHORT = 1_500;
/** Something hangs. */
const PATIENCE = 60_000;
/** How much later than its time a fault is seen on a busy machine; other deadlines are longer. */
const LATE = 20_000;
/** So many faults happen at the same time. */
const AT_ONCE = 8;

/** What a stream and a writer have in common here. */
interface Actor extends AsyncDisposable {
  readonly log: StatusLog;
  readonly state: StreamState;
  readonly lastError: StreamError | undefined;
  /** Frames that came, or were sent, so far. */
  count(): number;
}

function timeOf(bound: Bound, given: Subject["options"]): number {
  return bound === "at once" ? 0 : Number(given?.[bound as "openTimeout"] ?? SHORT);
}

function optionsFor(fault: Fault, { options = {} }: Subject): ActorOptions {
  const bound = fault.within === "at once" ? {} : { [fault.within]: SHORT };
  return { reconnect: { delay: 100 }, openTimeout: 30_000, ...bound, ...options };
}

function reader(url: string, options: VideoStreamOptions): Actor {
  const stream = new VideoStream(url, { ...QUICK, ...options });
  const log = new StatusLog(stream);
  const follower = new Follower(stream);
  return {
    log,
    get state() {
      return stream.state;
    },
    get lastError() {
      return stream.lastError;
    },
    count: () => follower.frames.length,
    async [Symbol.asyncDispose]() {
      await stream.stop();
      await follower.ended;
      assertEquals(stream.stats().stalls, log.of("stalled").length);
      follower.frames.length && follower.assertIncreasing();
    },
  };
}

function writer({ url, pictures }: Subject, options: VideoWriterOptions): Actor {
  const writer = new VideoWriter(url, { ...SMALL_RGB, gop: 10, ...options });
  const log = recordingOf(writer);
  const source = new LiveSource(
    writer,
    options.fps,
    pictures && ((index) => pictures[index % pictures.length]!),
  );
  return {
    log,
    get state() {
      return writer.state;
    },
    get lastError() {
      return writer.lastError;
    },
    count: () => writer.stats().written,
    async [Symbol.asyncDispose]() {
      source.end();
      await writer.close().catch(() => {});
    },
  };
}

/** The state that comes with an event. */
const STATES: Readonly<Partial<Record<StreamStatus["type"], StreamState>>> = {
  connecting: "connecting",
  connected: "streaming",
  reconnecting: "reconnecting",
  failed: "failed",
  stopped: "stopped",
};

/** The state after the last of these events; a stream that nothing happens to is streaming. */
export function stateAfter(events: string): StreamState {
  const types = events.split(" ") as StreamStatus["type"][];
  return types.map((type) => STATES[type]).findLast((state) => state) ?? "streaming";
}

/** The events in one line; how long nothing is delivered depends on the machine as well. */
function story(events: readonly StreamStatus[]): string {
  const types = events.map(({ type }) => type);
  return types.filter((type) => type !== "waiting" && type !== "resumed").join(" ");
}

function isEnd({ type }: StreamStatus): boolean {
  return type === "reconnecting" || type === "failed" || type === "stopped";
}

async function more(actor: Actor, count: number): Promise<void> {
  const goal = actor.count() + count;
  await until(`${count} more frames`, () => {
    assert(actor.state !== "failed", `${actor.lastError}`);
    return actor.count() >= goal;
  }, PATIENCE);
}

/** Fails unless what happens is what the row says. */
export async function happen(
  fault: Fault,
  phase: Table["phase"],
  client?: RtspClient,
): Promise<void> {
  await using scene = new Scene();
  const subject = await fault.arrange(scene);
  const options = { ...client?.options, ...optionsFor(fault, subject) };
  const writes = phase === "writing" || phase === "opening to write";
  await using actor = writes ? writer(subject, options) : reader(subject.url, options);
  let first = 0;
  let begin = performance.timeOrigin + performance.now();
  if (phase === "streaming" || phase === "writing") {
    await until("a connection", () => actor.state === "streaming", PATIENCE);
    await more(actor, 5);
    first = actor.log.events.length;
    begin = Date.now();
    await subject.spoil?.();
  }
  const expected: Seen = fault;
  if (fault.recovery === "not needed" && fault.code === undefined) {
    await more(actor, subject.frames ?? 15);
    if (fault.events.endsWith("stopped")) await actor.log.ended;
    const events = story(actor.log.events.slice(first));
    assertEquals([events, actor.state], [expected.events, stateAfter(expected.events)]);
    await subject.check?.();
    return;
  }
  const end = await until(
    "an end",
    () => actor.log.events.slice(first).find(isEnd),
    PATIENCE,
  ).catch((error) => {
    throw new Error(`${error.message}; ${actor.log.story}; ${actor.state}; ${actor.lastError}`);
  });
  const error = "error" in end ? end.error : undefined;
  const events = actor.log.events.slice(first, actor.log.events.indexOf(end) + 1);
  const observed = {
    code: error?.code,
    retryable: error?.retryable,
    events: story(events),
  };
  const { code, retryable } = expected;
  assertEquals(observed, { code, retryable, events: expected.events }, `${error}`);
  if (fault.code) {
    assertInstanceOf(error, StreamError);
    // One sentence: what could not be done, with what, and why.
    assertMatch(error.message, /^Cannot (open|read|decode|write) \S+: \S/);
    assert(!/\n|\bat .*\.ts:\d|_worker|Error:/.test(error.message), error.message);
    if (fault.says) assertMatch(error.message, fault.says);
  }
  const elapsed = end.time - begin;
  const bound = timeOf(fault.within, subject.options);
  assertLess(elapsed, bound + LATE, `${error}`);
  // Data that was on its way may have come after the beginning.
  if (phase !== "streaming" || subject.spoil) assertGreaterOrEqual(elapsed, bound - 150);
  await recovers(fault, subject, actor);
  await subject.check?.();
}

async function recovers(fault: Fault, subject: Subject, actor: Actor): Promise<void> {
  if (fault.recovery === "never") {
    assertEquals(actor.state, stateAfter(fault.events));
    await actor.log.ended;
    return;
  }
  if (fault.recovery === "retried") {
    const attempts = () => actor.log.of("connecting").length;
    const before = attempts();
    await until("another attempt", () => attempts() > before, PATIENCE);
    return;
  }
  const place = actor.log.events.length;
  await subject.mend?.();
  await until(
    "another connection",
    () => actor.log.events.slice(place - 1).some(({ type }) => type === "connected"),
    PATIENCE,
  ).catch((error) => {
    throw new Error(`${error.message}; ${actor.log.story}; ${actor.lastError}`);
  });
  await more(actor, 3);
  assertEquals(actor.state, "streaming");
}

/** Lets all of a table happen, some at a time, and tells of all that went another way. */
export async function happenAll(table: Table, client?: RtspClient): Promise<string[]> {
  const waiting = [...table.faults];
  const failures: string[] = [];
  const work = async () => {
    for (let fault = waiting.shift(); fault; fault = waiting.shift()) {
      const { over, wrong } = fault;
      const isRtsp = over === "RTSP";
      await happen(fault, table.phase, isRtsp ? client : undefined).catch((error) => {
        failures.push(`${over}: ${wrong}: ${error.stack ?? error}`);
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return failures;
}

/** Those that a table has to be tried with; undefined where it has no row of RTSP. */
export function clientsFor({ faults }: Table): readonly (RtspClient | undefined)[] {
  return faults.some(({ over }) => over === "RTSP") ? RTSP_CLIENTS : [undefined];
}

export function testTable(table: Table): void {
  for (const client of clientsFor(table)) {
    const name = client ? `${table.title}, with ${client.name}` : table.title;
    test(`faults: ${name}`, { timeout: 240_000 }, async () => {
      assertEquals((await happenAll(table, client)).join("\n\n"), "");
    });
  }
}
