import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { test } from "node:test";
import { AccessUnits } from "../../../src/core/bitstream/access_units.ts";
import type { NalCodec } from "../../../src/core/bitstream/nal_unit.ts";
import { Seeded } from "../seeded.ts";
import { concat, type Given, type Nal, Run, Sender, type TestPacket } from "./traces/sender.ts";
import { readTrace } from "./traces/trace.ts";

const NOPTS = -(2n ** 63n);
const CODECS = ["h264", "hevc"] as const;

/** NAL unit types. */
const T = {
  h264: { key: 5, slice: 1, aud: 9, sps: 7, pps: 8, sei: 6, tail: 12 },
  hevc: { key: 19, slice: 1, aud: 35, sps: 33, pps: 34, sei: 39, tail: 40 },
} as const;

/** A keyframe of full fragments, and small ones after it, until `mode` is early. */
function learnt(sender: Sender, slices = 1): Run {
  const run = new Run(new AccessUnits(sender.codec));
  const { key, slice } = T[sender.codec];
  for (let i = 0; i < 5; i++) {
    const type = i === 0 ? key : slice;
    run.push(sender.picture(...split(type, sender.sizeOf(3, 100), slices)));
  }
  assertEquals(run.units.stats.mode, "early");
  run.given.length = 0;
  return run;
}

/** A picture of so many slices. */
function split(type: number, size: number, slices: number): Nal[] {
  return Array.from({ length: slices }, (_, i) => [type, size, i === 0]);
}

function sizes(packets: readonly TestPacket[]): number {
  return packets.reduce((sum, { data }) => sum + data.length, 0);
}

function given(units: readonly Given[]): number {
  return units.reduce((sum, { data }) => sum + data.length, 0);
}

/** What came out is exactly what went in, with nothing suspect. */
function assertIntact(run: Run, packets: readonly TestPacket[]): void {
  assertEquals(run.bytes, concat(packets.map(({ data }) => data)));
  assertEquals(run.given.filter(({ suspect }) => suspect), []);
  assertEquals(run.units.stats.droppedBytes, 0);
}

// What real cameras sent.

const TRACES = {
  h264_360p: { late: 4, unitsEarly: 71 },
  h264_720p_slices: { late: 4, unitsEarly: 56 },
  h264_small: { late: 6, unitsEarly: 69 },
  hevc_360p: { late: 4, unitsEarly: 71 },
  h264_bframes: { late: 4, unitsEarly: 56 },
  h264_aggregated: { late: 4, unitsEarly: 41 },
  hevc_aggregated: { late: 6, unitsEarly: 39 },
  h264_with_audio: { late: 5, unitsEarly: 40 },
} as const;

for (const [name, expected] of Object.entries(TRACES)) {
  test(`trace ${name}: pictures come out whole, in order and early`, () => {
    const { codec, pictures } = readTrace(name);
    const run = new Run(new AccessUnits(codec));
    const late = new Set<number>();
    const timely: number[] = [];
    pictures.forEach((packets, i) => {
      const before = given(run.given);
      run.push(packets);
      const held = sizes(pictures.slice(0, i + 1).flat()) - given(run.given);
      assertGreater(given(run.given), before - 1);
      if (held > 0) late.add(i);
      else timely.push(i);
    });
    run.flush();
    assertIntact(run, pictures.flat());
    assertEquals([late.size, timely.length], [expected.late, expected.unitsEarly]);
    const { mode, wrongGuesses, fallbacks, losses } = run.units.stats;
    assertEquals([mode, wrongGuesses, fallbacks, losses], ["early", 0, 0, 0]);
  });

  test(`trace ${name}: units begin pictures where the timestamp changes, and have their times`, () => {
    const { codec, pictures } = readTrace(name);
    const run = new Run(new AccessUnits(codec));
    run.push(pictures.flat());
    run.flush();
    const expected = pictures.map((packets) => concat(packets.map(({ data }) => data)));
    const groups: Given[][] = [];
    for (const unit of run.given) {
      if (unit.first) groups.push([]);
      groups[groups.length - 1].push(unit);
    }
    assertEquals(groups.map((units) => concat(units.map(({ data }) => data))), expected);
    const times = groups.map((units) => [...new Set(units.map(({ pts }) => pts))]);
    assertEquals(times, pictures.map((packets) => [packets[0].pts]));
    if (codec === "hevc") assertEquals(run.given.length, pictures.length);
  });

  test(`trace ${name}: keyframes are those with parameter sets`, () => {
    const { codec, pictures } = readTrace(name);
    const run = new Run(new AccessUnits(codec));
    run.push(pictures.flat());
    run.flush();
    const keys = new Set(run.given.filter(({ keyframe }) => keyframe).map(({ pts }) => pts));
    const parameters = codec === "h264" ? 0x67 : 0x42;
    const expected = pictures.filter((packets) =>
      packets.some(({ data }) =>
        data.some((byte, i) => byte === parameters && data[i - 1] === 1 && data[i - 2] === 0)
      )
    );
    assertEquals([...keys], expected.map(([{ pts }]) => pts));
    assertGreater(keys.size, 1);
  });
}

