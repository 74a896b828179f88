import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { FragmentRule } from "../../../src/core/bitstream/fragment_rule.ts";
import { nalUnitsOf, startsNalUnit } from "../../../src/core/bitstream/nal_unit.ts";

/** A packet of these bytes in hex. */
function packet(hex: string): Uint8Array {
  return Uint8Array.from(hex.replaceAll(" ", "").match(/../g) ?? [], (byte) => parseInt(byte, 16));
}

function roles(codec: "h264" | "hevc", types: readonly number[]): string[] {
  return types.map((type) => {
    const header = codec === "h264" ? [0x60 | type] : [type << 1, 1];
    return nalUnitsOf(codec, Uint8Array.of(0, 0, 0, 1, ...header, 0x80, 2))[0]!.role;
  });
}

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

test("a packet starts a NAL unit when it begins with 00 00 00 01", () => {
  assert(startsNalUnit(packet("00 00 00 01")));
  assert(startsNalUnit(packet("00 00 00 01 65 88")));
  for (const other of ["", "00", "00 00 00", "00 00 01 65", "65 00 00 00 01", "00 00 00 03 01"]) {
    assertEquals(startsNalUnit(packet(other)), false, other);
  }
});

test("the roles of H.264 NAL units", () => {
  assertEquals(new Set(roles("h264", [1, 2, 5])), new Set(["slice"]));
  assertEquals(new Set(roles("h264", [6, 7, 8, 9, ...range(14, 18)])), new Set(["before"]));
  assertEquals(new Set(roles("h264", [0, 3, 4, ...range(10, 13), 19, 20])), new Set(["other"]));
});

test("the roles of HEVC NAL units", () => {
  assertEquals(new Set(roles("hevc", range(0, 31))), new Set(["slice"]));
  const before = [32, 33, 34, 35, 39, ...range(41, 44), ...range(48, 55)];
  assertEquals(new Set(roles("hevc", before)), new Set(["before"]));
  const other = [36, 37, 38, 40, ...range(45, 47), ...range(56, 63)];
  assertEquals(new Set(roles("hevc", other)), new Set(["other"]));
});

test("a slice says whether it is its picture's first", () => {
  const first = (codec: "h264" | "hevc", hex: string) => nalUnitsOf(codec, packet(hex))[0]!.first;
  assertEquals(first("h264", "00 00 00 01 65 88 84"), true);
  assertEquals(first("h264", "00 00 00 01 65 00 6e"), false);
  assertEquals(first("h264", "00 00 00 01 41 7f ff"), false);
  assertEquals(first("h264", "00 00 00 01 67 ff ff"), false);
  assertEquals(first("hevc", "00 00 00 01 28 01 ac"), true);
  assertEquals(first("hevc", "00 00 00 01 28 01 2f"), false);
  assertEquals(first("hevc", "00 00 00 01 42 01 ff"), false);
});

test("keyframes are IDR pictures of H.264 and all random access points of HEVC", () => {
  const keys = (codec: "h264" | "hevc", last: number) =>
    range(0, last).filter((type) =>
      nalUnitsOf(codec, Uint8Array.of(0, 0, 0, 1, codec === "h264" ? type : type << 1, 1, 128))[0]!
        .keyframe
    );
  assertEquals(keys("h264", 31), [5]);
  assertEquals(keys("hevc", 63), range(16, 23));
});

test("all NAL units of a packet are found, wherever 00 and 01 are", () => {
  const found = (hex: string) => nalUnitsOf("h264", packet(hex)).map(({ at }) => at);
  assertEquals(found("00000001 67 42 01 00 01 0000 03 01 00000001 68 ce 00000001 65 88"), [
    0,
    13,
    19,
  ]);
  assertEquals(found("00000001 09 00020001 02000001 00000301"), [0]);
  assertEquals(found("00000001"), [0]);
  assertEquals(found("00000001 00000001"), [0, 4]);
  assertEquals(found("00000001 09"), [0]);
  assertEquals(found("00000001 09 00000001"), [0, 5]);
  assertEquals(found("00000001 01010101 000001 01"), [0]);
});

test("an H.264 recovery point is found among the messages of an SEI", () => {
  const recovers = (hex: string) => nalUnitsOf("h264", packet(`00000001 ${hex}`))[0]!.recovery;
  assertEquals(recovers("06 06 01 c4 80"), 0);
  assertEquals(recovers("06 01 02 aa bb 06 01 c4 80"), 0);
  // 255 + 2 bytes of user data before it.
  assertEquals(recovers(`06 05 ff 02 ${"aa".repeat(257)} 06 01 c4 80`), 0);
  // An escape byte does not count.
  assertEquals(recovers("06 01 04 00 00 03 01 bb 06 01 c4 80"), 0);
  // What x264 writes for a refresh of 20 columns.
  assertEquals(recovers("06 06 02 09 c4 80"), 18);
  for (
    const other of [
      "06 01 04 06 01 c4 06 80",
      "06 05 06 06 01 c4 80 06 01 80",
      "06 ff 06 01 c4 80",
      "06 80",
      "06",
      "07 06 01 c4 80",
      "06 05 ff ff ff ff",
      "06 ff ff ff",
    ]
  ) assertEquals(recovers(other), undefined, other);
});

