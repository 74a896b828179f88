/** `AccessUnits` on random pictures, losses and bytes. */

import { assertEquals, assertLess } from "@std/assert";
import { test } from "node:test";
import { AccessUnits } from "../../../src/core/bitstream/access_units.ts";
import { forAll } from "../property.ts";
import { Seeded } from "../../support/seeded.ts";
import { assertIntact, CODECS, given, NOPTS, sizes, T } from "./access_units_run.ts";
import { Run, Sender, type TestPacket } from "./traces/sender.ts";

for (const codec of CODECS) {
  const { key, slice, aud, sps, pps, sei, tail } = T[codec];

  test(`${codec}: any pictures in any packets come out as they were`, () => {
    forAll(100, (random) => {
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
      assertEquals([wrongGuesses, losses, droppedBytes], [0, 0, 0]);
      assertIntact(run, packets);
      assertEquals(run.given.filter(({ first }) => first).length, 60);
    });
  });

  test(`${codec}: with packets lost, doubled or in another order, nothing throws or is made up`, () => {
    forAll(100, (random) => {
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
      if (random.integer(1, 3) === 1) received.sort(() => random.number() < 0.05 ? 1 : -1);
      run.push(received);
      run.flush();
      assertEquals(given(run.given) + run.units.stats.droppedBytes, sizes(received));
      const { wrongGuesses, fallbacks } = run.units.stats;
      assertLess(fallbacks, 5);
      assertLess(wrongGuesses, 40);
    });
  });

  test(`${codec}: random bytes never throw, and all are accounted for`, () => {
    forAll(100, (random) => {
      const run = new Run(new AccessUnits(codec));
      const noise = new Seeded(random.seed());
      const packets = Array.from({ length: 200 }, () => {
        const values = random.pick([[0, 1], [0, 0, 0, 1, 5, 255], [0, 1, 2, 65, 128, 255]]);
        const data = Uint8Array.from(
          { length: random.integer(0, random.pick([3, 40, 1400])) },
          () => noise.pick(values),
        );
        if (random.number() < 0.5) data.set([0, 0, 0, 1].slice(0, data.length));
        return { data, pts: random.pick([NOPTS, 0n, 3000n, BigInt(random.integer(-9, 9)) ** 19n]) };
      });
      for (const packet of packets) {
        run.push([packet]);
        if (random.number() < 0.02) run.flush();
      }
      run.flush();
      assertEquals(given(run.given) + run.units.stats.droppedBytes, sizes(packets));
    });
  });
}