test("trace h264_720p_slices: a picture of slices comes out with its last packet", () => {
  const { codec, pictures } = readTrace("h264_720p_slices");
  const run = new Run(new AccessUnits(codec));
  run.push(pictures.slice(0, 5).flat());
  for (const packets of pictures.slice(5)) {
    packets.forEach((packet, i) => {
      assertEquals(run.push([packet]).length, i + 1 === packets.length ? 1 : 0);
    });
  }
});

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
      [0, false, full[0].pts],
      [0, false, next[0].pts],
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
      return run.push(packets).some(({ pts }) => pts === packets[0].pts);
    });
    // 1004 bytes with the start code: what is below 1002 is whole.
    assertEquals(early, [false, false, false, false, true, false, true, false, true]);
    assertEquals(run.units.stats.wrongGuesses, 0);
  });

  test(`${codec}: a camera that cuts evenly is never believed`, () => {
    const sender = new Sender({ codec, cut: "even" });
    const run = new Run(new AccessUnits(codec));
    const random = new Seeded(3);
    const packets: TestPacket[] = [];
    for (let i = 0; i < 600; i++) {
      const size = i % 30 === 0 ? random.integer(9000, 12000) : random.integer(1500, 6000);
      packets.push(...sender.picture([i % 30 === 0 ? key : slice, size]));
    }
    run.push(packets);
    run.flush();
    assertIntact(run, packets);
    const { mode, wrongGuesses, fallbacks } = run.units.stats;
    assertEquals([mode, wrongGuesses, fallbacks], ["learning", 0, 0]);
  });

  test(`${codec}: a camera that cuts evenly, and sends small pictures whole`, () => {
    const sender = new Sender({ codec, cut: "even" });
    const run = new Run(new AccessUnits(codec));
    const random = new Seeded(5);
    let bad = 0;
    for (let i = 0; i < 600; i++) {
      run.push(sender.picture([i % 30 === 0 ? key : slice, random.integer(300, 3000)]));
    }
    bad = run.given.filter(({ suspect }) => suspect).length;
    assertLess(bad, 4);
    assertLess(run.units.stats.wrongGuesses, 2);
  });

  test(`${codec}: a camera that counts the header as part of the first fragment comes early`, () => {
    const sender = new Sender({ codec, headerInFirst: true });
    const run = new Run(new AccessUnits(codec));
    const packets: TestPacket[] = [];
    for (let i = 0; i < 40; i++) {
      const picture = sender.picture([i === 0 ? key : slice, 2000 + 700 * (i % 7)]);
      const units = run.push(picture);
      packets.push(...picture);
      if (i >= 8) assertEquals(units.map(({ pts }) => pts), [picture[0].pts]);
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
      const own = units.filter(({ picture: has, pts }) => has && pts === picture[0].pts);
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
        [run.count - 1, picture[0].pts],
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
    const packets = [{ ...start, data: concat([sets.data, start.data]) }, ...rest];
    sender.picture();
    assertEquals(run.push(packets).map(({ keyframe }) => keyframe), [true]);
    assertIntact(run, packets);
    assertEquals(run.units.stats.wrongGuesses, 0);
  });

  // Losses.

  test(`${codec}: a lost fragment in the middle changes nothing else`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender);
    const packets = sender.picture([slice, sender.sizeOf(5, 100)]).toSpliced(2, 1);
    assertEquals(run.push(packets).map(({ suspect }) => suspect), [false]);
    assertEquals(run.bytes, concat(packets.map(({ data }) => data)));
    assertEquals(run.units.stats.mode, "early");
  });

  test(`${codec}: after a lost last fragment the next picture is right`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender);
    const lost = sender.picture([slice, sender.sizeOf(4, 100)]).slice(0, -1);
    const next = sender.picture([slice, sender.sizeOf(4, 100)]);
    assertEquals(run.push([...lost, ...next]).map(({ pts, at }) => [pts, at - run.count]), [
      [lost[0].pts, -4],
      [next[0].pts, -1],
    ]);
    assertEquals([run.units.stats.mode, run.units.stats.fallbacks], ["early", 0]);
  });

  test(`${codec}: after a lost first fragment its rest is dropped and told`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender);
    const lost = sender.picture([slice, sender.sizeOf(4, 100)]).slice(1);
    assertEquals(
      run.push(lost).map(({ data, at: _, ...told }) => ({ ...told, bytes: data.length })),
      [{
        bytes: 0,
        suspect: true,
        first: true,
        keyframe: false,
        picture: false,
        pts: lost[0].pts,
      }],
    );
    const next = sender.picture([key, sender.sizeOf(4, 100)]);
    assertEquals(run.push(next).map(({ suspect, keyframe, first }) => [suspect, keyframe, first]), [
      [false, true, true],
    ]);
    const { losses, droppedBytes, wrongGuesses, mode } = run.units.stats;
    assertEquals([losses, droppedBytes, wrongGuesses, mode], [1, sizes(lost), 0, "early"]);
  });

  test(`${codec}: a slice lost after its delimiter makes no keyframe suspect`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender);
    const picture = sender.picture([aud, 3], [slice, sender.sizeOf(4, 100)]);
    run.push([picture[0], ...picture.slice(2)]);
    const next = run.push(sender.picture([aud, 3], [key, sender.sizeOf(4, 100)]));
    const keyframes = [...next, ...run.flush()].filter(({ keyframe }) => keyframe);
    assertEquals(keyframes.map(({ suspect }) => suspect), [false]);
    assert(run.given.some(({ suspect, data }) => suspect && data.length === 0));
  });

  test(`${codec}: an end and a beginning lost together make one suspect unit`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender);
    const one = sender.picture([slice, sender.sizeOf(4, 100)]).slice(0, 2);
    const two = sender.picture([slice, sender.sizeOf(4, 100)]).slice(2);
    const units = run.push([...one, ...two]);
    assertEquals(units.map(({ suspect, pts }) => [suspect, pts]), [[true, one[0].pts]]);
    const three = run.push(sender.picture([slice, sender.sizeOf(4, 100)]));
    assertEquals(three.map(({ suspect }) => suspect), [false]);
    assertEquals(run.units.stats.mode, "early");
  });

  test(`${codec}: while learning, a picture that is complete comes before the loss after it`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender, 2);
    // One slice less than learnt: complete, but not known to be.
    const one = sender.picture([slice, sender.sizeOf(3, 50), true]);
    const two = sender.picture([slice, sender.sizeOf(3, 50), true]).slice(1);
    const units = run.push([...one, ...two]);
    assertEquals(units.map(({ suspect, pts }) => [suspect, pts]), [
      [false, one[0].pts],
      [true, two[0].pts],
    ]);
  });

  test(`${codec}: a stream that is joined in the middle of a picture says so`, () => {
    const sender = new Sender({ codec });
    const run = new Run(new AccessUnits(codec));
    const rest = sender.picture([slice, sender.sizeOf(4, 100)], [slice, 500, false]).slice(2);
    const next = sender.picture([key, 900]);
    run.push([...rest, ...next]);
    run.flush();
    assertEquals(run.given.map(({ data, suspect }) => [data.length, suspect]), [
      [0, true],
      [504, true],
      [904, false],
    ]);
  });

  // Wrong guesses.

  test(`${codec}: a wrong guess is counted, and the next pictures come whole and late`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender);
    sender.payload = 1000;
    const wrong = sender.picture([slice, sender.sizeOf(4, 100)]);
    const [truncated, told, ...more] = run.push(wrong);
    assertEquals([truncated.data, truncated.suspect], [wrong[0].data, false]);
    assertEquals([told.data.length, told.suspect, told.at], [0, true, truncated.at + 1]);
    assertEquals(more, []);
    const { mode, wrongGuesses, fallbacks, losses, droppedBytes } = run.units.stats;
    assertEquals(
      [mode, wrongGuesses, fallbacks, losses, droppedBytes],
      ["learning", 1, 1, 0, sizes(wrong.slice(1))],
    );
    run.given.length = 0;
    const packets: TestPacket[] = [];
    const modes = Array.from({ length: 11 }, () => {
      const picture = sender.picture([slice, sender.sizeOf(4, 100)]);
      run.push(picture);
      packets.push(...picture);
      return run.units.stats.mode;
    });
    assertEquals(run.bytes, concat(packets.map(({ data }) => data)));
    assertEquals(run.given.filter(({ suspect }) => suspect), []);
    // The first two make clear what the size is now; eight have to agree with that.
    assertEquals(modes.indexOf("early"), 8);
    assertEquals(run.units.stats.wrongGuesses, 1);
  });

  test(`${codec}: larger fragments than known are no wrong guess, but end the early mode`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender);
    sender.payload = 1450;
    const packets = [
      ...sender.picture([slice, sender.sizeOf(4, 100)]),
      ...sender.picture([slice, sender.sizeOf(4, 100)]),
    ];
    run.push(packets);
    run.flush();
    assertIntact(run, packets);
    const { mode, wrongGuesses, fallbacks } = run.units.stats;
    assertEquals([mode, wrongGuesses, fallbacks], ["learning", 0, 1]);
  });

  test(`${codec}: who is wrong again and again stays in ordinary mode`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender);
    const seen: (string | number)[][] = [];
    for (let i = 0; run.units.stats.mode !== "ordinary" && i < 500; i++) {
      const { mode, fallbacks } = run.units.stats;
      if (mode === "early") {
        sender.payload = 1388 - 50 * (fallbacks + 1);
        seen.push([fallbacks, i]);
      }
      run.push(sender.picture([slice, sender.sizeOf(4, 100)]));
    }
    assertEquals(seen.map(([fallbacks]) => fallbacks), [0, 1, 2, 3]);
    const steps = seen.map(([, i]) => Number(i));
    assertEquals(
      steps.slice(1).map((step, i) => Math.round(Math.log2((step - steps[i]) / 8))),
      [0, 1, 2],
    );
    assertEquals(run.units.stats.fallbacks, 4);
    run.push(sender.picture([slice, 600]));
    run.given.length = 0;
    const packets: TestPacket[] = [];
    for (let i = 0; i < 500; i++) packets.push(...sender.picture([slice, sender.sizeOf(3, 90)]));
    run.push(packets);
    run.flush();
    assertEquals(run.given.slice(1).map(({ suspect }) => suspect).includes(true), false);
    assertEquals(given(run.given.slice(1)), sizes(packets));
    assertEquals(run.units.stats.mode, "ordinary");
  });

  test(`${codec}: mistakes far apart are forgiven`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender);
    for (let i = 0; i < 12; i++) {
      sender.payload = 1388 - 20 * (i + 1);
      for (let j = 0; j < 300; j++) run.push(sender.picture([slice, sender.sizeOf(4, 100)]));
    }
    assertEquals([run.units.stats.mode, run.units.stats.fallbacks], ["early", 12]);
    // One that is near another is not.
    for (let i = 0; i < 4; i++) {
      sender.payload = 1000 - 20 * (i + 1);
      for (let j = 0; j < 100; j++) run.push(sender.picture([slice, sender.sizeOf(4, 100)]));
    }
    assertEquals([run.units.stats.mode, run.units.stats.fallbacks], ["ordinary", 16]);
  });

  // Times.

  test(`${codec}: timestamps may repeat, jump, go back, or be unknown`, () => {
    const times = [
      () => 5n,
      () => NOPTS,
      (i: number) => BigInt(i >> 1) * 3000n,
      (i: number) => -BigInt(i) * 3000n,
      (i: number) => i % 3 === 0 ? NOPTS : BigInt(i) * 3000n,
      (i: number) => i < 10 ? BigInt(i) : 2n ** 62n - BigInt(i) * 2n ** 61n,
      (i: number) => BigInt([0, 3, 1, 2, 6, 4, 5][i % 7] + 7 * Math.floor(i / 7)) * 3000n,
    ];
    for (const [n, time] of times.entries()) {
      const sender = new Sender({ codec });
      const run = new Run(new AccessUnits(codec));
      const packets: TestPacket[] = [];
      for (let i = 0; i < 30; i++) {
        const nalUnits: Nal[] = [
          [aud, 3],
          ...split(i === 0 ? key : slice, sender.sizeOf(3, 100 + i), 2),
        ];
        packets.push(...sender.picture(...nalUnits).map(({ data }) => ({ data, pts: time(i) })));
      }
      run.push(packets);
      run.flush();
      assertIntact(run, packets);
      const { mode, wrongGuesses, losses } = run.units.stats;
      assertEquals([mode, wrongGuesses, losses], ["early", 0, 0], `times ${n}`);
      assertEquals(run.given.filter(({ first }) => first).length, 30);
      if (codec === "hevc") {
        assertEquals(
          run.given.map(({ pts }) => pts),
          Array.from({ length: 30 }, (_, i) => time(i)),
        );
      }
    }
  });

  test(`${codec}: a clock that is corrected by a little within a picture cuts nothing`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender, 2);
    const packets = [-1, 1].flatMap((sign) =>
      sender.picture(...split(slice, sender.sizeOf(3, 100), 2)).map(({ data, pts }, i) => ({
        data,
        pts: pts + BigInt(i * 40 * sign),
      }))
    );
    run.push(packets);
    run.flush();
    assertIntact(run, packets);
    assertEquals(run.given.filter(({ first }) => first).length, 2);
  });

  // Anything.

  test(`${codec}: nothing, one byte, and start codes without anything`, () => {
    const run = new Run(new AccessUnits(codec));
    const packets = ["", "00", "01", "00000001", "00000001", "000001", "0000000165", "", "ff"].map(
      (hex, i) => ({
        data: Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16)),
        pts: BigInt(i),
      }),
    );
    for (let i = 0; i < 20; i++) run.push(packets);
    run.flush();
    assertEquals(given(run.given) + run.units.stats.droppedBytes, 20 * sizes(packets));
  });

  test(`${codec}: continuations for ever are not kept`, () => {
    const units = new AccessUnits(codec);
    const data = new Uint8Array(1386).fill(7);
    assertEquals(units.push(data, 0n).map(({ suspect }) => suspect), [true]);
    for (let i = 0; i < 1000; i++) assertEquals(units.push(data, 0n), []);
    assertEquals(units.flush(), []);
    assertEquals(units.stats.droppedBytes, 1001 * 1386);
    assertEquals(units.stats.losses, 1);
  });

  test(`${codec}: a NAL unit without an end is given up at 16 MiB`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender);
    const [start, full] = sender.picture([slice, sender.sizeOf(4, 100)]);
    run.push([start]);
    const count = Math.ceil(17 * 1024 * 1024 / full.data.length);
    for (let i = 0; i < count; i++) run.units.push(full.data, full.pts);
    assertEquals(run.units.stats.droppedBytes, start.data.length + count * full.data.length);
    assertEquals([run.units.stats.losses, run.units.stats.wrongGuesses], [1, 0]);
    const next = sender.picture([key, sender.sizeOf(4, 100)]);
    assertEquals(run.push(next).map(({ suspect, keyframe, pts }) => [suspect, keyframe, pts]), [
      [false, true, next[0].pts],
    ]);
    assertEquals(run.units.stats.mode, "early");
  });

  test(`${codec}: one packet above 16 MiB is dropped and told`, () => {
    const units = new AccessUnits(codec);
    const large = new Uint8Array(16 * 1024 * 1024 + 1).fill(9);
    large.set([0, 0, 0, 1, 0x41, 0x9a]);
    const told = units.push(large, 0n);
    assertEquals(told.map(({ data, suspect }) => [data.length, suspect]), [[0, true]]);
    assertEquals(units.push(new Uint8Array(9).fill(9), 0n), []);
    assertEquals(units.flush(), []);
    assertEquals(units.push(large.subarray(0, large.length - 1), 3000n), []);
    assertEquals(units.flush().map(({ data }) => data.length), [16 * 1024 * 1024]);
  });

  test(`${codec}: flush() gives what is left, and a stream can go on after it`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender);
    const [start, full] = sender.picture([slice, sender.sizeOf(4, 100)]);
    run.push([start, full]);
    assertEquals(run.flush().map(({ data }) => data), [concat([start.data, full.data])]);
    assertEquals(run.flush(), []);
    assertEquals(run.push(sender.picture([key, 700])).map(({ first }) => first), [true]);
    assertEquals([run.units.stats.mode, run.units.stats.wrongGuesses], ["early", 0]);
  });

  test(`${codec}: what flush() cut off teaches nothing and is no wrong guess`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender, 2);
    // Half of a NAL unit, and its end.
    const [start, ...rest] = sender.picture(...split(slice, sender.sizeOf(3, 100), 2));
    run.push([start]);
    assertEquals(run.flush().length, 1);
    assertEquals(run.push(rest.slice(0, 2)).map(({ data }) => data.length), [0]);
    const { wrongGuesses, fallbacks, losses } = run.units.stats;
    assertEquals([wrongGuesses, fallbacks, losses], [0, 0, 1]);
    // The second slice has no first one any more.
    const second = run.push(rest.slice(2));
    assertEquals([...second, ...run.flush()].map(({ suspect }) => suspect), [true]);
    // Half of a picture.
    run.push(sender.picture([slice, 300]));
    run.flush();
    const whole = sender.picture(...split(slice, 300, 2));
    assertEquals(run.push(whole).at(-1)?.at, run.count - 1);
    assertEquals(run.units.stats.mode, "early");
    assertEquals(run.units.stats.fallbacks, 0);
  });

  test(`${codec}: the rest of a picture after flush() is without its beginning`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender, 2);
    const packets = sender.picture(...split(slice, 300, 2));
    run.push(packets.slice(0, 1));
    run.flush();
    run.push(packets.slice(1));
    run.flush();
    assertEquals(run.given.map(({ suspect, first }) => [suspect, first]), [
      [false, true],
      [true, true],
    ]);
  });

  test(`${codec}: a first fragment that flush() gave is not taken for a whole NAL unit`, () => {
    const sender = new Sender({ codec });
    const run = new Run(new AccessUnits(codec));
    for (let i = 0; i < 5; i++) run.push(sender.picture([slice, 500 + i]));
    run.push(sender.picture([slice, 5000]).slice(0, 1));
    run.flush();
    const ordinary = run.push(sender.picture([slice, 900]));
    assertEquals(ordinary, []);
  });

  test(`${codec}: an empty packet ends nothing and tells nothing`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender);
    const packets = sender.picture([slice, sender.sizeOf(4, 100)]);
    const empty = { data: new Uint8Array(0), pts: packets[0].pts };
    assertEquals(run.push(packets.flatMap((packet) => [empty, packet])).length, 1);
    assertEquals(run.push([empty, { ...empty, pts: 1n }]), []);
    assertIntact(run, packets);
    assertEquals(run.units.stats.wrongGuesses, 0);
  });

  test(`${codec}: the memory is that of the largest unit, not of all`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender);
    const packets = sender.picture([slice, sender.sizeOf(9, 100)]);
    let bytes = 0;
    for (let i = 0; i < 500; i++) {
      for (const { data, pts } of packets) {
        for (const unit of run.units.push(data, pts + BigInt(i) * 3000n)) {
          bytes = Math.max(bytes, unit.data.buffer.byteLength);
        }
      }
    }
    assertEquals(bytes, 64 * 1024);
  });

  test(`${codec}: a wrong guess shows a camera that cuts evenly, and there is no other`, () => {
    const sender = new Sender({ codec, cut: "even" });
    const run = new Run(new AccessUnits(codec));
    for (let i = 0; i < 300; i++) {
      const size = i % 30 === 10 ? 1600 + i : 300 + 13 * (i % 70);
      run.push(sender.picture([i % 30 === 10 ? key : slice, i === 0 ? 1380 : size]));
    }
    assertEquals(run.units.stats.wrongGuesses, 1);
  });

  test(`${codec}: what may be of two NAL units proves nothing of their sizes`, () => {
    const sender = new Sender({ codec });
    const run = new Run(new AccessUnits(codec));
    run.push(sender.picture([slice, 900]));
    run.push(sender.picture([slice, sender.sizeOf(4, 100)]).slice(1));
    run.push(sender.picture([slice, 900]));
    assertEquals(run.units.stats.fragmentSize, 0);
  });

  test(`${codec}: times are of one picture below 2 ms`, () => {
    for (const [shift, suspect] of [[179n, false], [180n, true], [-179n, false], [-180n, true]]) {
      const sender = new Sender({ codec });
      const run = learnt(sender);
      const packets = sender.picture([slice, sender.sizeOf(3, 100)]);
      const shifted = packets.map(({ data, pts }, i) => ({
        data,
        pts: i === 0 ? pts : pts + BigInt(shift),
      }));
      assertEquals(run.push(shifted).map((unit) => unit.suspect), [suspect]);
    }
  });

  test(`${codec}: flush() again and again teaches nothing`, () => {
    const units = new AccessUnits(codec);
    for (let i = 0; i < 20; i++) units.flush();
    assertEquals(units.stats.mode, "learning");
  });

  test(`${codec}: any pictures in any packets come out as they were`, () => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = new Seeded(seed);
      const sender = new Sender({
        codec,
        payload: random.integer(300, 1500),
        headerInFirst: random.number() < 0.2,
      });
      const run = new Run(new AccessUnits(codec));
      const slices = random.integer(1, 4);
      const packets: TestPacket[] = [];
      for (let i = 0; i < 60; i++) {
        const before = [[aud, 3], [sps, 30], [pps, 8], [sei, random.integer(3, 2000)]] as const;
        packets.push(
          ...before.filter(() => random.number() < 0.3).flatMap((nal) => sender.nal(nal)),
        );
        const size = () => random.integer(8, random.pick([200, 1600, 9000]));
        packets.push(
          ...Array.from(
            { length: slices },
            (_, j) => sender.nal([i % 10 === 0 ? key : slice, size(), j === 0]),
          ).flat(),
        );
        if (random.number() < 0.2) packets.push(...sender.nal([tail, 9]));
        sender.picture();
      }
      run.push(packets);
      run.flush();
      const { wrongGuesses, losses, droppedBytes } = run.units.stats;
      assertEquals([wrongGuesses, losses, droppedBytes], [0, 0, 0], `seed ${seed}`);
      assertIntact(run, packets);
      assertEquals(run.given.filter(({ first }) => first).length, 60);
    }
  });

  test(`${codec}: with packets lost, doubled or in another order, nothing throws or is made up`, () => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = new Seeded(seed);
      const sender = new Sender({ codec, cut: random.pick(["full", "even"] as const) });
      const run = new Run(new AccessUnits(codec));
      const packets: TestPacket[] = [];
      for (let i = 0; i < 80; i++) {
        const size = () => random.integer(8, 5000);
        packets.push(...sender.picture([aud, 3], [i % 10 === 0 ? key : slice, size()], [
          slice,
          size(),
          false,
        ]));
      }
      const received = packets.flatMap((packet) => {
        const chance = random.number();
        return chance < 0.05 ? [] : chance < 0.07 ? [packet, packet] : [packet];
      });
      if (seed % 3 === 0) received.sort(() => random.number() < 0.05 ? 1 : -1);
      run.push(received);
      run.flush();
      assertEquals(given(run.given) + run.units.stats.droppedBytes, sizes(received), `${seed}`);
      const { wrongGuesses, fallbacks } = run.units.stats;
      assertLess(fallbacks, 5);
      assertLess(wrongGuesses, 40);
    }
  });

  test(`${codec}: random bytes never throw, and all are accounted for`, () => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = new Seeded(seed);
      const run = new Run(new AccessUnits(codec));
      const packets = Array.from({ length: 200 }, () => {
        const values = random.pick([[0, 1], [0, 0, 0, 1, 5, 255], [0, 1, 2, 65, 128, 255]]);
        const data = Uint8Array.from(
          { length: random.integer(0, random.pick([3, 40, 1400])) },
          () => random.pick(values),
        );
        if (random.number() < 0.5) data.set([0, 0, 0, 1].slice(0, data.length));
        return { data, pts: random.pick([NOPTS, 0n, 3000n, BigInt(random.integer(-9, 9)) ** 19n]) };
      });
      for (const packet of packets) {
        run.push([packet]);
        if (random.number() < 0.02) run.flush();
      }
      run.flush();
      assertEquals(given(run.given) + run.units.stats.droppedBytes, sizes(packets), `${seed}`);
    }
  });
}

