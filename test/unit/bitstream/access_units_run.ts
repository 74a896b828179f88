/** What the tests of `AccessUnits` share. */

import { assertEquals } from "@std/assert";
import { AccessUnits } from "../../../src/core/bitstream/access_units.ts";
import {
  concat,
  type Given,
  type Nal,
  Run,
  type Sender,
  type TestPacket,
} from "./traces/sender.ts";

export const NOPTS = -(2n ** 63n);
export const CODECS = ["h264", "hevc"] as const;

/** NAL unit types. */
export const T = {
  h264: { key: 5, slice: 1, aud: 9, sps: 7, pps: 8, sei: 6, tail: 12 },
  hevc: { key: 19, slice: 1, aud: 35, sps: 33, pps: 34, sei: 39, tail: 40 },
} as const;

/** A keyframe of full fragments, and small ones after it, until `mode` is early. */
export function learnt(sender: Sender, slices = 1): Run {
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
export function split(type: number, size: number, slices: number): Nal[] {
  return Array.from({ length: slices }, (_, i) => [type, size, i === 0]);
}

export function sizes(packets: readonly TestPacket[]): number {
  return packets.reduce((sum, { data }) => sum + data.length, 0);
}

export function given(units: readonly Given[]): number {
  return units.reduce((sum, { data }) => sum + data.length, 0);
}

/** What came out is exactly what went in, with nothing suspect. */
export function assertIntact(run: Run, packets: readonly TestPacket[]): void {
  assertEquals(run.bytes, concat(packets.map(({ data }) => data)));
  assertEquals(run.given.filter(({ suspect }) => suspect), []);
  assertEquals(run.units.stats.droppedBytes, 0);
}
