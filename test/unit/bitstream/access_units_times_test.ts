/** `AccessUnits`: the times of pictures. */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { AccessUnits } from "../../../src/core/bitstream/access_units.ts";
import { assertIntact, CODECS, learnt, NOPTS, split, T } from "./access_units_run.ts";
import { type Nal, Run, Sender, type TestPacket } from "./traces/sender.ts";

for (const codec of CODECS) {
  const { key, slice, aud } = T[codec];

  // Times.

  test(`${codec}: timestamps may repeat, jump, go back, or be unknown`, () => {
    const times = [
      () => 5n,
      () => NOPTS,
      (i: number) => BigInt(i >> 1) * 3000n,
      (i: number) => -BigInt(i) * 3000n,
      (i: number) => i % 3 === 0 ? NOPTS : BigInt(i) * 3000n,
      (i: number) => i < 10 ? BigInt(i) : 2n ** 62n - BigInt(i) * 2n ** 61n,
      (i: number) => BigInt([0, 3, 1, 2, 6, 4, 5][i % 7]! + 7 * Math.floor(i / 7)) * 3000n,
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

  test(`${codec}: times are of one picture below 2 ms`, () => {
    for (const [shift, suspect] of [[179n, false], [180n, true], [-179n, false], [-180n, true]]) {
      const sender = new Sender({ codec });
      const run = learnt(sender);
      const packets = sender.picture([slice, sender.sizeOf(3, 100)]);
      const shifted = packets.map(({ data, pts }, i) => ({
        data,
        pts: i === 0 ? pts : pts + BigInt(shift!),
      }));
      assertEquals(run.push(shifted).map((unit) => unit.suspect), [suspect]);
    }
  });
}

test("a picture has the time of its slices, whatever the parameter sets before it have", () => {
  const sender = new Sender({ codec: "hevc" });
  const run = learnt(sender);
  const sets = sender.nal([33, 30]);
  sender.pts += 90_000n;
  const picture = sender.picture([19, 400]);
  assertEquals(run.push([...sets, ...picture]).map(({ pts, data }) => [pts, data.length]), [
    [picture[0]!.pts, 438],
  ]);
});