// Slices.

for (const codec of CODECS) {
  test(`${codec}: a picture comes out with its last slice`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender, 4);
    for (const last of [50, 700, sender.full - 1]) {
      const packets = sender.picture(...split(1, sender.sizeOf(2, last), 4));
      assertEquals(run.push(packets).map(({ data, at }) => [data.length, at]), [
        [sizes(packets), run.count - 1],
      ]);
    }
  });
}

for (const codec of CODECS) {
  test(`${codec}: one slice more than learnt is a wrong guess, and is not lost`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender, 2);
    const packets = sender.picture(...split(1, 300, 3));
    const next = sender.picture(...split(1, 300, 3));
    const units = run.push([...packets, ...next]);
    assertEquals(units.map(({ data, suspect, first }) => [data.length, suspect, first]), [
      [608, false, true],
      [304, true, false],
    ]);
    const { mode, wrongGuesses, fallbacks, losses } = run.units.stats;
    assertEquals([mode, wrongGuesses, fallbacks, losses], ["learning", 1, 1, 0]);
    run.flush();
    assertEquals(run.bytes, concat([...packets, ...next].map(({ data }) => data)));
  });
}

for (const codec of CODECS) {
  test(`${codec}: after a wrong number of slices, twice as many pictures have to agree`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender, 2);
    const modes = Array.from({ length: 10 }, () => {
      run.push(sender.picture(...split(1, 300, 3)));
      return run.units.stats.mode;
    });
    // The eighth with three slices is over when the ninth begins.
    assertEquals(modes.indexOf("early"), 8);
    run.given.length = 0;
    assertEquals(run.push(sender.picture(...split(1, 300, 3))).length, 1);
    assertEquals(run.units.stats.wrongGuesses, 1);
  });
}

