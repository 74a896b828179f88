/** The recorded traces: what a real camera sent, with other bytes in the pictures. */

import { readFileSync } from "node:fs";
import type { NalCodec } from "../../../src/core/nal_unit.ts";
import type { TestPacket } from "./sender.ts";

/** The packets of one timestamp. */
interface TracePicture {
  readonly pts: number;
  /** Bytes of a continuation, or NAL units: their first bytes in hex, and sizes. */
  readonly packets: readonly (number | readonly (string | number)[])[];
}

export interface RecordedTrace {
  readonly codec: NalCodec;
  /** Cut where the timestamp changed when it was recorded. */
  readonly pictures: readonly (readonly TestPacket[])[];
}

/** Written by test/support/record_trace.ts. */
export function readTrace(name: string): RecordedTrace {
  const text = readFileSync(new URL(`${name}.json`, import.meta.url), "utf8");
  const { codec, pictures }: { codec: NalCodec; pictures: TracePicture[] } = JSON.parse(text);
  let seed = 0;
  return {
    codec,
    pictures: pictures.map(({ pts, packets }) =>
      packets.map((packet) => ({ data: restore(packet, seed++), pts: BigInt(pts) }))
    ),
  };
}

function restore(packet: TracePicture["packets"][number], seed: number): Uint8Array {
  if (typeof packet === "number") return fill(new Uint8Array(packet), seed);
  const parts: number[] = [];
  for (let i = 0; i < packet.length; i += 2) {
    const part = fill(new Uint8Array(Number(packet[i + 1])), seed + i);
    part.set(Uint8Array.from(String(packet[i]).match(/../g) ?? [], (hex) => parseInt(hex, 16)));
    parts.push(...part);
  }
  return Uint8Array.from(parts);
}

/** Never 0 or 1, and not the same from packet to packet. */
function fill(bytes: Uint8Array, seed: number): Uint8Array {
  return bytes.map((_, i) => 2 + (i * 7 + seed * 13) % 250);
}
