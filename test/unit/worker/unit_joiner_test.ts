import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { AccessUnits, type Unit } from "../../../src/core/bitstream/access_units.ts";
import type { IncomingPacket } from "../../../src/core/output/stream_packet.ts";
import { UnitJoiner } from "../../../src/worker/read/unit_joiner.ts";
import { concat, type Nal, Sender } from "../bitstream/traces/sender.ts";
import { forAll } from "../property.ts";

/** A joiner and what came out of it. */
class Joined {
  readonly pictures: IncomingPacket[] = [];
  readonly joiner = new UnitJoiner((picture) => this.pictures.push(picture));

  /** Each unit's bytes are rubbish after its call, as those of `AccessUnits` are. */
  push(...units: readonly Unit[]): void {
    for (const { data, ...rest } of units) {
      const lent = data.slice();
      this.joiner.push({ ...rest, data: lent });
      lent.fill(0xee);
    }
  }

  flush(): void {
    this.joiner.flush();
  }

  /** Bytes, time and whether it is a keyframe. */
  get rows(): (readonly [string, bigint, boolean])[] {
    return this.pictures.map(({ data, pts, keyframe }) => {
      return [String.fromCharCode(...data), pts, keyframe] as const;
    });
  }
}

/** A unit whose bytes are that text. */
function unit(text: string, pts: bigint, more: Partial<Unit> = {}): Unit {
  const data = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  return {
    data,
    pts,
    first: false,
    picture: true,
    keyframe: false,
    suspect: false,
    ...more,
  };
}

const FIRST = { first: true } as const;
const KEY = { keyframe: true } as const;
/** Parameter sets and the like. */
const ABOUT = { picture: false } as const;

test("a picture of one unit comes out when the next one begins", () => {
  const joined = new Joined();
  joined.push(unit("a", 1n, FIRST));
  assertEquals(joined.rows, []);
  joined.push(unit("b", 2n, FIRST));
  assertEquals(joined.rows, [["a", 1n, false]]);
  joined.push(unit("c", 3n, FIRST));
  assertEquals(joined.rows, [["a", 1n, false], ["b", 2n, false]]);
});

test("all units of a picture are one packet, in their order", () => {
  const joined = new Joined();
  joined.push(unit("ab", 1n, FIRST), unit("c", 1n), unit("", 1n), unit("def", 1n));
  joined.push(unit("g", 2n, FIRST));
  assertEquals(joined.rows, [["abcdef", 1n, false]]);
});

test("nothing comes out before a unit that is the first of its picture", () => {
  const joined = new Joined();
  joined.push(unit("x", 1n), unit("y", 1n, KEY), unit("z", 2n));
  joined.flush();
  assertEquals(joined.rows, []);
  joined.push(unit("lost", 2n), unit("a", 3n, FIRST), unit("b", 3n), unit("c", 4n, FIRST));
  assertEquals(joined.rows, [["ab", 3n, false]]);
});

test("parameter sets before a picture belong to it, and it has its own time", () => {
  const joined = new Joined();
  joined.push(unit("a", 1n, FIRST));
  joined.push(unit("S", 1n, { ...FIRST, ...ABOUT }), unit("P", 1n, ABOUT));
  joined.push(unit("i", 2n, KEY), unit("j", 2n, KEY));
  assertEquals(joined.rows, [["a", 1n, false]]);
  joined.push(unit("b", 3n, FIRST));
  assertEquals(joined.rows, [["a", 1n, false], ["SPij", 2n, true]]);
});

test("what is about pictures after one belongs to the one before, unless it is a first", () => {
  const joined = new Joined();
  joined.push(unit("a", 1n, FIRST), unit("E", 9n, ABOUT), unit("b", 2n, FIRST));
  assertEquals(joined.rows, [["aE", 1n, false]]);
});

test("parameter sets without a picture are no packet", () => {
  const joined = new Joined();
  joined.push(unit("S", 1n, { ...FIRST, ...ABOUT }), unit("P", 1n, ABOUT));
  joined.push(unit("a", 2n, FIRST));
  assertEquals(joined.rows, []);
  joined.flush();
  assertEquals(joined.rows, [["a", 2n, false]]);
});

test("the time is that of the picture's first part", () => {
  const joined = new Joined();
  joined.push(unit("a", 5n, FIRST), unit("b", 6n), unit("c", 4n));
  joined.push(unit("d", 0n, FIRST), unit("e", 1n));
  joined.flush();
  assertEquals(joined.rows, [["abc", 5n, false], ["de", 0n, false]]);
});

test("a picture is a keyframe when a part of it is, and the next one is not for that", () => {
  const joined = new Joined();
  joined.push(unit("a", 1n, { ...FIRST, ...KEY }), unit("b", 1n));
  joined.push(unit("c", 2n, FIRST), unit("d", 2n, KEY));
  joined.push(unit("e", 3n, FIRST));
  joined.flush();
  assertEquals(joined.rows, [["ab", 1n, true], ["cd", 2n, true], ["e", 3n, false]]);
});

