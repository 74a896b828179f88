/** `AccessUnits`: pictures of several slices. */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { AccessUnits } from "../../../src/core/bitstream/access_units.ts";
import { assertIntact, CODECS, learnt, sizes, split, T } from "./access_units_run.ts";
import { concat, Run, Sender, type TestPacket } from "./traces/sender.ts";

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
      return run.push(picture).some(({ pts }) => pts === picture[0]!.pts);
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
      const early = units.some(({ pts }) => pts === picture[0]!.pts);
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
      return units.some(({ pts }) => pts === picture[0]!.pts);
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
