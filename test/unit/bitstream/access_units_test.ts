/** `AccessUnits`: when a picture is complete. */

import { assert, assertEquals, assertLess } from "@std/assert";
import { test } from "node:test";
import { AccessUnits } from "../../../src/core/bitstream/access_units.ts";
import { forAll } from "../property.ts";
import { Seeded } from "../../support/seeded.ts";
import { assertIntact, CODECS, learnt, split, T } from "./access_units_run.ts";
import { concat, type Nal, Run, Sender, type TestPacket } from "./traces/sender.ts";

// The end of a NAL unit.

for (const codec of CODECS) {
  const { key, slice, aud, sps, pps, sei, tail } = T[codec];

  test(`${codec}: the first pictures come when the next begins, the fifth at once`, () => {
    const sender = new Sender({ codec });
    const run = new Run(new AccessUnits(codec));
    const out = [key, slice, slice, slice, slice, slice].map((type) => {
      const packets = sender.picture([type, sender.sizeOf(4, 300)]);
      const units = run.push(packets);
      return [run.units.stats.mode, ...units.map(({ pts, at }) => [pts, run.count - 1 - at])];
    });
    assertEquals(out, [
      ["learning"],
      ["learning", [0n, 3]],
      ["learning", [3000n, 3]],
      ["learning", [6000n, 3]],
      ["early", [9000n, 3], [12000n, 0]],
      ["early", [15000n, 0]],
    ]);
  });

  test(`${codec}: in early mode a unit comes with its last packet`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender);
    run.flush();
    run.given.length = 0;
    const all: TestPacket[] = [];
    const pictures = [40, 900, 1388, 1389, sender.sizeOf(2, 5), sender.sizeOf(3, 1380), 50_000];
    for (const size of pictures) {
      // 1388 bytes are a packet above, and 1387 one as large as a first fragment.
      const ambiguous = size === 1388;
      const packets = sender.picture([slice, size]);
      const units = run.push(packets);
      assertEquals(units.length, ambiguous ? 0 : size === 1389 ? 2 : 1, `${size}`);
      all.push(...packets);
    }
    assertIntact(run, all);
    assertEquals(run.units.stats.wrongGuesses, 0);
  });

  test(`${codec}: a last fragment of exactly full size is late, not suspect`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender);
    const full = sender.picture([slice, sender.sizeOf(3, sender.full)]);
    assertEquals(run.push(full), []);
    const next = sender.picture([slice, 500]);
    assertEquals(run.push(next).map(({ at, suspect, pts }) => [run.count - 1 - at, suspect, pts]), [
      [0, false, full[0]!.pts],
      [0, false, next[0]!.pts],
    ]);
    assertIntact(run, [...full, ...next]);
    assertEquals([run.units.stats.mode, run.units.stats.fallbacks], ["early", 0]);
  });

  test(`${codec}: a whole NAL unit as large as a first fragment is late, not suspect`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender);
    const packets = [...sender.picture([slice, 1387]), ...sender.picture([slice, 1388])];
    assertEquals(run.push(packets).length, 1);
    packets.push(...sender.picture([slice, 1386]));
    assertEquals(run.push(packets.slice(-1)).length, 2);
    assertIntact(run, packets);
    assertEquals(run.units.stats.mode, "early");
  });

  test(`${codec}: pictures of one NAL unit each come early when larger ones were whole`, () => {
    const sender = new Sender({ codec });
    const run = new Run(new AccessUnits(codec));
    const sized = [1000, 400, 600, 500, 997, 998, 990, 1200, 1100];
    const early = sized.map((size, i) => {
      const packets = sender.picture([i === 0 ? key : slice, size]);
      return run.push(packets).some(({ pts }) => pts === packets[0]!.pts);
    });
    // 1004 bytes with the start code: what is below 1002 is whole.
    assertEquals(early, [false, false, false, false, true, false, true, false, true]);
    assertEquals(run.units.stats.wrongGuesses, 0);
  });

  test(`${codec}: a camera that cuts evenly is never believed`, () => {
    forAll(3, (random) => {
      const sender = new Sender({ codec, cut: "even" });
      const run = new Run(new AccessUnits(codec));
      const sizes = new Seeded(random.seed());
      const packets: TestPacket[] = [];
      for (let i = 0; i < 600; i++) {
        const size = i % 30 === 0 ? sizes.integer(9000, 12000) : sizes.integer(1500, 6000);
        packets.push(...sender.picture([i % 30 === 0 ? key : slice, size]));
      }
      run.push(packets);
      run.flush();
      assertIntact(run, packets);
      const { mode, wrongGuesses, fallbacks } = run.units.stats;
      assertEquals([mode, wrongGuesses, fallbacks], ["learning", 0, 0]);
    });
  });

  test(`${codec}: a camera that cuts evenly, and sends small pictures whole`, () => {
    forAll(3, (random) => {
      const sender = new Sender({ codec, cut: "even" });
      const run = new Run(new AccessUnits(codec));
      const sizes = new Seeded(random.seed());
      for (let i = 0; i < 600; i++) {
        run.push(sender.picture([i % 30 === 0 ? key : slice, sizes.integer(300, 3000)]));
      }
      assertLess(run.given.filter(({ suspect }) => suspect).length, 4);
      assertLess(run.units.stats.wrongGuesses, 2);
    });
  });

  test(`${codec}: a camera that counts the header as part of the first fragment comes early`, () => {
    const sender = new Sender({ codec, headerInFirst: true });
    const run = new Run(new AccessUnits(codec));
    const packets: TestPacket[] = [];
    for (let i = 0; i < 40; i++) {
      const picture = sender.picture([i === 0 ? key : slice, 2000 + 700 * (i % 7)]);
      const units = run.push(picture);
      packets.push(...picture);
      if (i >= 8) assertEquals(units.map(({ pts }) => pts), [picture[0]!.pts]);
    }
    assertIntact(run, packets);
    assertEquals(run.units.stats.wrongGuesses, 0);
  });

  test(`${codec}: what comes before and after the slices stays with its picture`, () => {
    const sender = new Sender({ codec });
    const run = new Run(new AccessUnits(codec));
    const packets: TestPacket[] = [];
    for (let i = 0; i < 12; i++) {
      const keyframe = i % 6 === 0;
      const parameters: Nal[] = keyframe ? [[sps, 30], [pps, 8], [sei, 700]] : [[sei, 12]];
      const type = keyframe ? key : slice;
      packets.push(...sender.picture([aud, 3], ...parameters, [type, sender.sizeOf(3, 200)]));
    }
    run.push(packets);
    run.flush();
    assertIntact(run, packets);
    const firsts = run.given.filter(({ first }) => first);
    assertEquals(
      firsts.map(({ pts }) => pts),
      Array.from({ length: 12 }, (_, i) => 3000n * BigInt(i)),
    );
    assert(firsts.every(({ data }) => data[4] === (codec === "h264" ? 0x60 | aud : aud << 1)));
    const keys = run.given.filter(({ keyframe }) => keyframe);
    assertEquals(keys.map(({ pts, picture }) => [pts, picture]), [[0n, true], [18000n, true]]);
    assertEquals(run.given.filter(({ picture }) => picture).length, 12);
  });

  test(`${codec}: what comes after the last slice does not make a picture late`, () => {
    const sender = new Sender({ codec });
    const run = new Run(new AccessUnits(codec));
    const packets: TestPacket[] = [];
    for (let i = 0; i < 12; i++) {
      const picture = sender.picture([i === 0 ? key : slice, sender.sizeOf(3, 200)], [tail, 20]);
      const units = run.push(picture);
      packets.push(...picture);
      if (i < 5) continue;
      const own = units.filter(({ picture: has, pts }) => has && pts === picture[0]!.pts);
      assertEquals(own.map(({ at, first }) => [run.count - 1 - at, first]), [[1, true]]);
    }
    run.flush();
    assertIntact(run, packets);
    assertEquals(run.given.filter(({ picture }) => picture).length, 12);
    const { mode, wrongGuesses, fallbacks } = run.units.stats;
    assertEquals([mode, wrongGuesses, fallbacks], ["early", 0, 0]);
  });

  test(`${codec}: NAL units in one packet`, () => {
    const sender = new Sender({ codec });
    const run = new Run(new AccessUnits(codec));
    const packets: TestPacket[] = [];
    for (let i = 0; i < 20; i++) {
      const picture = i % 10 === 0
        ? [
          ...sender.together([aud, 3], [sps, 30], [pps, 8]),
          ...sender.nal([key, sender.sizeOf(4, 100)]),
        ]
        : sender.together([aud, 3], [sei, 12], [slice, 300 + i]);
      sender.picture();
      const units = run.push(picture);
      packets.push(...picture);
      if (i < 5) continue;
      assertEquals(units.filter(({ picture: has }) => has).map(({ at, pts }) => [at, pts]), [
        [run.count - 1, picture[0]!.pts],
      ]);
    }
    assertIntact(run, packets);
    assertEquals(run.given.filter(({ first }) => first).length, 20);
    assertEquals(run.given.filter(({ picture }) => picture).length, 20);
    assertEquals(run.given.filter(({ keyframe }) => keyframe).length, 2);
    assertEquals(run.units.stats.wrongGuesses, 0);
  });

  test(`${codec}: parameter sets put before a first fragment by libav are no end of it`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender);
    const [start, ...rest] = sender.nal([key, sender.sizeOf(4, 100)]);
    const [sets] = sender.together([sps, 30], [pps, 8]);
    const packets = [{ ...start!, data: concat([sets!.data, start!.data]) }, ...rest];
    sender.picture();
    assertEquals(run.push(packets).map(({ keyframe }) => keyframe), [true]);
    assertIntact(run, packets);
    assertEquals(run.units.stats.wrongGuesses, 0);
  });
}

