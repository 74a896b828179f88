import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { RtpPacket } from "../../../src/core/rtsp/rtp_packet.ts";
import { RtpReceiver } from "../../../src/core/rtsp/rtp_receiver.ts";
import { forAll } from "../property.ts";
import { rtp } from "./packetizer.ts";

interface Got {
  readonly sequence: number;
  readonly lostBefore: number;
  readonly value: number;
}

/** A receiver, and what it has given out. */
function receiver({ reorders = false } = {}) {
  const got: Got[] = [];
  const one = new RtpReceiver({
    payloadTypes: new Set([96]),
    clockRate: 90_000,
    reorders,
    take: ({ sequence, lostBefore, data, begin }) => {
      got.push({ sequence, lostBefore, value: data[begin]! });
    },
  });
  const push = (sequence: number, time = 0, { ssrc = 7, payloadType = 96 } = {}) => {
    const header = { sequence, timestamp: time * 90, ssrc, payloadType };
    const bytes = rtp(Uint8Array.of(sequence & 0xff), header);
    return one.push(bytes, 0, bytes.length, time);
  };
  return { one, got, push, order: () => got.map(({ sequence }) => sequence) };
}

test("the header with sources, an extension and padding", () => {
  const packet = new RtpPacket();
  // deno-fmt-ignore
  const bytes = Uint8Array.of(
    99, 0x80 | 0x20 | 0x10 | 2, 0x80 | 33, 0x12, 0x34, 0xff, 0, 0, 1, 0xfe, 0, 0, 2,
    0, 0, 0, 1, 0, 0, 0, 2, 0xbe, 0xde, 0, 1, 1, 2, 3, 4, 5, 6, 7, 0, 0, 3, 99,
  );
  assert(packet.read(bytes, 1, bytes.length - 1));
  assertEquals(packet.payloadType, 33);
  assert(packet.marker);
  assertEquals(packet.sequence, 0x1234);
  assertEquals(packet.timestamp, 0xff000001);
  assertEquals(packet.ssrc, 0xfe000002);
  assertEquals([...bytes.subarray(packet.begin, packet.end)], [5, 6, 7]);
});

test("what is no RTP packet is not taken for one", () => {
  const packet = new RtpPacket();
  const whole = rtp(Uint8Array.of(1, 2, 3), { sequence: 1, timestamp: 2 });
  assert(packet.read(whole, 0, whole.length));
  assertEquals(packet.read(whole, 0, 11), false);
  assertEquals(packet.read(Uint8Array.from(whole, (b, i) => i === 0 ? 0x40 : b), 0, 15), false);
  // More sources, a longer extension, or more padding than there are bytes.
  for (const first of [0x8f, 0x90, 0xa0]) {
    assertEquals(
      packet.read(Uint8Array.from(whole, (b, i) => i === 0 ? first : b), 0, 15),
      first === 0xa0,
    );
  }
  const padded = Uint8Array.from(whole, (b, i) => i === 0 ? 0xa0 : i === 14 ? 200 : b);
  assertEquals(packet.read(padded, 0, 15), false);
});

test("numbers wrap, and what is missing is counted", () => {
  const { one, got, push } = receiver();
  for (const sequence of [65534, 65535, 0, 1, 4, 5]) assert(push(sequence));
  assertEquals(got.map(({ lostBefore }) => lostBefore), [0, 0, 0, 0, 2, 0]);
  assertEquals(one.counts, { received: 6, lost: 2, reordered: 0, late: 0 });
  assertEquals(one.highest, 0x1_0000 + 5);
});

test("packets of another payload type are not its", () => {
  const { got, push } = receiver();
  push(1);
  assertEquals(push(2, 0, { payloadType: 97 }), false);
  assertEquals(got.length, 1);
});

test("over UDP, packets are put into their order", () => {
  const { one, push, order } = receiver({ reorders: true });
  for (const sequence of [1, 3, 4, 2, 5, 7, 6]) push(sequence);
  assertEquals(order(), [1, 2, 3, 4, 5, 6, 7]);
  assertEquals(one.counts, { received: 7, lost: 0, reordered: 3, late: 0 });
});

