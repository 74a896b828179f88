import { assertEquals } from "@std/assert";
import { test } from "node:test";
import type { Packet } from "../../../src/av/packet.ts";
import { type DamageOptions, DamageTracker } from "../../../src/worker/read/damage_tracker.ts";
import type { Decodable } from "../../../src/worker/read/decodable.ts";

/** What a decoder gives out. */
function picture(timestamp: bigint, { keyframe = false, damaged = false } = {}) {
  return { timestamp, keyframe, damaged };
}

interface Sent extends Partial<Omit<Decodable, "packet" | "note">> {
  readonly missing?: boolean;
  readonly number?: number | undefined;
  readonly recovery?: number | undefined;
}

/** What it is given. */
function sent(pts: bigint, { missing = false, number, recovery, ...more }: Sent = {}): Decodable {
  return {
    packet: { pts } as Packet,
    picture: true,
    keyframe: false,
    suspect: false,
    ...more,
    note: { missing, number, recovery },
  };
}

const KEY = { keyframe: true };
const LOST = { suspect: true };

function tracker(codec = "h264", options: Partial<DamageOptions> = {}) {
  return new DamageTracker(codec, {
    ...{ blind: false, decoderWaits: false, patience: Infinity },
    ...options,
  });
}

/** A connection whose first keyframe, at time 0, was decoded. */
function begun(codec = "h264"): DamageTracker {
  const one = tracker(codec);
  assertEquals(one.mayDecode(sent(0n, { ...KEY, number: 0 })), true);
  assertEquals(one.isDamaged(picture(0n, KEY)), false);
  return one;
}

/** Decodes a picture that comes out at once. */
function decode(one: DamageTracker, pts: bigint, what: Sent = {}): boolean {
  assertEquals(one.mayDecode(sent(pts, what)), true);
  return one.isDamaged(picture(pts, { keyframe: what.keyframe === true && !what.recovery }));
}

for (const codec of ["h264", "hevc", "mpeg4", "mpeg2video"]) {
  test(`${codec}: pictures before the first keyframe cannot be whole`, () => {
    const one = tracker(codec);
    assertEquals(one.mayDecode(sent(1n)), false);
    // Parameter sets can always be decoded.
    assertEquals(one.mayDecode(sent(1n, { picture: false })), true);
    assertEquals(one.isDamaged(picture(1n)), true);
    assertEquals(decode(one, 2n, KEY), false);
    assertEquals(decode(one, 3n), false);
  });
}

test("a codec whose decoder waits by itself is decoded from the first packet on", () => {
  for (const codec of ["mjpeg", "vp8", "vp9", "av1"]) {
    assertEquals(decode(tracker(codec), 1n), false);
    assertEquals(decode(tracker(codec, { blind: true }), 1n), false);
  }
});

test("after a loss all pictures lack something, until a keyframe", () => {
  const one = begun();
  assertEquals(decode(one, 1n), false);
  one.mayDecode(sent(2n, { ...LOST, picture: false }));
  for (const time of [2n, 3n, 4n]) assertEquals(decode(one, time), true);
  assertEquals([decode(one, 5n, KEY), decode(one, 6n)], [false, false]);
});

test("a picture that is missing is a loss as well, but not in the next keyframe", () => {
  const one = begun();
  assertEquals([decode(one, 1n, { missing: true }), decode(one, 2n)], [true, true]);
  assertEquals(decode(one, 3n, { ...KEY, missing: true }), false);
});

test("a loss counts from its picture on, also where the keyframe before comes out later", () => {
  const one = begun();
  // Of a group of three, the picture that both B-frames refer to is lost.
  one.mayDecode(sent(3n, { ...KEY, number: 1 }));
  one.mayDecode(sent(4n, { missing: true, number: 3 }));
  one.mayDecode(sent(5n, { missing: true, number: 3 }));
  assertEquals(one.isDamaged(picture(3n, KEY)), false);
  assertEquals([4n, 5n, 7n].map((time) => one.isDamaged(picture(time))), [true, true, true]);
  assertEquals(decode(one, 8n, KEY), false);
});

test("a keyframe that lacks something itself does not end it", () => {
  const one = begun();
  assertEquals(decode(one, 2n, { ...KEY, ...LOST }), true);
  assertEquals([decode(one, 3n), decode(one, 4n, KEY)], [true, false]);
});

test("a loss before the first keyframe is no damage after it", () => {
  const one = tracker();
  one.mayDecode(sent(0n, { ...LOST, picture: false }));
  assertEquals(decode(one, 1n, KEY), false);
});

