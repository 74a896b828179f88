/**
 * The formats of a media: what its payload types stand for (RFC 8866, sections 5.14, 6.6 and 6.15).
 *
 * @module
 */

import { STATIC_PAYLOADS } from "./payload_types.ts";
import { parseSize, type PictureSize } from "./picture_size.ts";

/** One payload type. */
export interface MediaFormat {
  /** 0 to 127. */
  readonly payloadType: number;
  /** In capitals: `H264`, `MPEG4-GENERIC`; undefined where nothing tells it. */
  readonly encoding: string | undefined;
  /** Ticks of a second; undefined where nothing tells it. */
  readonly clockRate: number | undefined;
  /** Of sound. */
  readonly channels: number | undefined;
  /** `a=fmtp`: names in small letters, values as they are; without a value: "". */
  readonly parameters: ReadonlyMap<string, string>;
  /** What the server takes by RTCP (RFC 4585, section 4.2): `nack pli`, `ccm fir`. */
  readonly feedback: readonly string[];
  /** Of the pictures, by `a=framesize` (3GPP TS 26.234, section 5.3.3.2). */
  readonly size: PictureSize | undefined;
}

/** The attributes of a media that each format may have, in their order. */
export type FormatLines = Readonly<
  Record<"rtpmap" | "fmtp" | "framesize" | "rtcp-fb", string[]>
>;

/** RFC 8866, section 6.6: `H264/90000`, `MPEG4-GENERIC/48000/2`. */
const MAP = /^([^\s/]+)\s*(?:\/\s*(\d{1,9}))?\s*(?:\/\s*(\d{1,3}))?/;
/** Pictures have this clock (RFC 3551, section 5). */
const PICTURE_CLOCK = 90_000;
/** Of one attribute and payload type. */
const MAX_LINES = 32;

/** @param payloads the end of the media line: `96 97` */
export function readFormats(kind: string, payloads: string, lines: FormatLines): MediaFormat[] {
  const listed = payloads.split(/\s+/);
  // Nothing is listed on some servers.
  const all = payloads === "" ? lines.rtpmap.map((line) => line.split(/\s/)[0]!) : listed;
  const types = new Set(all.filter((text) => /^\d{1,3}$/.test(text)).map(Number));
  const byType = {
    rtpmap: new ByPayloadType(lines.rtpmap),
    fmtp: new ByPayloadType(lines.fmtp),
    framesize: new ByPayloadType(lines.framesize),
    feedback: new ByPayloadType(lines["rtcp-fb"]),
  };
  return [...types].filter((type) => type <= 127).map((type) => readFormat(kind, type, byType));
}

function readFormat(
  kind: string,
  payloadType: number,
  byType: Readonly<Record<"rtpmap" | "fmtp" | "framesize" | "feedback", ByPayloadType>>,
): MediaFormat {
  const usual = STATIC_PAYLOADS.get(payloadType);
  const map = byType.rtpmap.of(payloadType)[0] ?? "";
  const [, name, clock, count] = MAP.exec(map) ?? [];
  return {
    payloadType,
    encoding: name?.toUpperCase() ?? usual?.encoding,
    clockRate: Number(clock ?? 0) || usual?.clockRate ||
      (kind === "video" ? PICTURE_CLOCK : undefined),
    // One where none is told (RFC 8866, section 6.6).
    channels: kind === "audio" ? Number(count ?? 0) || (usual?.channels ?? 1) : undefined,
    parameters: parametersOf(byType.fmtp.of(payloadType)),
    feedback: byType.feedback.of(payloadType)
      .map((value) => value.toLowerCase().split(/\s+/).join(" ")),
    size: parseSize(byType.framesize.of(payloadType)[0]),
  };
}

/** Lines that begin with a payload type, or with `*` for all. */
class ByPayloadType {
  readonly #values = new Map<string, string[]>();

  constructor(lines: readonly string[]) {
    for (const line of lines) {
      const [, type, value] = /^(\d{1,3}|\*)\s+(.+)$/.exec(line) ?? [];
      if (type === undefined || value === undefined) continue;
      const key = type === "*" ? type : `${Number(type)}`;
      const known = this.#values.get(key);
      if (known && known.length < MAX_LINES) known.push(value);
      else if (!known) this.#values.set(key, [value]);
    }
  }

  of(payloadType: number): readonly string[] {
    const [all = [], own = []] = [this.#values.get("*"), this.#values.get(`${payloadType}`)];
    return [...own, ...all];
  }
}

function parametersOf(values: readonly string[]): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const part of values.join(";").split(";")) {
    // Only the first "=" divides: parameter sets in base64 end with some.
    const equals = (part + "=").indexOf("=");
    const name = part.slice(0, equals).trim().toLowerCase();
    const value = part.slice(equals + 1).trim().replace(/^"(.*)"$/, "$1");
    if (name !== "") parameters.set(name, value);
  }
  return parameters;
}
