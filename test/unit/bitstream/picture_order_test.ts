/** `PictureOrder` on the headers of a stream of x265 with a pyramid of B-frames. */

import { assertEquals } from "@std/assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PictureOrder } from "../../../src/core/bitstream/picture_order.ts";
import { Seeded } from "../../support/seeded.ts";

/** The orders are what libavcodec's log says of the same stream. */
interface Trace {
  readonly orders: readonly number[];
  /** For each picture, whether libavcodec misses it ("Could not find ref") when it is taken out. */
  readonly missed: string;
  readonly pictures: readonly string[];
}

const { orders, missed, pictures }: Trace = JSON.parse(
  readFileSync(new URL("traces/hevc_orders.json", import.meta.url), "utf8"),
);

/** NAL units with start codes. */
const units = pictures.map((picture) => {
  const bytes = picture.split(" ").flatMap((hex) => ["00000001", hex]).join("").match(/../g) ?? [];
  return Uint8Array.from(bytes, (byte) => parseInt(byte, 16));
});

/** The pictures that say that another one is missing, when these are lost. */
function missingAfter(lost: readonly number[]): number[] {
  const order = new PictureOrder();
  return units.flatMap((unit, i) => {
    if (lost.includes(i)) return [];
    return order.note(unit)!.missing ? [i] : [];
  });
}

test("the orders are those that libavcodec finds, and nothing is missing", () => {
  const order = new PictureOrder();
  const notes = units.map((unit) => order.note(unit)!);
  assertEquals(notes.map(({ number }) => number), [...orders]);
  assertEquals(notes.filter(({ missing }) => missing), []);
});

test("a picture is missed when libavcodec misses it, but for those that no picture uses", () => {
  const seen = units.map((_, lost) => lost > 0 && missingAfter([lost]).length > 0);
  const known = [...missed].map((one) => one === "1");
  assertEquals(seen.filter((one, lost) => one && !known[lost]), []);
  const unused = [...units.keys()].filter((lost) => known[lost] && !seen[lost]);
  assertEquals(known.filter((one) => one).length, 20);
  assertEquals(unused, [12, 13, 31]);
});

test("after a join, pictures from before it are not missed", () => {
  for (let first = 1; first < units.length; first++) {
    const order = new PictureOrder();
    // The parameter sets come with the session description, or again.
    order.note(units[0]!);
    const joined = new PictureOrder();
    assertEquals(
      units.slice(first).map((unit) => joined.note(unit)!.missing).includes(true),
      false,
    );
  }
});

test("rubbish is no picture, and throws nothing", () => {
  const random = new Seeded(5);
  const order = new PictureOrder();
  for (const unit of units) order.note(unit);
  for (let round = 0; round < 2_000; round++) {
    const unit = units[random.integer(0, units.length - 1)]!.slice();
    for (let i = random.integer(1, 6); i > 0; i--) {
      unit[random.integer(4, unit.length - 1)] = random.integer(0, 255);
    }
    order.note(unit.subarray(0, random.integer(5, unit.length)));
  }
});
