import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { BitReader } from "../../../src/core/bitstream/bit_reader.ts";
import { FrameNumbers } from "../../../src/core/bitstream/frame_numbers.ts";

/** Writes bits as a stream has them, with emulation prevention. */
class BitWriter {
  #bits = "";

  bits(value: number, count: number): this {
    this.#bits += value.toString(2).padStart(count, "0");
    return this;
  }

  golomb(value: number): this {
    const code = (value + 1).toString(2);
    this.#bits += "0".repeat(code.length - 1) + code;
    return this;
  }

  get bytes(): number[] {
    const padded = (this.#bits + "1").padEnd(Math.ceil((this.#bits.length + 1) / 8) * 8, "0");
    const bytes: number[] = [];
    let zeros = 0;
    for (let at = 0; at < padded.length; at += 8) {
      const byte = parseInt(padded.slice(at, at + 8), 2);
      if (zeros >= 2 && byte <= 3) {
        bytes.push(3);
        zeros = 0;
      }
      bytes.push(byte);
      zeros = byte === 0 ? zeros + 1 : 0;
    }
    return bytes;
  }
}

const START = [0, 0, 0, 1];

interface Parameters {
  readonly profile?: number | undefined;
  readonly bits?: number | undefined;
  readonly gapsAllowed?: boolean | undefined;
  readonly scaling?: boolean | undefined;
}

function sps({ profile = 66, bits = 4, gapsAllowed = false, scaling = false }: Parameters = {}) {
  const writer = new BitWriter().bits(profile, 8).bits(0, 8).bits(30, 8).golomb(0);
  if (profile === 100) {
    writer.golomb(1).golomb(0).golomb(0).bits(0, 1).bits(scaling ? 1 : 0, 1);
  }
  writer.golomb(bits - 4).golomb(2).golomb(1).bits(gapsAllowed ? 1 : 0, 1).golomb(39).golomb(29);
  return [...START, 0x67, ...writer.bytes];
}

function slice(
  number: number,
  options: { idr?: boolean; reference?: boolean; bits?: number } = {},
) {
  const { idr = false, reference = true, bits = 4 } = options;
  const header = (reference ? 0x60 : 0) | (idr ? 5 : 1);
  const writer = new BitWriter().golomb(0).golomb(5).golomb(0).bits(number, bits).bits(0x1234, 16);
  return [...START, header, ...writer.bytes];
}

function gaps(units: readonly (readonly number[])[]): boolean[] {
  const numbers = new FrameNumbers();
  return units.map((unit) => numbers.note(Uint8Array.from(unit))?.missing === true);
}

test("BitReader reads what was written, over emulation prevention", () => {
  const writer = new BitWriter().bits(0, 16).bits(1, 8).golomb(0).golomb(1).golomb(254).bits(5, 3);
  const reader = new BitReader(Uint8Array.from(writer.bytes));
  assertEquals(
    [reader.bits(16), reader.bits(8), reader.golomb(), reader.golomb(), reader.golomb()],
    [0, 1, 0, 1, 254],
  );
  assertEquals([reader.bits(3), new BitReader(new Uint8Array(0)).bits(9)], [5, 0]);
});

test("pictures that count up, round and round, have no gap", () => {
  for (const profile of [66, 77, 100]) {
    const units = Array.from({ length: 40 }, (_, i) => slice(i % 16, { idr: i === 0 }));
    assertEquals(
      gaps([[...sps({ profile }), ...units[0]!], ...units.slice(1)]).includes(true),
      false,
    );
  }
});

test("a picture that is missing is a gap, once", () => {
  const units = [0, 1, 2, 4, 5].map((number, i) => slice(number, { idr: i === 0 }));
  assertEquals(gaps([[...sps(), ...units[0]!], ...units.slice(1)]), [
    ...[false, false, false, true, false],
  ]);
});

test("pictures that nobody refers to have the next number, all of them", () => {
  const units = [
    [...sps(), ...slice(0, { idr: true })],
    slice(1),
    slice(2, { reference: false }),
    slice(2, { reference: false }),
    slice(2),
    slice(3),
  ];
  assertEquals(gaps(units).includes(true), false);
});

test("an IDR picture begins anew, and a lost one is a gap", () => {
  const first = [...sps(), ...slice(0, { idr: true })];
  assertEquals(gaps([first, slice(1), slice(2), slice(0, { idr: true }), slice(1)]), [
    ...[false, false, false, false, false],
  ]);
  assertEquals(gaps([first, slice(1), slice(2), slice(1)]).at(-1), true);
});

test("nothing is told before the parameters are known, of other slices, nor where gaps are allowed", () => {
  assertEquals(gaps([slice(0, { idr: true }), slice(5), slice(9)]), [false, false, false]);
  const second = [
    ...START,
    0x61,
    ...new BitWriter().golomb(40).golomb(5).golomb(0).bits(9, 4).bytes,
  ];
  assertEquals(gaps([[...sps(), ...slice(0, { idr: true })], second]), [false, false]);
  const allowed = [...sps({ gapsAllowed: true }), ...slice(0, { idr: true })];
  assertEquals(gaps([allowed, slice(5)]), [false, false]);
  const scaled = [...sps({ profile: 100, scaling: true }), ...slice(0, { idr: true })];
  assertEquals(gaps([scaled, slice(5)]), [false, false]);
});

test("a camera that counts in its own way is left alone after a while", () => {
  const units = Array.from({ length: 20 }, (_, i) => slice((i * 2) % 16, { idr: i === 0 }));
  const seen = gaps([[...sps(), ...units[0]!], ...units.slice(1)]);
  assertEquals(seen.filter((gap) => gap).length, 6);
  assertEquals(seen.slice(7).includes(true), false);
});

test("the numbers count on over the wrap, and a recovery point comes with its picture", () => {
  const numbers = new FrameNumbers();
  const units = Array.from({ length: 40 }, (_, i) => slice(i % 16, { idr: i === 0 }));
  const point = [...START, 6, 6, 2, 0x09, 0xc4, 0x80];
  const notes = units.map((unit, i) => {
    const before = i === 0 ? sps() : i === 20 ? point : [];
    return numbers.note(Uint8Array.from([...before, ...unit]))!;
  });
  const first = notes[0]!.number!;
  assertEquals(notes.map(({ number }) => number! - first), units.map((_, i) => i));
  assertEquals(
    notes.map(({ recovery }) => recovery),
    units.map((_, i) => i === 20 ? 18 : undefined),
  );
});

test("without parameters a picture has no number, and its recovery point is known", () => {
  const point = [...START, 6, 6, 1, 0xc4, 0x80];
  const note = new FrameNumbers().note(Uint8Array.from([...point, ...slice(3)]));
  assertEquals(note, { missing: false, number: undefined, recovery: 0 });
});