for (const codec of CODECS) {
  test(`${codec}: a wrong number of slices is one wrong guess, however wrong it is`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender, 2);
    run.push(sender.picture(...split(1, 300, 5)));
    assertEquals([run.units.stats.wrongGuesses, run.units.stats.fallbacks], [1, 1]);
  });
}

for (const codec of CODECS) {
  test(`${codec}: after a wrong number of slices, keyframes have to be seen again, too`, () => {
    const sender = new Sender({ codec });
    const run = new Run(new AccessUnits(codec));
    for (let i = 0; i < 40; i++) run.push(sender.picture(...split(i % 4 === 0 ? 19 : 1, 200, 2)));
    for (let i = 0; i < 20; i++) run.push(sender.picture(...split(1, 200, 3)));
    assertEquals([run.units.stats.mode, run.units.stats.wrongGuesses], ["early", 1]);
    run.push(sender.picture(...split(19, 200, 3)));
    run.push(sender.picture(...split(1, 200, 3)));
    assertEquals([run.units.stats.mode, run.units.stats.wrongGuesses], ["early", 1]);
  });
}

for (const codec of CODECS) {
  test(`${codec}: a stream of keyframes only is learnt, too`, () => {
    const sender = new Sender({ codec });
    const run = new Run(new AccessUnits(codec));
    const early = Array.from({ length: 6 }, () => {
      const picture = sender.picture(...split(T[codec].key, 200, 2));
      return run.push(picture).some(({ pts }) => pts === picture[0].pts);
    });
    assertEquals(early, [false, false, false, false, true, true]);
  });
}

