/** `AccessUnits`: what `flush()` gives, and how much is kept. */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { AccessUnits } from "../../../src/core/bitstream/access_units.ts";
import type { NalCodec } from "../../../src/core/bitstream/nal_codec.ts";
import { assertIntact, CODECS, given, learnt, sizes, split, T } from "./access_units_run.ts";
import { concat, Run, Sender } from "./traces/sender.ts";

for (const codec of CODECS) {
  const { key, slice } = T[codec];

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
    run.push([start!]);
    const count = Math.ceil(17 * 1024 * 1024 / full!.data.length);
    for (let i = 0; i < count; i++) run.units.push(full!.data, full!.pts);
    assertEquals(run.units.stats.droppedBytes, start!.data.length + count * full!.data.length);
    assertEquals([run.units.stats.losses, run.units.stats.wrongGuesses], [1, 0]);
    const next = sender.picture([key, sender.sizeOf(4, 100)]);
    assertEquals(run.push(next).map(({ suspect, keyframe, pts }) => [suspect, keyframe, pts]), [
      [false, true, next[0]!.pts],
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
    run.push([start!, full!]);
    assertEquals(run.flush().map(({ data }) => data), [concat([start!.data, full!.data])]);
    assertEquals(run.flush(), []);
    assertEquals(run.push(sender.picture([key, 700])).map(({ first }) => first), [true]);
    assertEquals([run.units.stats.mode, run.units.stats.wrongGuesses], ["early", 0]);
  });

  test(`${codec}: what flush() cut off teaches nothing and is no wrong guess`, () => {
    const sender = new Sender({ codec });
    const run = learnt(sender, 2);
    // Half of a NAL unit, and its end.
    const [start, ...rest] = sender.picture(...split(slice, sender.sizeOf(3, 100), 2));
    run.push([start!]);
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
    const empty = { data: new Uint8Array(0), pts: packets[0]!.pts };
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

  test(`${codec}: flush() again and again teaches nothing`, () => {
    const units = new AccessUnits(codec);
    for (let i = 0; i < 20; i++) units.flush();
    assertEquals(units.stats.mode, "learning");
  });
}

test("units stay as they are until the next call", () => {
  for (const codec of CODECS) {
    const sender = new Sender({ codec });
    const units = new AccessUnits(codec);
    const large = sender.picture([T[codec].slice, 70_000]);
    for (const { data, pts } of large) units.push(data, pts);
    // The end of one and a large one after it, in a buffer that has to grow.
    const next = sender.together([T[codec].slice, 100_000]);
    const [unit] = units.push(next[0]!.data, 3000n);
    assertEquals(unit!.data, concat(large.map(({ data }) => data)));
    assertEquals(units.flush()[0]!.data, next[0]!.data);
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