test("an HEVC recovery point counts in both directions", () => {
  const recovers = (hex: string) => nalUnitsOf("hevc", packet(`00000001 ${hex}`))[0]!.recovery;
  assertEquals(recovers("4e 01 06 01 d0 80"), 0);
  assertEquals(recovers("4e 01 06 02 06 14 80"), 24);
  assertEquals(recovers("4e 01 06 01 70 80"), -1);
  // A suffix SEI has none.
  assertEquals(recovers("50 01 06 01 d0 80"), undefined);
});

test("a recovery point is looked for only in its own NAL unit", () => {
  const units = nalUnitsOf("h264", packet("00000001 06 05 02 aa 00000001 68 06 01 c4 80"));
  assertEquals(units.map(({ recovery }) => recovery), [undefined, undefined]);
});

/** Gives NAL units, as the sizes of their packets, each one a picture. */
function learn(rule: FragmentRule, ...nalUnits: readonly number[][]): boolean[] {
  return nalUnits.map(([start, ...rest]) => {
    rule.begin(start!);
    for (const size of rest) rule.next(size);
    const agrees = rule.end();
    rule.nextPicture();
    return agrees;
  });
}

/** Whether a NAL unit that begins with a packet of this size is over with it. */
function whole(rule: FragmentRule, size: number): boolean {
  rule.begin(size);
  rule.spoil();
  return rule.isWhole(4);
}

/** Whether a continuation of this size is the last one. */
function last(rule: FragmentRule, start: number, ...sizes: readonly number[]): boolean {
  rule.begin(start);
  for (const size of sizes) rule.next(size);
  rule.spoil();
  return rule.isLast(4);
}

test("the rule holds after as many pictures as are needed, and from then on", () => {
  const rule = new FragmentRule("h264");
  const held = Array.from({ length: 6 }, () => {
    learn(rule, [900]);
    return [rule.holds(4), rule.holds(5)];
  });
  assertEquals(held.map(([four]) => four), [false, false, false, true, true, true]);
  assertEquals(held.map(([, five]) => five), [false, false, false, false, true, true]);
});

for (const [codec, start, full] of [["h264", 1391, 1386], ["hevc", 1391, 1385]] as const) {
  test(`${codec}: one NAL unit that was surely not cut evenly shows the size of fragments`, () => {
    const rule = new FragmentRule(codec);
    assertEquals(rule.fragmentSize, 0);
    learn(rule, [start, full, full, 100]);
    assertEquals(rule.fragmentSize, full);
    assertEquals([full - 1, full, full + 1].map((size) => last(rule, start, size)), [
      true,
      false,
      false,
    ]);
    assertEquals([start - 1, start, start + 1].map((size) => whole(rule, size)), [
      true,
      false,
      false,
    ]);
  });

  test(`${codec}: two packets are enough to know the size of fragments`, () => {
    const rule = new FragmentRule(codec);
    learn(rule, [start, 100]);
    assertEquals(rule.fragmentSize, full);
    assertEquals([full - 1, full].map((size) => last(rule, start, full, size)), [true, false]);
  });
}

test("NAL units that could have been cut evenly prove less: four are needed", () => {
  const rule = new FragmentRule("h264");
  const known = Array.from({ length: 5 }, () => {
    learn(rule, [1391, 1386, 1000]);
    return last(rule, 1391, 1385);
  });
  assertEquals(known, [false, false, false, true, true]);
});

test("pictures without fragments prove nothing of fragments", () => {
  const rule = new FragmentRule("h264");
  learn(rule, [1391, 1386, 1000], [300], [300], [300], [300], [300]);
  assertEquals(last(rule, 1391, 1385), false);
});

test("several NAL units of one picture prove as much as one", () => {
  const rule = new FragmentRule("h264");
  for (let i = 0; i < 8; i++) {
    rule.begin(1391);
    rule.next(1000);
    rule.end();
  }
  rule.nextPicture();
  assertEquals([last(rule, 1391, 1000), rule.holds(1), rule.holds(2)], [false, true, false]);
});

test("a sender may count the NAL unit's header as a part of the first fragment", () => {
  for (const [codec, start] of [["h264", 1390], ["hevc", 1389]] as const) {
    const rule = new FragmentRule(codec);
    // A last fragment that is as large as a full one is not larger than it.
    assertEquals(learn(rule, [start, start - 4], [start, start - 4, 100]), [true, true]);
    assertEquals(rule.fragmentSize, start - 4);
    assertEquals(
      [start - 5, start - 4].map((size) => last(rule, start, start - 4, size)),
      [true, false],
    );
  }
});

