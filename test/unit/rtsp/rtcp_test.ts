import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { test } from "node:test";
import { readRtcp, type SenderTime, writeRtcp } from "../../../src/core/rtsp/rtcp.ts";
import { SenderClock } from "../../../src/core/rtsp/sender_clock.ts";
import { Timestamps } from "../../../src/core/rtsp/timestamps.ts";
import { forAll } from "../property.ts";

function read(bytes: Uint8Array): { reports: SenderTime[]; left: number[] } {
  const reports: SenderTime[] = [];
  const left: number[] = [];
  readRtcp(bytes, 0, bytes.length, {
    onSenderReport: (report) => reports.push(report),
    onGoodbye: (ssrc) => left.push(ssrc),
  });
  return { reports, left };
}

const hex = (text: string) =>
  Uint8Array.from(text.match(/[0-9a-f]{2}/g) ?? [], (b) => parseInt(b, 16));

/** NTP 0xe8d1a2c0.80000000 is half a second after 1_697_...: seconds since 1900. */
const REPORT = "80c80006 00000007 e8d1a2c0 80000000 00015f90 00000010 00001000";

test("a sender report, with others behind it", () => {
  const { reports, left } = read(
    hex(`${REPORT} 81ca0003 00000007 01024142 00000000 81cb0001 00000007`),
  );
  assertEquals(reports, [{
    ssrc: 7,
    time: (0xe8d1a2c0 - 2_208_988_800) * 1000 + 500,
    timestamp: 90_000,
    compact: 0xa2c08000,
  }]);
  assertEquals(left, [7]);
});

test("a sender without a clock tells no time", () => {
  assertEquals(read(hex(REPORT.replace("e8d1a2c0 80000000", "00000000 00000000"))).reports, []);
});

test("what is cut off is not read, and rubbish throws nothing", () => {
  const whole = hex(REPORT);
  for (let length = 0; length < whole.length; length++) {
    assertEquals(read(whole.slice(0, length)).reports, []);
  }
  forAll(200, (drawn) => {
    read(Uint8Array.from({ length: drawn.integer(0, 60) }, () => drawn.integer(0, 255)));
  });
});

const RECEPTION = {
  ssrc: 0x01020304,
  fractionLost: 0.25,
  lost: 5,
  highest: 0x0001_0002,
  jitter: 9,
  lastReport: 0xaabbccdd,
  delay: 2_000,
};

test("a receiver report with our name, as RFC 3550 lays it out", () => {
  assertEquals(
    writeRtcp(0xa1a2a3a4, "me", RECEPTION),
    hex(`81c90007 a1a2a3a4 01020304 40000005 00010002 00000009 aabbccdd 00020000
         81ca0003 a1a2a3a4 01026d65 00000000`),
  );
});

test("the keyframe requests of RFC 4585 and RFC 5104", () => {
  const report = writeRtcp(1, "me", RECEPTION).length;
  const pli = writeRtcp(1, "me", RECEPTION, { kind: "pli" });
  assertEquals(pli.slice(report), hex("81ce0002 00000001 01020304"));
  const fir = writeRtcp(1, "me", RECEPTION, { kind: "fir", sequence: 257 });
  assertEquals(fir.slice(report), hex("84ce0004 00000001 00000000 01020304 01000000"));
});

test("a name of any length ends at 32 bits, with a zero", () => {
  for (let length = 1; length < 10; length++) {
    const bytes = writeRtcp(1, "n".repeat(length), RECEPTION);
    assertEquals(bytes.length % 4, 0);
    assertEquals(bytes.at(-1), 0);
    const view = new DataView(bytes.buffer);
    assertEquals(32 + 4 * (view.getUint16(34) + 1), bytes.length);
  }
});

test("the clock of a camera goes on from its last report, over the wrap", () => {
  const clock = new SenderClock(90_000);
  assertEquals(clock.timeOf(5), undefined);
  const report = { ssrc: 1, time: 1_000_000, timestamp: 0xffff_fff0, compact: 1 };
  clock.note(report);
  assertEquals(clock.timeOf(0xffff_fff0), 1_000_000);
  assertAlmostEquals(clock.timeOf(0xffff_fff0 + 90_000 - 2 ** 32)!, 1_001_000, 1e-6);
  assertAlmostEquals(clock.timeOf(0xffff_fff0 - 45_000)!, 999_500, 1e-6);
  clock.forget();
  assertEquals(clock.timeOf(5), undefined);
});

test("timestamps count on from 0, forward and back", () => {
  const timestamps = new Timestamps();
  const first = 0xffff_ff00;
  const steps = [0, 3000, 6000, 3000, 9000];
  const extended = steps.map((step) => timestamps.extend((first + step) >>> 0));
  assertEquals(extended, steps.map(BigInt));
  assert(timestamps.extend(first) === 0n);
});
