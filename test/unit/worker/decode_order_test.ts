import { assertEquals } from "@std/assert";
import { test } from "node:test";
import type { StreamPacket } from "../../../src/core/output/stream_packet.ts";
import { DecodeOrder } from "../../../src/worker/read/decode_order.ts";

const RTP = { num: 1, den: 90_000 };
/** At 30 frames a second. */
const FRAME = 3_000n;

/** What came out, with times in frames. */
class Ordered {
  readonly packets: StreamPacket[] = [];
  readonly order: DecodeOrder;

  constructor(readAhead = false) {
    const arrival = { live: true, readAhead };
    this.order = new DecodeOrder(3, RTP, arrival, (packet) => this.packets.push(packet));
  }

  push(...places: readonly bigint[]): void {
    for (const place of places) {
      const data = Uint8Array.of(Number(place));
      this.order.push(
        { data, pts: place * FRAME, keyframe: place === 0n },
        Number(place) * 1_000 / 30,
      );
    }
  }

  get rows(): (readonly [pts: bigint, dts: bigint])[] {
    return this.packets.map(({ pts, dts }) => [pts / FRAME, dts / FRAME] as const);
  }
}

test("pictures that are shown in the order of decoding have one time for both", () => {
  const ordered = new Ordered();
  ordered.push(0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n);
  assertEquals(ordered.rows.length, 9);
  assertEquals(ordered.rows.every(([pts, dts]) => pts === dts), true);
});

test("B-frames are decoded before they are shown, and so the first ones are too", () => {
  const ordered = new Ordered();
  ordered.push(0n, 2n, 1n, 4n, 3n, 6n, 5n, 8n);
  assertEquals(ordered.rows, [
    [0n, -1n],
    [2n, 0n],
    [1n, 1n],
    [4n, 2n],
    [3n, 3n],
    [6n, 4n],
    [5n, 5n],
    [8n, 6n],
  ]);
  ordered.push(7n, 9n);
  assertEquals(ordered.rows.slice(8), [[7n, 7n], [9n, 8n]]);
});

test("nothing comes out before eight packets, and flush() gives what is there, once", () => {
  const ordered = new Ordered();
  ordered.push(0n, 1n, 2n, 3n, 4n, 5n, 6n);
  assertEquals(ordered.rows, []);
  ordered.order.flush();
  ordered.order.flush();
  assertEquals(ordered.rows.length, 7);
  ordered.push(7n);
  assertEquals(ordered.rows.at(-1), [7n, 7n]);
});

/** What comes out of packets with decoding times of their own. */
function told(readAhead: boolean, ...times: readonly (readonly [pts: bigint, dts: bigint])[]) {
  const { order, packets } = new Ordered(readAhead);
  for (const [at, [pts, dts]] of times.entries()) {
    order.push({ data: Uint8Array.of(at), pts, dts, keyframe: at === 0 }, 77 + at * 33);
  }
  return packets.map(({ data, pts, dts, mended }) => [data[0], pts, dts, mended]);
}

test("a decoding time that the stream tells is kept, and nothing is held back", () => {
  assertEquals(told(false, [9_000n, 5_000n], [8_000n, 8_000n]), [
    [0, 9_000n, 5_000n, false],
    [1, 8_000n, 8_000n, false],
  ]);
});

test("of a stream that libav has read ahead of, two packets are held back", () => {
  assertEquals(told(true, [9_000n, 5_000n], [8_000n, 8_000n]), []);
  assertEquals(told(true, [9_000n, 5_000n], [8_000n, 8_000n], [12_000n, 11_000n]), [
    [0, 9_000n, 5_000n, false],
    [1, 8_000n, 8_000n, false],
    [2, 12_000n, 11_000n, false],
  ]);
});

test("a first decoding time there that is after the next one is not believed", () => {
  assertEquals(told(true, [21_600n, 21_600n], [3_600n, 3_600n], [7_200n, 7_200n]), [
    [0, 0n, 0n, false],
    [1, 3_600n, 3_600n, false],
    [2, 7_200n, 7_200n, false],
  ]);
});

test("a packet that was held back has the bytes, mark and arrival that it came with", () => {
  const ordered = new Ordered();
  ordered.push(0n, 1n);
  ordered.order.flush();
  assertEquals(ordered.packets, [
    { stream: 3, data: Uint8Array.of(0), pts: 0n, dts: 0n, keyframe: true, time: 0, mended: false },
    {
      stream: 3,
      data: Uint8Array.of(1),
      pts: FRAME,
      dts: FRAME,
      keyframe: false,
      time: 1_000 / 30,
      mended: false,
    },
  ]);
});
