/** The recorded traces: what a real camera sent, with other bytes in the pictures. */

import { readFileSync } from "node:fs";
import type { NalCodec } from "../../../../src/core/bitstream/nal_codec.ts";
import { concat, type TestPacket } from "./sender.ts";

export interface RecordedTrace {
  readonly codec: NalCodec;
  /** Cut where the timestamp changed when it was recorded. */
  readonly pictures: readonly (readonly TestPacket[])[];
}

/** Written by test/support/record_trace.ts. */
export function readTrace(name: string): RecordedTrace {
  const text = readFileSync(new URL(`${name}.json`, import.meta.url), "utf8");
  const { codec, pictures }: { codec: NalCodec; pictures: string[] } = JSON.parse(text);
  let seed = 0;
  return {
    codec,
    pictures: pictures.map((picture) => {
      const [pts, ...words] = picture.split(" ");
      return words.flatMap((word) => {
        const [packet, count = "1"] = word.split("*");
        return Array.from({ length: Number(count) }, () => {
          return { data: restore(packet!, seed++), pts: BigInt(pts!) };
        });
      });
    }),
  };
}

/** See `outline` in test/support/record_trace.ts. */
function restore(packet: string, seed: number): Uint8Array {
  return concat(
    packet.split("+").map((part, i) => {
      const [head, size] = part.includes(":") ? part.split(":") : ["", part];
      const bytes = fill(new Uint8Array(Number(size)), seed + i);
      const start = part.includes(":") ? `00000001${head}` : "";
      bytes.set(Uint8Array.from(start.match(/../g) ?? [], (hex) => parseInt(hex, 16)));
      return bytes;
    }),
  );
}

/** Never 0 or 1, and not the same from packet to packet. */
function fill(bytes: Uint8Array, seed: number): Uint8Array {
  return bytes.map((_, i) => 2 + (i * 7 + seed * 13) % 250);
}
