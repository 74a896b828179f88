import { assertEquals } from "@std/assert";
import { test } from "node:test";
import type { Pointer } from "../../../ffi/mod.ts";
import { PacketRing } from "../../../src/core/output/packet_ring.ts";
import type { IncomingPacket, StreamPacket } from "../../../src/core/output/stream_packet.ts";
import { now } from "../../../src/core/timing/clock.ts";
import {
  type FeedStream,
  PacketFeed,
  type PacketSubscriber,
  type StreamDescription,
} from "../../../src/worker/read/packet_feed.ts";

/** Only handed on. */
const PARAMETERS = {} as Pointer;
const OTHER_PARAMETERS = {} as Pointer;

const VIDEO: StreamDescription = {
  kind: "video",
  codec: "h264",
  parameters: PARAMETERS,
  timeBase: { num: 1, den: 90_000 },
  live: true,
};
const AUDIO: StreamDescription = {
  kind: "audio",
  codec: "aac",
  parameters: OTHER_PARAMETERS,
  timeBase: { num: 1, den: 48_000 },
  live: true,
};

/** Writes down what it gets: `+` and the kinds, stream and decoding time of packets, `-`. */
class Listener implements PacketSubscriber {
  readonly log: string[] = [];
  readonly packets: StreamPacket[] = [];
  streams: readonly FeedStream[] = [];
  error: unknown;
  /** Throws at this line of the log. */
  breaksAt: string | undefined;

  begin(streams: readonly FeedStream[]): void {
    this.streams = streams;
    this.#note(`+${streams.map(({ kind }) => kind)}`);
  }

  push(packet: StreamPacket): void {
    this.packets.push(packet);
    this.#note(`${packet.stream}:${packet.dts}`);
  }

  end(): void {
    this.#note("-");
  }

  failed(error: unknown): void {
    this.error = error;
    this.log.push("failed");
  }

  #note(line: string): void {
    this.log.push(line);
    if (line === this.breaksAt) throw new Error(`broken at ${line}`);
  }
}

/** With all times known, so that it is not held back. */
function timed(dts: bigint, keyframe = false): IncomingPacket {
  return { data: new Uint8Array([Number(dts)]), pts: dts, dts, keyframe };
}

/** As RTP has it: only when the picture is shown is known. */
function untimed(pts: bigint): IncomingPacket {
  return { data: new Uint8Array(1), pts, keyframe: false };
}

function feedWith(history = 0): PacketFeed {
  return new PacketFeed(new PacketRing(history, 2 ** 20));
}

/** A subscriber from now on. */
function listen(feed: PacketFeed, since?: number): Listener {
  const listener = new Listener();
  feed.subscribe(listener, since);
  return listener;
}

test("packets are wanted while somebody is subscribed, or while history is kept", () => {
  const feed = feedWith();
  assertEquals(feed.active, false);
  const [one, two] = [listen(feed), listen(feed)];
  assertEquals(feed.active, true);
  feed.unsubscribe(one);
  assertEquals(feed.active, true);
  feed.unsubscribe(two);
  assertEquals(feed.active, false);
  assertEquals(feedWith(1_000).active, true);
});

test("every subscriber gets every packet of every connection, and knows where one ends", () => {
  const feed = feedWith();
  const early = listen(feed);
  feed.connect([VIDEO]);
  feed.push(0, timed(1n, true));
  const late = listen(feed);
  feed.push(0, timed(2n));
  feed.disconnect();
  feed.connect([VIDEO]);
  feed.push(0, timed(1n));
  feed.disconnect();
  assertEquals(early.log, ["+video", "0:1", "0:2", "-", "+video", "0:1", "-"]);
  assertEquals(late.log, ["+video", "0:2", "-", "+video", "0:1", "-"]);
});

test("a new connection ends the one before, and an end is told once", () => {
  const feed = feedWith();
  const listener = listen(feed);
  feed.disconnect();
  feed.connect([VIDEO]);
  feed.connect([VIDEO]);
  feed.disconnect();
  feed.disconnect();
  assertEquals(listener.log, ["+video", "-", "+video", "-"]);
});

test("a subscription ends with what it has begun, and nothing comes after it", () => {
  const feed = feedWith();
  const [before, during, other] = [listen(feed), listen(feed), listen(feed)];
  feed.unsubscribe(before);
  feed.connect([VIDEO]);
  feed.push(0, timed(1n));
  feed.unsubscribe(during);
  feed.unsubscribe(during);
  feed.push(0, timed(2n));
  assertEquals(before.log, []);
  assertEquals(during.log, ["+video", "0:1", "-"]);
  assertEquals(other.log, ["+video", "0:1", "0:2"]);
});

test("each stream is told with its kind, parameters and time base, and its packets by number", () => {
  const feed = feedWith();
  const listener = listen(feed);
  feed.connect([VIDEO, AUDIO]);
  feed.push(1, timed(5n));
  feed.push(0, timed(3n, true));
  feed.push(1, timed(6n));
  assertEquals(listener.log, ["+video,audio", "1:5", "0:3", "1:6"]);
  assertEquals(listener.streams.map(({ timeBase }) => timeBase.den), [90_000, 48_000]);
  assertEquals(listener.streams[0]!.parameters === PARAMETERS, true);
  assertEquals(listener.streams[1]!.parameters === OTHER_PARAMETERS, true);
});

