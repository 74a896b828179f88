/** Pictures as RTP payloads: RFC 6184 (H.264), RFC 7798 (HEVC), RFC 2435 (JPEG), RFC 2250 (TS). */

import { Buffer } from "node:buffer";
import { isSlice, type NalCodec } from "./annex_b.ts";
import type { FootageCodec, Picture } from "./footage.ts";
import { jpegPayloads } from "./jpeg.ts";

export interface Payload {
  readonly data: Buffer;
  /** Of a NAL unit that is a picture or a part of one; of JPEG and MPEG-TS always. */
  readonly slice: boolean;
  /** What it is of its NAL unit. */
  readonly part: "whole" | "first" | "middle" | "last";
}

export interface Packing {
  /** The largest payload in bytes; default 1400. A larger NAL unit is sent in fragments. */
  size?: number | undefined;
  /** Small NAL units of a picture go together (STAP-A, AP); default: each has its packet. */
  aggregate?: boolean | undefined;
}

export function packetize(
  codec: FootageCodec,
  picture: Picture,
  { size = 1400, aggregate = false }: Packing = {},
): Payload[] {
  if (codec === "ts") {
    return picture.units.map((data) => ({ data, slice: true, part: "whole" }));
  }
  if (codec === "mjpeg") {
    return parts(picture.units.flatMap((unit) => jpegPayloads(unit, size)), true);
  }
  return (aggregate ? runs(picture.units, size) : picture.units.map((unit) => [unit]))
    .flatMap((units) =>
      units.length > 1 ? [aggregated(codec, units)] : fragments(codec, units[0]!, size)
    );
}

function parts(pieces: readonly Buffer[], slice: boolean): Payload[] {
  const last = pieces.length - 1;
  return pieces.map((data, i) => ({
    ...{ data, slice },
    part: last === 0 ? "whole" : i === 0 ? "first" : i === last ? "last" : "middle",
  }));
}

/** Neighbours that fit into one packet together. */
function runs(units: readonly Buffer[], size: number): Buffer[][] {
  const runs: Buffer[][] = [];
  let room = 0;
  for (const unit of units) {
    if (unit.length + 2 > room) {
      runs.push([]);
      room = size - 2;
    }
    runs[runs.length - 1]!.push(unit);
    room -= unit.length + 2;
  }
  return runs;
}

const AGGREGATE = { h264: 24, hevc: 48 } as const;
const FRAGMENT = { h264: 28, hevc: 49 } as const;

/** A NAL unit's header with another type. */
function retyped(codec: NalCodec, unit: Buffer, type: number): number[] {
  return codec === "h264" ? [unit[0]! & 0xe0 | type] : [unit[0]! & 0x81 | type << 1, unit[1]!];
}

function aggregated(codec: NalCodec, units: readonly Buffer[]): Payload {
  const pieces: Buffer[] = [Buffer.from(retyped(codec, units[0]!, AGGREGATE[codec]))];
  for (const unit of units) {
    pieces.push(Buffer.from([unit.length >> 8, unit.length & 255]), unit);
  }
  const slice = units.some((unit) => isSlice(codec, unit));
  return { data: Buffer.concat(pieces), slice, part: "whole" };
}

function fragments(codec: NalCodec, unit: Buffer, size: number): Payload[] {
  const slice = isSlice(codec, unit);
  if (unit.length <= size) return parts([unit], slice);
  const type = codec === "h264" ? unit[0]! & 0x1f : unit[0]! >> 1 & 0x3f;
  const header = retyped(codec, unit, FRAGMENT[codec]);
  const room = size - header.length - 1;
  const pieces: Buffer[] = [];
  for (let at = header.length; at < unit.length; at += room) {
    const piece = unit.subarray(at, at + room);
    const start = at === header.length ? 0x80 : 0;
    const end = at + room >= unit.length ? 0x40 : 0;
    pieces.push(Buffer.concat([Buffer.from([...header, start | end | type]), piece]));
  }
  return parts(pieces, slice);
}
