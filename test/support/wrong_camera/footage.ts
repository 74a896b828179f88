/** What the wrong camera plays: a file or bytes, cut into what is sent at one time. */

import { Buffer } from "node:buffer";
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { groupPictures, isKeySlice, isParameterSet, splitNalUnits } from "./annex_b.ts";

export type FootageCodec = "h264" | "hevc" | "mjpeg" | "ts";

export interface Picture {
  /** NAL units without start codes, one JPEG, or some MPEG-TS packets. */
  readonly units: readonly Buffer[];
  readonly keyframe: boolean;
}

export interface Footage {
  readonly codec: FootageCodec;
  readonly pictures: readonly Picture[];
  /** Each different one, in the order of the stream. */
  readonly parameterSets: readonly Buffer[];
  /** How many of `pictures` are a second, where the stream says so. */
  readonly rate?: number | undefined;
}

const EXTENSIONS: Record<string, FootageCodec> = {
  ".h264": "h264",
  ".264": "h264",
  ".hevc": "hevc",
  ".h265": "hevc",
  ".mjpeg": "mjpeg",
  ".jpg": "mjpeg",
  ".ts": "ts",
};

/** A file's codec is told by its extension. */
export async function loadFootage(
  source: string | Uint8Array | Footage,
  codec?: FootageCodec,
): Promise<Footage> {
  if (typeof source === "string") {
    const data = await readFile(source);
    return parse(data, codec ?? EXTENSIONS[extname(source)]);
  }
  return source instanceof Uint8Array ? parse(source, codec) : source;
}

function parse(stream: Uint8Array, codec: FootageCodec | undefined): Footage {
  const data = Buffer.from(stream.buffer, stream.byteOffset, stream.length);
  const footage = codec === "mjpeg"
    ? motionJpeg(data)
    : codec === "ts"
    ? transportStream(data)
    : codec && elementary(data, codec);
  if (!footage?.pictures.length) throw new Error(`there is no footage of codec ${codec}`);
  return footage;
}

function elementary(data: Buffer, codec: "h264" | "hevc"): Footage {
  const units = splitNalUnits(data);
  const sets = units.filter((unit) => isParameterSet(codec, unit));
  return {
    codec,
    pictures: groupPictures(codec, units).map((units) => ({
      units,
      keyframe: units.some((unit) => isKeySlice(codec, unit)),
    })),
    parameterSets: sets.filter((set, i) => sets.findIndex((other) => set.equals(other)) === i),
  };
}

function motionJpeg(data: Buffer): Footage {
  const pictures: Picture[] = [];
  const [begin, end] = [Buffer.from([0xff, 0xd8, 0xff]), Buffer.from([0xff, 0xd9])];
  for (let at = data.indexOf(begin); at !== -1;) {
    const stop = data.indexOf(end, at);
    if (stop === -1) break;
    pictures.push({ units: [data.subarray(at, stop + 2)], keyframe: true });
    at = data.indexOf(begin, stop);
  }
  return { codec: "mjpeg", pictures, parameterSets: [] };
}

const TS_PACKET = 188;
/** As many as fit an Ethernet frame. */
const TS_PACKETS = 7;

function transportStream(data: Buffer): Footage {
  const pictures: Picture[] = [];
  const clocks: number[] = [];
  for (let at = 0; at + TS_PACKET <= data.length; at += TS_PACKET) {
    const clock = programClock(data.subarray(at, at + TS_PACKET));
    if (clock !== undefined) clocks.push(clock);
    if (at / TS_PACKET % TS_PACKETS > 0) continue;
    const units = [data.subarray(at, Math.min(at + TS_PACKET * TS_PACKETS, data.length))];
    pictures.push({ units, keyframe: at === 0 });
  }
  const seconds = (clocks[clocks.length - 1]! - clocks[0]!) / 90_000;
  return { codec: "ts", pictures, parameterSets: [], rate: pictures.length / (seconds || 1) };
}

/** The PCR of an MPEG-TS packet that has one, in 1/90000 s (ISO 13818-1, 2.4.3.4). */
function programClock(packet: Buffer): number | undefined {
  const hasClock = packet[3]! & 0x20 && packet[4]! > 6 && packet[5]! & 0x10;
  return hasClock ? packet.readUInt32BE(6) * 2 + (packet[10]! >> 7) : undefined;
}