test("before fragments were seen, only what is below the largest whole NAL unit is whole", () => {
  const rule = new FragmentRule("h264");
  learn(rule, [500], [1000], [700]);
  assertEquals([700, 997, 998, 1000, 1391].map((size) => whole(rule, size)), [
    true,
    true,
    false,
    false,
    false,
  ]);
});

test("that bound leaves out every first fragment of a sender with payloads of P bytes", () => {
  const P = 1000;
  for (const [codec, start] of [["h264", P + 3], ["hevc", P + 3], ["h264", P + 2]] as const) {
    const rule = new FragmentRule(codec);
    learn(rule, [P + 4]);
    assertEquals([whole(rule, start - 1), whole(rule, start)], [start - 1 < P + 2, false]);
  }
});

test("nobody cuts below 256 bytes: smaller packets are whole NAL units from the beginning", () => {
  const rule = new FragmentRule("h264");
  assertEquals([6, 255, 256, 300].map((size) => whole(rule, size)), [true, true, false, false]);
});

test("a cut below 256 bytes is believed when it is seen", () => {
  const rule = new FragmentRule("h264");
  learn(rule, [105, 100, 90]);
  assertEquals([104, 105].map((size) => whole(rule, size)), [true, false]);
});

test("fragments that could be even pieces: what is below half of the largest packet is whole", () => {
  const rule = new FragmentRule("h264");
  learn(rule, [805, 790]);
  assertEquals([255, 400, 401, 805].map((size) => whole(rule, size)), [true, true, false, false]);
  learn(rule, [1304]);
  assertEquals([649, 650, 805].map((size) => whole(rule, size)), [true, false, false]);
});

test("that bound leaves out every piece of a sender that cuts evenly", () => {
  const P = 1000;
  const rule = new FragmentRule("h264");
  learn(rule, [P + 4], [803, 790]);
  // The smallest NAL unit that is cut, in two.
  const smallest = 4 + 1 + Math.floor(P / 2);
  assertEquals([whole(rule, smallest), whole(rule, smallest - 6)], [false, true]);
});

for (
  const [what, nalUnit] of [
    ["another first fragment", [1291, 700]],
    ["other fragments in the middle", [1391, 1286, 1286, 100]],
    ["uneven fragments in the middle", [1391, 1386, 1380, 100]],
    ["an uneven fragment at the end of the middle", [1391, 1386, 1386, 1380, 100]],
    ["a last fragment above a full one", [1391, 1386, 1387]],
    ["an only fragment above a full one", [1391, 1387]],
  ] as const
) {
  test(`${what} speaks against the rule, and everything is proved anew`, () => {
    const rule = new FragmentRule("h264");
    learn(rule, ...Array.from({ length: 9 }, () => [1391, 1386, 1386, 100]));
    assert(rule.holds(9));
    assertEquals(learn(rule, [...nalUnit]), [false]);
    assertEquals([rule.holds(1), last(rule, 1391, 100)], [false, false]);
    learn(rule, [...nalUnit.slice(0, 1), 90]);
    assertEquals([rule.holds(1), rule.holds(2)], [true, false]);
  });
}

test("a NAL unit whose fragments do not fit what is known has no known end", () => {
  const rule = new FragmentRule("h264");
  learn(rule, [1391, 1386, 100]);
  assertEquals(last(rule, 1391, 1386, 100), true);
  for (const sizes of [[1291, 100], [1391, 1380, 100], [1391, 1386, 1380, 100], [1391, 1387]]) {
    assertEquals(last(rule, sizes[0]!, ...sizes.slice(1)), false, `${sizes}`);
  }
});

test("NAL units of which something was lost prove nothing", () => {
  const rule = new FragmentRule("h264");
  rule.begin(1200);
  rule.next(1386);
  rule.spoil();
  assertEquals(rule.end(), true);
  assertEquals(rule.fragmentSize, 0);
  rule.begin(1200);
  rule.spoil();
  rule.end();
  assertEquals(whole(rule, 500), false);
});

test("a NAL unit is judged once, and none before the first one", () => {
  const rule = new FragmentRule("h264");
  assertEquals(rule.end(), true);
  rule.next(5);
  assertEquals(rule.end(), true);
  assertEquals(rule.fragmentSize, 0);
  learn(rule, [1391, 100]);
  rule.begin(1200);
  rule.next(1300);
  assertEquals([rule.end(), rule.end()], [false, true]);
});

test("distrust() takes everything back but the sizes", () => {
  const rule = new FragmentRule("h264");
  learn(rule, ...Array.from({ length: 9 }, () => [1391, 1386, 100]));
  rule.distrust();
  rule.nextPicture();
  assertEquals([rule.holds(1), last(rule, 1391, 100), rule.fragmentSize], [false, false, 1386]);
  learn(rule, [1391, 1386, 100]);
  assertEquals([rule.holds(1), last(rule, 1391, 100)], [true, true]);
});