test("a stream's size is known after its first picture, of that stream and connection only", () => {
  const feed = feedWith();
  const listener = listen(feed);
  feed.connect([AUDIO, VIDEO]);
  const sizes = () => listener.streams.map(({ size }) => size);
  assertEquals(sizes(), [undefined, undefined]);
  feed.noteSize(1, 640, 360);
  assertEquals(sizes(), [undefined, { width: 640, height: 360 }]);
  const [, before] = sizes();
  feed.noteSize(1, 640, 360);
  assertEquals(sizes()[1] === before, true, "an object for every picture");
  feed.noteSize(1, 640, 480);
  assertEquals(sizes(), [undefined, { width: 640, height: 480 }]);
  feed.connect([AUDIO, VIDEO]);
  assertEquals(sizes(), [undefined, undefined]);
});

test("a packet has the bytes, times and mark that it came with, and when that was", () => {
  const feed = feedWith();
  const listener = listen(feed);
  feed.connect([VIDEO]);
  const start = now();
  feed.push(0, { data: Uint8Array.of(1, 2), pts: 9n, dts: 4n, keyframe: true });
  const { time, ...rest } = listener.packets[0]!;
  const own = { data: Uint8Array.of(1, 2), pts: 9n, dts: 4n, keyframe: true };
  assertEquals(rest, { ...own, stream: 0, mended: false });
  assertEquals(time >= start && time <= now(), true);
});

test("packets without decoding times are held back at first, then no more", () => {
  const feed = feedWith();
  const listener = listen(feed);
  feed.connect([VIDEO]);
  for (let i = 0n; i < 7n; i++) feed.push(0, untimed(i * 3_000n));
  assertEquals(listener.log, ["+video"]);
  feed.push(0, untimed(21_000n));
  assertEquals(listener.packets.map(({ dts }) => dts / 3_000n), [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n]);
  feed.push(0, untimed(24_000n));
  assertEquals(listener.packets.length, 9);
});

test("one stream is not held back for the sake of another", () => {
  const feed = feedWith();
  const listener = listen(feed);
  feed.connect([VIDEO, AUDIO]);
  feed.push(0, untimed(0n));
  feed.push(1, timed(1n));
  assertEquals(listener.log, ["+video,audio", "1:1"]);
});

for (const end of ["disconnect", "unsubscribe"] as const) {
  test(`what is held back comes out before ${end}() ends it`, () => {
    const feed = feedWith();
    const listener = listen(feed);
    feed.connect([VIDEO]);
    for (const pts of [9_000n, 15_000n, 12_000n]) feed.push(0, untimed(pts));
    if (end === "disconnect") feed.disconnect();
    else feed.unsubscribe(listener);
    assertEquals(listener.packets.map(({ pts }) => pts), [9_000n, 15_000n, 12_000n]);
    // One picture is decoded before one that is shown before it: times are one step early.
    assertEquals(listener.log, ["+video", "0:6000", "0:9000", "0:12000", "-"]);
  });
}

test("who comes when nobody listened gets times that begin with what comes then", () => {
  const feed = feedWith();
  const first = listen(feed);
  feed.connect([VIDEO]);
  for (let i = 0n; i < 8n; i++) feed.push(0, untimed(i * 3_000n));
  feed.unsubscribe(first);
  // Nothing is pushed while nobody listens.
  const second = listen(feed);
  feed.push(0, untimed(900_000n));
  assertEquals(second.log, ["+video"], "not looked ahead");
  feed.unsubscribe(second);
  assertEquals(second.log, ["+video", "0:900000", "-"]);
});

test("history comes first, from its keyframe on, to the new subscriber only", () => {
  const feed = feedWith(60_000);
  feed.connect([VIDEO]);
  const old = listen(feed);
  feed.push(0, timed(1n));
  feed.push(0, timed(2n, true));
  feed.push(0, timed(3n));
  const late = listen(feed, -Infinity);
  const none = listen(feed);
  feed.push(0, timed(4n));
  assertEquals(old.log, ["+video", "0:1", "0:2", "0:3", "0:4"]);
  assertEquals(late.log, ["+video", "0:2", "0:3", "0:4"]);
  assertEquals(none.log, ["+video", "0:4"]);
});

test("the history of a connection is gone with it", () => {
  const feed = feedWith(60_000);
  feed.connect([VIDEO]);
  feed.push(0, timed(1n, true));
  feed.disconnect();
  assertEquals(listen(feed, -Infinity).log, []);
  feed.connect([VIDEO]);
  assertEquals(listen(feed, -Infinity).log, ["+video"]);
});

for (const breaksAt of ["+video", "0:2", "-"]) {
  test(`a subscriber that throws at ${breaksAt} is out, and the others go on`, () => {
    const feed = feedWith();
    const broken = listen(feed);
    broken.breaksAt = breaksAt;
    const other = listen(feed);
    feed.connect([VIDEO]);
    feed.push(0, timed(1n));
    feed.push(0, timed(2n));
    feed.push(0, timed(3n));
    feed.disconnect();
    feed.connect([VIDEO]);
    const until = ["+video", "0:1", "0:2", "0:3", "-"];
    assertEquals(broken.log, [...until.slice(0, until.indexOf(breaksAt) + 1), "failed"]);
    assertEquals(String(broken.error), `Error: broken at ${breaksAt}`);
    assertEquals(other.log, [...until, "+video"]);
    feed.unsubscribe(broken);
    assertEquals(broken.log.at(-1), "failed");
  });
}

test("a subscriber that breaks at the history gets no more of it", () => {
  const feed = feedWith(60_000);
  feed.connect([VIDEO]);
  for (const dts of [1n, 2n, 3n, 4n]) feed.push(0, timed(dts, dts === 1n));
  const broken = new Listener();
  broken.breaksAt = "0:2";
  feed.subscribe(broken, -Infinity);
  assertEquals(broken.log, ["+video", "0:1", "0:2", "failed"]);
});
