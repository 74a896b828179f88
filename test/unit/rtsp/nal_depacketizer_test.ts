import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import type { AccessUnit } from "../../../src/core/rtsp/depacketizers/access_unit.ts";
import { H264_PAYLOADS } from "../../../src/core/rtsp/depacketizers/h264.ts";
import { HEVC_PAYLOADS } from "../../../src/core/rtsp/depacketizers/hevc.ts";
import { NalDepacketizer } from "../../../src/core/rtsp/depacketizers/nal_depacketizer.ts";
import { RtpReceiver } from "../../../src/core/rtsp/rtp_receiver.ts";
import { type Drawn, forAll } from "../property.ts";
import { annexB, nal, packetize, type Sent, type TestUnit } from "./packetizer.ts";

type Codec = "h264" | "hevc";
const CODECS = ["h264", "hevc"] as const;
const TYPES = {
  h264: { sets: [7, 8], key: 5, other: 1, delimiter: 9, filler: 12 },
  hevc: { sets: [32, 33, 34], key: 19, other: 1, delimiter: 35, filler: 38 },
} as const;

/** What a depacketizer makes of packets; the bytes are copies. */
function unitsOf(codec: Codec, packets: readonly Uint8Array[]): AccessUnit[] {
  const units: AccessUnit[] = [];
  const options = {
    allocate: (length: number) => new Uint8Array(length),
    take: (unit: AccessUnit) => units.push({ ...unit, data: unit.data.slice() }),
  };
  const payloads = codec === "h264" ? H264_PAYLOADS : HEVC_PAYLOADS;
  const depacketizer = new NalDepacketizer(payloads, options);
  const receiver = new RtpReceiver({
    payloadTypes: new Set([96]),
    clockRate: 90_000,
    reorders: false,
    take: (packet) => depacketizer.push(packet),
  });
  packets.forEach((bytes, i) => receiver.push(bytes, 0, bytes.length, i));
  depacketizer.flush();
  return units;
}

const bytesOf = (sent: readonly Sent[]) => sent.map(({ bytes }) => bytes);
const pictures = (units: readonly AccessUnit[]) => units.filter(({ picture }) => picture);

/** A keyframe with its parameter sets, and pictures that refer to it. */
function gop(
  codec: Codec,
  count: number,
  { slices = 1, length = 40, sets = true } = {},
): TestUnit[] {
  const types = TYPES[codec];
  return Array.from({ length: count }, (_, i) => {
    const type = i === 0 ? types.key : types.other;
    return {
      timestamp: 3000 * i,
      nals: [
        ...(i === 0 && sets ? types.sets.map((set) => nal(codec, set, 9)) : []),
        ...Array.from({ length: slices }, (_, n) => nal(codec, type, length + i, n === 0)),
      ],
    };
  });
}

