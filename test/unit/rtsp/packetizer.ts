/** RTP packets of access units, as a camera makes them. */

export interface Sent {
  readonly bytes: Uint8Array;
  /** The number of the access unit that it belongs to. */
  readonly unit: number;
}

export interface TestUnit {
  readonly nals: readonly Uint8Array[];
  readonly timestamp: number;
}

export interface PacketizerOptions {
  readonly codec: "h264" | "hevc";
  /** Bytes of a payload, at most. */
  readonly most: number;
  /** When the marker is set: at the end of a unit as it should be, never, or in each packet. */
  readonly marker?: "end" | "never" | "always";
  /** Puts NAL units that are small enough together. */
  readonly aggregates?: boolean;
  readonly sequence?: number;
  readonly ssrc?: number;
  readonly payloadType?: number;
}

export function rtp(
  payload: Uint8Array,
  { sequence, timestamp, marker = false, ssrc = 7, payloadType = 96 }: {
    readonly sequence: number;
    readonly timestamp: number;
    readonly marker?: boolean;
    readonly ssrc?: number;
    readonly payloadType?: number;
  },
): Uint8Array {
  const bytes = new Uint8Array(12 + payload.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = 0x80;
  bytes[1] = (marker ? 0x80 : 0) | payloadType;
  view.setUint16(2, sequence & 0xffff);
  view.setUint32(4, timestamp >>> 0);
  view.setUint32(8, ssrc);
  bytes.set(payload, 12);
  return bytes;
}

/** All packets of the units, in order. */
export function packetize(units: readonly TestUnit[], options: PacketizerOptions): Sent[] {
  const { codec, most, marker = "end", aggregates = false, ssrc, payloadType } = options;
  let sequence = options.sequence ?? 0;
  return units.flatMap(({ nals, timestamp }, unit) => {
    const payloads = groups(nals, aggregates, most).flatMap((group) => {
      if (group.length > 1) return [aggregate(codec, group)];
      return group[0]!.length <= most ? [group[0]!] : fragments(codec, group[0]!, most);
    });
    return payloads.map((payload, i) => {
      const last = i === payloads.length - 1;
      const marked = marker === "always" || (marker === "end" && last);
      const header = { sequence: sequence++, timestamp, marker: marked, ssrc, payloadType };
      return { bytes: rtp(payload, header as never), unit };
    });
  });
}

function groups(nals: readonly Uint8Array[], aggregates: boolean, most: number): Uint8Array[][] {
  const all: Uint8Array[][] = [];
  let length = Infinity;
  for (const nal of nals) {
    if (aggregates && length + nal.length + 4 <= most) all.at(-1)!.push(nal);
    else {
      all.push([nal]);
      length = 2;
    }
    length += nal.length + 2;
  }
  return all;
}

function aggregate(codec: "h264" | "hevc", nals: readonly Uint8Array[]): Uint8Array {
  const header = codec === "h264" ? [0x78] : [48 << 1, 1];
  return Uint8Array.from([
    ...header,
    ...nals.flatMap((nal) => [nal.length >> 8, nal.length & 0xff, ...nal]),
  ]);
}

function fragments(codec: "h264" | "hevc", nal: Uint8Array, most: number): Uint8Array[] {
  const size = codec === "h264" ? 1 : 2;
  const type = codec === "h264" ? nal[0]! & 0x1f : nal[0]! >> 1 & 0x3f;
  const indicator = codec === "h264" ? [nal[0]! & 0xe0 | 28] : [nal[0]! & 0x81 | 49 << 1, nal[1]!];
  const parts: Uint8Array[] = [];
  for (let at = size; at < nal.length; at += most - size - 1) {
    const end = Math.min(nal.length, at + most - size - 1);
    const header = (at === size ? 0x80 : 0) | (end === nal.length ? 0x40 : 0) | type;
    parts.push(Uint8Array.from([...indicator, header, ...nal.subarray(at, end)]));
  }
  return parts;
}

/** A NAL unit of that type; a slice says whether it is its picture's first. */
export function nal(
  codec: "h264" | "hevc",
  type: number,
  length: number,
  first = true,
): Uint8Array {
  const header = codec === "h264" ? [0x60 | type] : [type << 1, 1];
  const body = Array.from({ length }, (_, i) => 2 + (i * 7 + type) % 200);
  return Uint8Array.from([...header, first ? 0x80 : 0x40, ...body]);
}

/** With start codes. */
export function annexB(nals: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(nals.flatMap((one) => [0, 0, 0, 1, ...one]));
}
