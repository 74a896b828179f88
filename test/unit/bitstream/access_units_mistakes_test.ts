/** `AccessUnits` when a guess was wrong. */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { AccessUnits } from "../../../src/core/bitstream/access_units.ts";
import { assertIntact, CODECS, given, learnt, sizes, T } from "./access_units_run.ts";
import { concat, Run, Sender, type TestPacket } from "./traces/sender.ts";

for (const codec of CODECS) {
  const { key, slice } = T[codec];

  // Wrong guesses.

  test(`${codec}: a wrong guess is counted, and the next pictures come whole and late`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender);
    sender.payload = 1000;
    const wrong = sender.picture([slice, sender.sizeOf(4, 100)]);
    const [truncated, told, ...more] = run.push(wrong);
    assertEquals([truncated!.data, truncated!.suspect], [wrong[0]!.data, false]);
    assertEquals([told!.data.length, told!.suspect, told!.at], [0, true, truncated!.at + 1]);
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
      steps.slice(1).map((step, i) => Math.round(Math.log2((step - steps[i]!) / 8))),
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
}
