import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import type { AccessUnit } from "../../../src/core/rtsp/depacketizers/access_unit.ts";
import { jpegHeader, scaledTables } from "../../../src/core/rtsp/depacketizers/jpeg_header.ts";
import { MjpegDepacketizer } from "../../../src/core/rtsp/depacketizers/mjpeg.ts";
import { RtpReceiver } from "../../../src/core/rtsp/rtp_receiver.ts";
import { forAll } from "../property.ts";
import { rtp } from "./packetizer.ts";

const SHAPE = { width: 16, height: 8, halfLines: true, restartInterval: 0 };
const SCAN = Uint8Array.from({ length: 90 }, (_, i) => i);
const END = [0xff, 0xd9];

interface Fragment {
  readonly offset: number;
  readonly data: Uint8Array;
  readonly timestamp?: number;
  readonly marker?: boolean;
  readonly type?: number;
  readonly quality?: number;
  /** Width and height in 8 pixels; 0: too large to be told. */
  readonly sides?: readonly [number, number];
  /** What stands between the header and the data. */
  readonly extra?: readonly number[];
  readonly lost?: boolean;
}

/** RFC 2435, section 3.1. */
function payload(fragment: Fragment): Uint8Array {
  const { offset, data, type = 1, quality = 50, sides = [2, 1], extra = [] } = fragment;
  const header = [0, offset >> 16, offset >> 8 & 0xff, offset & 0xff, type, quality, ...sides];
  return Uint8Array.from([...header, ...extra, ...data]);
}

function unitsOf(fragments: readonly Fragment[], size?: { width: number; height: number }) {
  const units: AccessUnit[] = [];
  const depacketizer = new MjpegDepacketizer({
    allocate: (length) => new Uint8Array(length),
    take: (unit) => units.push({ ...unit, data: unit.data.slice() }),
    size,
  });
  const receiver = new RtpReceiver({
    payloadTypes: new Set([26]),
    clockRate: 90_000,
    reorders: false,
    take: (packet) => depacketizer.push(packet),
  });
  fragments.forEach((fragment, sequence) => {
    if (fragment.lost) return;
    const { timestamp = 0, marker = false } = fragment;
    const bytes = rtp(payload(fragment), { sequence, timestamp, marker, payloadType: 26 });
    receiver.push(bytes, 0, bytes.length, sequence);
  });
  depacketizer.flush();
  return units;
}

/** A picture in three fragments. */
function picture(timestamp: number, more: Partial<Fragment> = {}): Fragment[] {
  return [0, 30, 60].map((offset) => ({
    offset,
    data: SCAN.subarray(offset, offset + 30),
    timestamp,
    marker: offset === 60,
    ...more,
  }));
}

const whole = (tables = scaledTables(50), shape = SHAPE) =>
  Uint8Array.from([...jpegHeader({ ...shape, tables })!, ...SCAN, ...END]);

test("fragments become a JPEG picture with its headers", () => {
  const [unit, ...others] = unitsOf(picture(9));
  assertEquals(others, []);
  assertEquals(unit?.data, whole());
  assertEquals([unit?.timestamp, unit?.keyframe, unit?.suspect], [9, true, false]);
});

test("the headers: segments with their lengths, sizes and shapes", () => {
  const data = jpegHeader({ ...SHAPE, width: 640, height: 360, tables: scaledTables(50) })!;
  const markers: number[] = [];
  for (let at = 2; at < data.length; at += 2 + (data[at + 2]! << 8 | data[at + 3]!)) {
    assertEquals(data[at], 0xff);
    markers.push(data[at + 1]!);
  }
  assertEquals(markers, [0xe0, 0xdb, 0xdb, 0xc0, 0xc4, 0xc4, 0xc4, 0xc4, 0xda]);
  const frame = data.findIndex((byte, i) => byte === 0xff && data[i + 1] === 0xc0);
  assertEquals([...data.subarray(frame + 4, frame + 12)], [8, 1, 104, 2, 128, 3, 1, 0x22]);
});