test("a picture that something is missing of is no keyframe, wherever it is missing", () => {
  const suspect = { suspect: true } as const;
  for (let at = 0; at < 4; at++) {
    const joined = new Joined();
    const units = [
      unit("S", 1n, { ...FIRST, ...ABOUT }),
      unit("a", 1n, KEY),
      unit("b", 1n, KEY),
      unit("c", 1n, KEY),
    ];
    joined.push(...units.map((item, i) => i === at ? { ...item, ...suspect } : item));
    // The next one is whole.
    joined.push(unit("d", 2n, { ...FIRST, ...KEY }));
    joined.flush();
    assertEquals(joined.rows, [["Sabc", 1n, false], ["d", 2n, true]], `unit ${at}`);
  }
});

test("a loss without bytes makes the picture under way no keyframe, and adds nothing", () => {
  const joined = new Joined();
  const loss = unit("", 7n, { ...ABOUT, suspect: true });
  joined.push(loss);
  joined.push(unit("a", 1n, { ...FIRST, ...KEY }), loss, unit("b", 1n, KEY));
  joined.push(unit("c", 2n, { ...FIRST, ...KEY }));
  joined.flush();
  assertEquals(joined.rows, [["ab", 1n, false], ["c", 2n, true]]);
});

test("flush() gives what is there, once", () => {
  const joined = new Joined();
  joined.flush();
  assertEquals(joined.rows, []);
  joined.push(unit("a", 1n, { ...FIRST, ...KEY }), unit("b", 1n));
  joined.flush();
  joined.flush();
  assertEquals(joined.rows, [["ab", 1n, true]]);
  joined.push(unit("c", 2n, FIRST));
  joined.flush();
  assertEquals(joined.rows, [["ab", 1n, true], ["c", 2n, false]]);
});

test("every packet has bytes of its own", () => {
  const joined = new Joined();
  const lent = Uint8Array.of(1, 2, 3, 4);
  const more = { picture: true, keyframe: false, suspect: false };
  const one = lent.subarray(1, 3);
  joined.joiner.push({ ...more, data: one, pts: 1n, first: true });
  lent.fill(9);
  joined.joiner.push({ ...more, data: lent, pts: 2n, first: true });
  lent.fill(8);
  joined.joiner.push({ ...more, data: lent, pts: 2n, first: false });
  lent.fill(7);
  joined.flush();
  assertEquals(joined.pictures.map(({ data }) => [...data]), [
    [2, 3],
    [9, 9, 9, 9, 8, 8, 8, 8],
  ]);
  const buffers = joined.pictures.map(({ data }) => data.buffer);
  assert(buffers[0] !== buffers[1] && !buffers.includes(lent.buffer));
});

test("any units are joined to their pictures, to the last byte", () => {
  forAll(200, (random) => {
    const joined = new Joined();
    const expected: (readonly [string, bigint, boolean])[] = [];
    for (let picture = 0n; picture < 20n; picture++) {
      const about = random.integer(0, 2);
      const count = about + random.integer(1, 4);
      const key = random.number() < 0.3;
      const units = Array.from({ length: count }, (_, i) => {
        return unit(random.text(["a", "b", "c"], 0, 5), picture, {
          first: i === 0,
          picture: i >= about,
          keyframe: key && i >= about,
          suspect: random.number() < 0.05,
        });
      });
      joined.push(...units);
      const pictures = units.filter((item) => item.picture && item.data.length > 0);
      if (pictures.length === 0) continue;
      const bytes = concat(units.map(({ data }) => data));
      const whole = !units.some(({ suspect }) => suspect);
      expected.push([String.fromCharCode(...bytes), picture, key && whole]);
    }
    joined.flush();
    assertEquals(joined.rows, expected);
  });
});

/** NAL unit types. */
const TYPES = {
  h264: { key: 5, slice: 1, parameters: [7, 8] },
  hevc: { key: 19, slice: 1, parameters: [32, 33, 34] },
} as const;

for (const codec of ["h264", "hevc"] as const) {
  test(`${codec}: what a camera sends comes out picture by picture, as it was sent`, () => {
    forAll(20, (random) => {
      const sender = new Sender({ codec });
      const [units, joined] = [new AccessUnits(codec), new Joined()];
      const sent: { bytes: Uint8Array; pts: bigint; keyframe: boolean }[] = [];
      const slices = random.integer(1, 3);
      for (let i = 0; i < 60; i++) {
        const keyframe = i % 12 === 0;
        const { key, slice, parameters } = TYPES[codec];
        const nals: Nal[] = keyframe ? parameters.map((type) => [type, 20]) : [];
        for (let at = 0; at < slices; at++) {
          const size = sender.sizeOf(random.integer(1, 5), random.integer(10, 1_000));
          nals.push([keyframe ? key : slice, size, at === 0]);
        }
        const { pts } = sender;
        const packets = sender.picture(...nals);
        sent.push({ bytes: concat(packets.map(({ data }) => data)), pts, keyframe });
        for (const packet of packets) joined.push(...units.push(packet.data, packet.pts));
      }
      joined.push(...units.flush());
      joined.flush();
      assertEquals(joined.pictures.length, sent.length);
      sent.forEach(({ bytes, pts, keyframe }, i) => {
        const picture = joined.pictures[i]!;
        assertEquals([picture.pts, picture.keyframe], [pts, keyframe], `picture ${i}`);
        assertEquals(concat([picture.data]), bytes, `picture ${i}`);
      });
    });
  });
}
