/** `AccessUnits` on packets that real senders have sent. */

import { assertEquals, assertGreater } from "@std/assert";
import { test } from "node:test";
import { AccessUnits } from "../../../src/core/bitstream/access_units.ts";
import { assertIntact, given, sizes } from "./access_units_run.ts";
import { concat, type Given, Run } from "./traces/sender.ts";
import { readTrace } from "./traces/trace.ts";

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
      groups[groups.length - 1]!.push(unit);
    }
    assertEquals(groups.map((units) => concat(units.map(({ data }) => data))), expected);
    const times = groups.map((units) => [...new Set(units.map(({ pts }) => pts))]);
    assertEquals(times, pictures.map((packets) => [packets[0]!.pts]));
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
    assertEquals([...keys], expected.map(([first]) => first!.pts));
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