for (const codec of CODECS) {
  test(`${codec}: fewer slices than learnt are late, and end the early mode`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender, 3);
    const packets = [
      ...sender.picture(...split(1, 300, 2)),
      ...sender.picture(...split(1, 300, 2)),
    ];
    assertEquals(run.push(packets).length, 1);
    run.flush();
    assertIntact(run, packets);
    const { mode, wrongGuesses, fallbacks } = run.units.stats;
    assertEquals([mode, wrongGuesses, fallbacks], ["learning", 0, 1]);
  });
}

for (const codec of CODECS) {
  test(`${codec}: keyframes may have another number of slices`, () => {
    const sender = new Sender({ codec });
    const run = new Run(new AccessUnits(codec));
    const packets: TestPacket[] = [];
    for (let i = 0; i < 60; i++) {
      const keyframe = i % 10 === 0;
      const picture = sender.picture(
        ...split(T[codec][keyframe ? "key" : "slice"], 200, keyframe ? 4 : 1),
      );
      const units = run.push(picture);
      packets.push(...picture);
      const early = units.some(({ pts }) => pts === picture[0].pts);
      // Others after four of them, keyframes after four of those.
      assertEquals(early, keyframe ? i >= 40 : i > 4, `${i}`);
    }
    run.flush();
    assertIntact(run, packets);
    assertEquals([run.units.stats.wrongGuesses, run.units.stats.fallbacks], [0, 0]);
  });
}