test("qualities scale the tables as RFC 2435 has it", () => {
  assertEquals([...scaledTables(50).subarray(0, 4)], [16, 11, 12, 14]);
  assertEquals([...scaledTables(99).subarray(0, 4)], [1, 1, 1, 1]);
  assertEquals([...scaledTables(25).subarray(0, 4)], [32, 22, 24, 28]);
  assertEquals(Math.max(...scaledTables(1)), 255);
  assertEquals(scaledTables(50).length, 128);
});

test("tables in the stream, and restart markers", () => {
  const tables = Uint8Array.from({ length: 128 }, (_, i) => 1 + i);
  const given = [0, 0, 0, 128, ...tables];
  const own = unitsOf(
    picture(0, { quality: 255 }).map((fragment) => ({
      ...fragment,
      extra: fragment.offset === 0 ? given : [],
    })),
  );
  assertEquals(own[0]?.data, whole(tables));
  const restarts = unitsOf(picture(0, { type: 65, extra: [0, 4, 0xff, 0xff] }));
  const shape = { ...SHAPE, restartInterval: 4 };
  assertEquals(restarts[0]?.data, whole(scaledTables(50), shape));
});

test("tables that are told once stay for their quality, but for 255", () => {
  const tables = Uint8Array.from({ length: 128 }, () => 7);
  const first = (quality: number) =>
    picture(0, { quality }).map((fragment) => ({
      ...fragment,
      extra: fragment.offset === 0 ? [0, 0, 0, 128, ...tables] : [],
    }));
  const later = (quality: number) =>
    picture(1, { quality }).map((fragment) => ({
      ...fragment,
      extra: fragment.offset === 0 ? [0, 0, 0, 0] : [],
    }));
  const kept = unitsOf([...first(200), ...later(200)]);
  assertEquals(kept.map(({ data }) => data), [whole(tables), whole(tables)]);
  const changing = unitsOf([...first(255), ...later(255)]);
  assertEquals(changing.map(({ suspect }) => suspect), [false, true]);
});

test("pictures that are too large for the header have their size from the description", () => {
  const size = { width: 4096, height: 2160 };
  assertEquals(
    unitsOf(picture(0, { sides: [0, 0] }), size)[0]?.data,
    whole(scaledTables(50), { ...SHAPE, ...size }),
  );
  assertEquals(unitsOf(picture(0), size)[0]?.data, whole());
});

test("what is lost of a picture is seen, and the others are good", () => {
  for (const lost of [0, 1, 2]) {
    const fragments = [...picture(0), ...picture(1), ...picture(2)];
    fragments[3 + lost] = { ...fragments[3 + lost]!, lost: true };
    const units = unitsOf(fragments);
    assertEquals(units.filter(({ suspect }) => !suspect).map(({ timestamp }) => timestamp), [0, 2]);
    assert(units.some(({ suspect, timestamp }) => suspect && timestamp === 1), `${lost}`);
  }
});

test("a picture without a marker ends with the next one", () => {
  const unmarked = (timestamp: number) => picture(timestamp, { marker: false });
  const ended = unmarked(0).map((one) => ({
    ...one,
    data: one.offset === 60 ? Uint8Array.from([...one.data, ...END]) : one.data,
  }));
  assertEquals(unitsOf([...ended, ...picture(1)]).map(({ suspect }) => suspect), [false, false]);
  // Without its end nobody knows whether there was more.
  assertEquals(unitsOf([...unmarked(0), ...picture(1)]).map(({ suspect }) => suspect), [
    true,
    false,
  ]);
});

test("rubbish throws nothing", () => {
  forAll(200, (drawn) => {
    unitsOf(Array.from({ length: 10 }, () => ({
      offset: drawn.pick([0, 0, 5, 1000]),
      type: drawn.integer(0, 255),
      quality: drawn.integer(0, 255),
      marker: drawn.number() < 0.3,
      timestamp: drawn.integer(0, 2),
      data: Uint8Array.from({ length: drawn.integer(0, 30) }, () => drawn.integer(0, 255)),
    })));
  });
});