test("a loss in the first keyframe is damage, by its time", () => {
  const one = tracker();
  assertEquals([decode(one, 1n, { ...KEY, ...LOST }), decode(one, 2n)], [true, true]);
});

test("what the decoder had to make up is damage too, and goes on to the next keyframe", () => {
  const one = begun();
  assertEquals(one.isDamaged(picture(1n, { damaged: true })), true);
  assertEquals(one.isDamaged(picture(2n)), true);
  assertEquals(one.isDamaged(picture(3n, { keyframe: true, damaged: true })), true);
  assertEquals(one.isDamaged(picture(4n, KEY)), false);
});

test("a recovery point ends it with the picture that it names", () => {
  const one = begun();
  assertEquals(decode(one, 1n, { ...LOST, number: 1 }), true);
  assertEquals(decode(one, 2n, { number: 2, keyframe: true, recovery: 3 }), true);
  assertEquals([3, 4].map((number) => decode(one, BigInt(number), { number })), [true, true]);
  assertEquals([5, 6].map((number) => decode(one, BigInt(number), { number })), [false, false]);
});

test("a recovery point that is reached at once needs no numbers", () => {
  const one = begun();
  assertEquals(decode(one, 1n, LOST), true);
  assertEquals(decode(one, 2n, { keyframe: true, recovery: 0 }), false);
  assertEquals(decode(one, 3n, LOST), true);
  assertEquals(decode(one, 4n, { keyframe: true, recovery: 5 }), true);
  assertEquals(decode(one, 10n), true);
});

test("a loss on the way to a recovery point needs another one", () => {
  for (const how of [LOST, { missing: true }]) {
    const one = begun();
    decode(one, 1n, { ...LOST, number: 1 });
    decode(one, 2n, { number: 2, recovery: 3 });
    assertEquals(decode(one, 3n, { ...how, number: 3 }), true);
    assertEquals([4n, 5n, 6n].map((pts) => decode(one, pts, { number: Number(pts) })), [
      ...[true, true, true],
    ]);
    assertEquals(decode(one, 7n, { number: 7, recovery: 1 }), true);
    assertEquals(decode(one, 8n, { number: 8 }), false);
  }
});

test("what is decoded with damage on the way to a recovery point needs another one", () => {
  const one = begun();
  decode(one, 1n, { ...LOST, number: 1 });
  decode(one, 2n, { number: 2, recovery: 1 });
  one.mayDecode(sent(3n, { number: 3 }));
  assertEquals(one.isDamaged(picture(3n, { damaged: true })), true);
  assertEquals(decode(one, 4n, { number: 4 }), true);
});

test("leading pictures are shown before the recovery point, and are not right", () => {
  const one = tracker("hevc");
  assertEquals(one.mayDecode(sent(8n, { keyframe: true, number: 8, recovery: 0 })), true);
  assertEquals(one.mayDecode(sent(6n, { number: 6 })), true);
  assertEquals(one.isDamaged(picture(6n)), true);
  assertEquals([one.isDamaged(picture(8n)), one.isDamaged(picture(9n))], [false, false]);
});

test("after a join, a decoder that waits by itself gives out only what is right", () => {
  const one = tracker("h264", { decoderWaits: true });
  assertEquals(one.mayDecode(sent(1n)), false);
  assertEquals(one.mayDecode(sent(2n, { keyframe: true, number: 2, recovery: 24 })), true);
  assertEquals(one.isDamaged(picture(26n)), false);
});

test("blind: everything is decoded, and damaged until a keyframe", () => {
  const one = tracker("h264", { blind: true });
  assertEquals([decode(one, 1n), decode(one, 2n)], [true, true]);
  assertEquals([decode(one, 3n, KEY), decode(one, 4n)], [false, false]);
});

test("damaged pictures are withheld as long as it has patience, from the first of them on", () => {
  const withheld = (patience: number) => {
    const one = tracker("h264", { blind: true, patience });
    return [100, 200, 300, 400].map((time) => {
      decode(one, BigInt(time));
      return one.withholds(time);
    });
  };
  assertEquals(withheld(Infinity), [true, true, true, true]);
  assertEquals(withheld(200), [true, true, false, false]);
  assertEquals(withheld(0), [false, false, false, false]);
  const one = tracker("h264", { blind: true, patience: 200 });
  decode(one, 1n);
  assertEquals(one.withholds(0), true);
  decode(one, 2n, KEY);
  decode(one, 3n, LOST);
  assertEquals([one.withholds(1_000), one.withholds(1_100), one.withholds(1_200)], [
    ...[true, true, false],
  ]);
});