for (const codec of CODECS) {
  test(`${codec}: one keyframe is enough where it has as many slices as the others`, () => {
    const sender = new Sender({ codec });
    const run = new Run(new AccessUnits(codec));
    for (let i = 0; i < 6; i++) run.push(sender.picture(...split(1, 200, 2)));
    const early = [0, 1].map(() => {
      const picture = sender.picture(...split(T[codec].key, 200, 2));
      const units = run.push(picture);
      run.push(sender.picture(...split(1, 200, 2)));
      return units.some(({ pts }) => pts === picture[0].pts);
    });
    assertEquals(early, [false, true]);
  });
}

for (const codec of CODECS) {
  test(`${codec}: pictures with a slice missing teach nothing`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender, 3);
    // The beginning of the second slice is lost.
    const lost = sender.picture(...split(1, sender.sizeOf(2, 100), 3)).toSpliced(2, 1);
    run.push(lost);
    run.push(sender.picture(...split(1, 300, 3)));
    const suspects = run.given.filter(({ suspect }) => suspect).map(({ data }) => data.length);
    assertEquals(suspects, [0, sizes(lost) - 100]);
    const { fallbacks, wrongGuesses } = run.units.stats;
    // It could have been a wrong guess, too.
    assertEquals([fallbacks, wrongGuesses], [1, 1]);
    for (let i = 0; i < 9; i++) run.push(sender.picture(...split(1, 300, 3)));
    assertEquals(run.units.stats.mode, "early");
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

test("h264: a picture with a recovery point and parameter sets is a keyframe", () => {
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
  assertEquals(keyframes(false, "060601c480"), [false, false]);
  assertEquals(keyframes(true, "060501c480"), [false, false]);
});

test("a picture has the time of its slices, whatever the parameter sets before it have", () => {
  const sender = new Sender({ codec: "hevc" });
  const run = learnt(sender);
  const sets = sender.nal([33, 30]);
  sender.pts += 90_000n;
  const picture = sender.picture([19, 400]);
  assertEquals(run.push([...sets, ...picture]).map(({ pts, data }) => [pts, data.length]), [
    [picture[0].pts, 438],
  ]);
});

test("units stay as they are until the next call", () => {
  for (const codec of CODECS) {
    const sender = new Sender({ codec });
    const units = new AccessUnits(codec);
    const large = sender.picture([T[codec].slice, 70_000]);
    for (const { data, pts } of large) units.push(data, pts);
    // The end of one and a large one after it, in a buffer that has to grow.
    const next = sender.together([T[codec].slice, 100_000]);
    const [unit] = units.push(next[0].data, 3000n);
    assertEquals(unit.data, concat(large.map(({ data }) => data)));
    assertEquals(units.flush()[0].data, next[0].data);
  }
});

test("stats tell the size of fragments", () => {
  const fragmentSize = (codec: NalCodec) => learnt(new Sender({ codec })).units.stats.fragmentSize;
  assertEquals([fragmentSize("h264"), fragmentSize("hevc")], [1386, 1385]);
  assertEquals(new AccessUnits("h264").stats, {
    mode: "learning",
    wrongGuesses: 0,
    fallbacks: 0,
    losses: 0,
    droppedBytes: 0,
    fragmentSize: 0,
  });
});