for (const codec of CODECS) {
  for (const aggregates of [false, true]) {
    const how = aggregates ? "aggregated" : "single";
    test(`${codec}: ${how} and fragmented NAL units become the pictures that were sent`, () => {
      const sent = gop(codec, 5, { slices: 3, length: 120 });
      const units = unitsOf(codec, bytesOf(packetize(sent, { codec, most: 100, aggregates })));
      assertEquals(units.map(({ data }) => data), sent.map(({ nals }) => annexB(nals)));
      assertEquals(units.map(({ timestamp }) => timestamp), sent.map(({ timestamp }) => timestamp));
      assertEquals(units.map(({ keyframe }) => keyframe), [true, false, false, false, false]);
      assert(units.every(({ picture, suspect }) => picture && !suspect));
    });
  }

  test(`${codec}: with a marker, a picture is complete with its last packet`, () => {
    const packets = packetize(gop(codec, 2), { codec, most: 30 });
    const last = packets.findLastIndex(({ unit }) => unit === 0);
    const [first] = unitsOf(codec, bytesOf(packets));
    assertEquals(first?.arrival, last);
  });

  test(`${codec}: without markers, the number of slices tells the end once it is known`, () => {
    const sent = gop(codec, 30, { slices: 2 });
    const packets = packetize(sent, { codec, most: 30, marker: "never" });
    const units = unitsOf(codec, bytesOf(packets));
    assertEquals(units.map(({ data }) => data), sent.map(({ nals }) => annexB(nals)));
    const own = (unit: number) => packets.findLastIndex((packet) => packet.unit === unit);
    // The packet that came last is the picture's own; before that it is that of the next one.
    assertEquals(units[29]?.arrival, own(29));
    assertEquals(units[20]?.arrival, own(20));
    assert(units.every(({ suspect }) => !suspect));
  });

  test(`${codec}: markers in every packet are not believed after a mistake`, () => {
    const sent = gop(codec, 30, { slices: 2 });
    const units = unitsOf(codec, bytesOf(packetize(sent, { codec, most: 30, marker: "always" })));
    const whole = units.slice(-25);
    assertEquals(whole.map(({ data }) => data), sent.slice(-25).map(({ nals }) => annexB(nals)));
    assert(whole.every(({ suspect }) => !suspect));
    // The pieces of the first are not called good.
    assert(units.some(({ suspect }) => suspect));
  });

  test(`${codec}: pictures of one and the same time are told apart`, () => {
    const sent = gop(codec, 6).map(({ nals }) => ({ nals, timestamp: 5 }));
    for (const marker of ["end", "never"] as const) {
      const units = unitsOf(codec, bytesOf(packetize(sent, { codec, most: 30, marker })));
      assertEquals(units.map(({ data }) => data), sent.map(({ nals }) => annexB(nals)), marker);
      assert(units.every(({ suspect }) => !suspect), marker);
    }
  });

  test(`${codec}: parameter sets with another time belong to the picture behind them`, () => {
    const [first, ...others] = gop(codec, 3);
    const types = TYPES[codec];
    const sets = types.sets.map((type) => nal(codec, type, 9));
    const sent = [{ nals: sets, timestamp: 1 }, {
      nals: [nal(codec, types.key, 50)],
      timestamp: 2,
    }];
    const packets = packetize([...sent, ...others], { codec, most: 30 });
    const units = unitsOf(codec, bytesOf(packets));
    assertEquals(units[0]?.data, annexB([...sets, sent[1]!.nals[0]!]));
    assertEquals(units[0]?.timestamp, 2);
    assertEquals(units.length, 3);
    assert(first);
  });

  test(`${codec}: a packet lost in the middle, and at the end of a picture`, () => {
    const sent = gop(codec, 4, { length: 100 });
    const packets = packetize(sent, { codec, most: 30 });
    const of = (unit: number) => packets.filter((packet) => packet.unit === unit);
    for (const [name, lost] of [["middle", of(1)[1]], ["end", of(1).at(-1)]] as const) {
      const units = unitsOf(codec, bytesOf(packets.filter((packet) => packet !== lost)));
      const damaged = pictures(units).filter(({ suspect }) => suspect);
      assertEquals(damaged.map(({ timestamp }) => timestamp), [3000], name);
      assertEquals(pictures(units).length, 4, name);
    }
  });

  test(`${codec}: a picture of which nothing came is reported`, () => {
    const packets = packetize(gop(codec, 4), { codec, most: 30 });
    const units = unitsOf(codec, bytesOf(packets.filter(({ unit }) => unit !== 2)));
    assertEquals(units.map(({ suspect }) => suspect), [false, false, true, false]);
    assertEquals(units[2]?.data.length, 0);
    assertEquals(units[2]?.picture, false);
  });

  test(`${codec}: the beginning of a picture is lost`, () => {
    const packets = packetize(gop(codec, 3, { slices: 2, length: 60 }), { codec, most: 30 });
    const first = packets.find(({ unit }) => unit === 1);
    const units = unitsOf(codec, bytesOf(packets.filter((packet) => packet !== first)));
    const suspects = units.filter(({ suspect, picture }) => suspect && picture);
    assertEquals(suspects.map(({ timestamp }) => timestamp), [3000]);
  });

  test(`${codec}: a keyframe whose parameter sets are lost is not called good`, () => {
    const one = gop(codec, 3);
    const sent = [
      ...one,
      ...one.map(({ nals, timestamp }) => ({ nals, timestamp: timestamp + 9000 })),
    ];
    const packets = packetize(sent, { codec, most: 30 });
    const sets = packets.filter(({ unit }) => unit === 3).slice(0, TYPES[codec].sets.length);
    const units = pictures(unitsOf(codec, bytesOf(packets.filter((one) => !sets.includes(one)))));
    assertEquals(units.map(({ suspect }) => suspect), [false, false, false, true, false, false]);
  });

  test(`${codec}: a keyframe that never has parameter sets is good after a loss`, () => {
    const one = gop(codec, 3, { sets: false });
    const sent = [
      ...one,
      ...one.map(({ nals, timestamp }) => ({ nals, timestamp: timestamp + 9000 })),
    ];
    const packets = packetize(sent, { codec, most: 30 }).filter(({ unit }) => unit !== 2);
    const units = pictures(unitsOf(codec, bytesOf(packets)));
    assertEquals(units.map(({ suspect }) => suspect), [false, false, false, false, false]);
  });

  test(`${codec}: what comes behind the marker waits for the next picture`, () => {
    const filler = nal(codec, TYPES[codec].filler, 5);
    const [first, second] = gop(codec, 2);
    const packets = packetize([first!, { nals: [filler], timestamp: 0 }, second!], {
      codec,
      most: 90,
    });
    const units = unitsOf(codec, bytesOf(packets));
    assertEquals(units.map(({ data }) => data), [
      annexB(first!.nals),
      annexB([filler, ...second!.nals]),
    ]);
  });

  test(`${codec}: no damaged picture is called good, whatever is lost`, () => {
    forAll(150, (drawn) => checkLoss(codec, drawn));
  });

  test(`${codec}: rubbish makes no picture that is called good, and throws nothing`, () => {
    forAll(200, (drawn) => {
      const packets = Array.from({ length: 20 }, (_, sequence) => {
        const bytes = Uint8Array.from(
          { length: drawn.integer(0, 40) },
          () => drawn.integer(0, 255),
        );
        bytes.set([0x80, drawn.pick([0x60, 0xe0]), 0, sequence].slice(0, bytes.length));
        return bytes;
      });
      unitsOf(codec, packets);
    });
  });
}