test("it is not waited for a missing packet for more than 100 ms, or 512 packets", () => {
  const late = receiver({ reorders: true });
  late.push(1, 0);
  late.push(3, 10);
  late.push(5, 60);
  assertEquals(late.one.nextExpiry, 110);
  late.one.expire(109);
  assertEquals(late.order(), [1]);
  late.one.expire(110);
  assertEquals(late.order(), [1, 3]);
  late.one.expire(160);
  assertEquals(late.got.map(({ lostBefore }) => lostBefore), [0, 1, 1]);
  late.push(2, 170);
  assertEquals(late.one.counts, { received: 4, lost: 2, reordered: 0, late: 1 });

  // Those that came in the wrong order are given up together.
  const swapped = receiver({ reorders: true });
  for (const sequence of [0, 13, 11]) swapped.push(sequence);
  swapped.one.expire(100);
  assertEquals(swapped.order(), [0, 11, 13]);

  const full = receiver({ reorders: true });
  full.push(0);
  for (let sequence = 2; sequence < 515; sequence++) full.push(sequence);
  assertEquals(full.order().length, 514);
  assertEquals(full.one.counts.lost, 1);
});

test("packets that come twice are left out", () => {
  for (const reorders of [false, true]) {
    const { one, push, order } = receiver({ reorders });
    for (const sequence of [1, 2, 2, 4, 4, 1, 3, 5]) push(sequence);
    assertEquals(order(), reorders ? [1, 2, 3, 4, 5] : [1, 2, 4, 5]);
    assertEquals(one.counts.late, reorders ? 3 : 4);
  }
});

test("one stray packet changes nothing; two in a row are a source that began again", () => {
  const { got, push } = receiver();
  push(100);
  push(30_000);
  push(101);
  push(50_000);
  push(50_001);
  push(50_002);
  assertEquals(got.map(({ sequence }) => sequence), [100, 101, 50_001, 50_002]);
  assertEquals(got.map(({ lostBefore }) => lostBefore), [0, 0, 1, 0]);
});

test("another source takes over at its second packet in a row", () => {
  const { one, got, push } = receiver({ reorders: true });
  push(100);
  push(102);
  push(9, 0, { ssrc: 8 });
  push(103);
  push(10, 0, { ssrc: 8 });
  push(11, 0, { ssrc: 8 });
  push(12, 0, { ssrc: 8 });
  assertEquals(one.ssrc, 8);
  assertEquals(got.map(({ sequence }) => sequence), [100, 102, 103, 10, 11, 12]);
});

test("numbers that do not go up say nothing over TCP", () => {
  const { got, push } = receiver();
  for (let i = 0; i < 40; i++) push(5);
  assertEquals(got.length, 25);
  assert(got.every(({ lostBefore }) => lostBefore === 0));
});

test("the jitter of packets that come evenly is 0, and of others their unevenness", () => {
  const even = receiver();
  for (let i = 0; i < 50; i++) even.push(i, i * 40);
  assertEquals(even.one.jitter, 0);
  const uneven = receiver();
  const bytes = (i: number) => rtp(Uint8Array.of(1), { sequence: i, timestamp: i * 3600 });
  for (let i = 0; i < 200; i++) uneven.one.push(bytes(i), 0, 13, i * 40 + (i % 2) * 10);
  // 10 ms are 900 units.
  assert(Math.abs(uneven.one.jitter - 900) < 5, `${uneven.one.jitter}`);
});

test("whatever the order within the window, each packet comes once and in its place", () => {
  forAll(100, (drawn) => {
    const { got, push, one } = receiver({ reorders: true });
    const count = drawn.integer(2, 80);
    const first = drawn.integer(0, 0xffff);
    const numbers = Array.from({ length: count }, (_, i) => ({ i, key: i + drawn.number() * 12 }));
    const order = [0, ...numbers.slice(1).sort((a, b) => a.key - b.key).map(({ i }) => i)];
    const lost = new Set(order.filter((i) => i > 0 && drawn.number() < 0.1));
    order.filter((i) => !lost.has(i)).forEach((i, at) => push(first + i, at));
    one.expire(1e6);
    const kept = Array.from({ length: count }, (_, i) => i).filter((i) => !lost.has(i));
    assertEquals(got.map(({ sequence }) => sequence), kept.map((i) => first + i & 0xffff));
    kept.forEach((i, at) =>
      assertEquals(got[at]!.lostBefore, at === 0 ? 0 : i - kept[at - 1]! - 1)
    );
  });
});
