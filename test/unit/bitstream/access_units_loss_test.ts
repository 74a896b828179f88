/** `AccessUnits` when packets are lost. */

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { AccessUnits } from "../../../src/core/bitstream/access_units.ts";
import { CODECS, learnt, sizes, split, T } from "./access_units_run.ts";
import { concat, Run, Sender } from "./traces/sender.ts";

for (const codec of CODECS) {
  const { key, slice, aud } = T[codec];

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
      [lost[0]!.pts, -4],
      [next[0]!.pts, -1],
    ]);
    assertEquals([run.units.stats.mode, run.units.stats.fallbacks], ["early", 0]);
  });

  test(`${codec}: while losses are known, a last fragment that is lost is suspected`, () => {
    for (const known of [false, true]) {
      const sender = new Sender({ codec });
      const run = learnt(sender);
      if (known) run.units.doubt();
      for (const fragments of [1, 2, 3]) {
        const size = sender.sizeOf(fragments + 1, 100);
        const lost = sender.picture([slice, size]).slice(0, -1);
        const next = sender.picture([slice, sender.sizeOf(4, 100)]);
        const seen = run.push([...lost, ...next]).map(({ pts, suspect }) => [pts, suspect]);
        assertEquals(seen, [[lost[0]!.pts, known], [next[0]!.pts, false]]);
      }
      const { mode, losses, fallbacks } = run.units.stats;
      assertEquals([mode, losses, fallbacks], ["early", known ? 3 : 0, 0]);
    }
  });

  test(`${codec}: while losses are known, a slice that is missing is one`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender, 3);
    run.units.doubt();
    const whole = () => split(slice, 300, 3);
    const lost = sender.picture(...whole()).slice(0, -1);
    const seen = run.push([...lost, ...sender.picture(...whole())]);
    assertEquals(seen.map(({ suspect }) => suspect), [true, false]);
    assertEquals([run.units.stats.mode, run.units.stats.fallbacks], ["early", 0]);
  });

  test(`${codec}: what others know of a loss is forgotten after a minute of pictures`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender);
    run.units.doubt();
    for (let i = 0; i < 1_500; i++) run.push(sender.picture([slice, sender.sizeOf(2, 100)]));
    run.given.length = 0;
    const lost = sender.picture([slice, sender.sizeOf(4, 100)]).slice(0, -1);
    run.push([...lost, ...sender.picture([slice, sender.sizeOf(4, 100)])]);
    assertEquals(run.given.map(({ suspect }) => suspect), [false, false]);
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
        pts: lost[0]!.pts,
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
    run.push([picture[0]!, ...picture.slice(2)]);
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
    assertEquals(units.map(({ suspect, pts }) => [suspect, pts]), [[true, one[0]!.pts]]);
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
      [false, one[0]!.pts],
      [true, two[0]!.pts],
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
}