test("a picture without its first slice is suspect", () => {
  for (const codec of CODECS) {
    const sender = new Sender({ codec });
    const run = learnt(sender, 2);
    run.push(sender.picture([1, 300, false]));
    run.push(sender.picture(...split(1, 300, 2)));
    assertEquals(run.given.map(({ suspect, first }) => [suspect, first]), [
      [true, true],
      [false, true],
    ]);
    assertEquals(run.units.stats.losses, 1);
  }
});

test("h264: decoding can begin at a picture with a recovery point", () => {
  const keyframes = (parameters: boolean, sei: string) => {
    const sender = new Sender();
    const run = new Run(new AccessUnits("h264"));
    const recovery: TestPacket = {
      data: Uint8Array.from(`00000001${sei}`.match(/../g) ?? [], (byte) => parseInt(byte, 16)),
      pts: 0n,
    };
    run.push([...sender.nal([9, 3]), ...(parameters ? sender.nal([7, 20]) : []), recovery]);
    run.push(sender.picture(...split(1, 300, 2)));
    run.push(sender.picture(...split(1, 300, 2)));
    run.flush();
    return run.given.filter(({ picture }) => picture).map(({ keyframe }) => keyframe);
  };
  assertEquals(keyframes(true, "060601c480"), [true, false]);
  assertEquals(keyframes(false, "060601c480"), [true, false]);
  assertEquals(keyframes(false, "060501c480"), [false, false]);
  assertEquals(keyframes(true, "060501c480"), [false, false]);
});