/** Random pictures over a random loss: each that is called good is one that was sent. */
function checkLoss(codec: Codec, drawn: Drawn): void {
  const types = TYPES[codec];
  const count = drawn.integer(2, 20);
  const marker = drawn.pick(["end", "end", "never"] as const);
  const slices = drawn.integer(1, 3);
  const units: TestUnit[] = Array.from({ length: count }, (_, i) => {
    const keyframe = i === 0 || drawn.number() < 0.2;
    return {
      timestamp: 3000 * i,
      nals: [
        ...(drawn.number() < 0.3 ? [nal(codec, types.delimiter, 1)] : []),
        ...(keyframe ? types.sets.map((type) => nal(codec, type, 10 + i)) : []),
        ...Array.from({ length: slices }, (_, n) => {
          return nal(codec, keyframe ? types.key : types.other, drawn.integer(3, 150) + i, n === 0);
        }),
      ],
    };
  });
  const options = { codec, most: drawn.integer(20, 80), marker, aggregates: drawn.number() < 0.5 };
  const sent = packetize(units, { ...options, sequence: drawn.integer(0, 0xffff) });
  // The last packet stays: no number tells that nothing comes behind it.
  const kept = sent.filter((_, i) => i === 0 || i === sent.length - 1 || drawn.number() < 0.9);
  const complete = new Map<number, boolean>();
  for (const { unit } of sent) complete.set(3000 * unit, true);
  const lost = sent.filter((packet) => !kept.includes(packet));
  for (const { unit } of lost) complete.set(3000 * unit, false);
  const got = unitsOf(codec, bytesOf(kept));
  const delimiter = annexB([nal(codec, types.delimiter, 1)]);
  const originals = new Map(units.map(({ nals, timestamp }) => [timestamp, annexB(nals)]));
  let gap = false;
  for (const unit of got) {
    gap ||= unit.suspect;
    if (!unit.picture || unit.suspect) continue;
    const original = originals.get(unit.timestamp)!;
    // A delimiter has nothing of the picture, and parameter sets stay until others come.
    const delimited = endsWith(original.subarray(0, delimiter.length), delimiter);
    const bare = delimited ? original.subarray(delimiter.length) : original;
    assert(endsWith(unit.data, bare), `${unit.data} does not end with ${bare}`);
    assert(delimited || complete.get(unit.timestamp));
  }
  // Without markers, nobody knows whether the last picture has ended.
  const known = marker === "end" ? lost : lost.filter(({ unit }) => unit < count - 1);
  if (known.length > 0) assert(gap, "a loss is reported");
  if (lost.length === 0) assertEquals(gap, marker === "never" && got.at(-1)!.suspect);
  if (lost.length === 0) assertEquals(got.length, count);
}

function endsWith(bytes: Uint8Array, end: Uint8Array): boolean {
  return bytes.length >= end.length && end.every((byte, i) => {
    return byte === bytes[bytes.length - end.length + i];
  });
}
