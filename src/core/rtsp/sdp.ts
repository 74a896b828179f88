/**
 * Session descriptions (RFC 8866, and RFC 4566 before it) with what RTSP adds to them (RFC 2326,
 * appendix C). Lines that cannot be understood are left out.
 *
 * @module
 */

import { RtspFault } from "./fault.ts";
import { type FormatLines, type MediaFormat, readFormats } from "./media_format.ts";
import { parseSize, type PictureSize } from "./picture_size.ts";

/** What a server offers. */
export interface SessionDescription {
  /** The `s=` line. */
  readonly name: string | undefined;
  /** `a=control` of the whole, as it stands there. */
  readonly control: string | undefined;
  /** `a=range`, as it stands there: `npt=now-` (RFC 2326, section C.1.5). */
  readonly range: string | undefined;
  /** In the order of their lines, at most 32. */
  readonly media: readonly MediaSection[];
}

/** One media of it. */
export interface MediaSection {
  /** In small letters: `video`, `audio`, `application`. */
  readonly kind: string;
  /** 0 where the server is to choose it, which is the rule in RTSP. */
  readonly port: number;
  /** In capitals: `RTP/AVP`, `RTP/AVPF` (RFC 4585), `RTP/SAVP` (RFC 3711). */
  readonly protocol: string;
  /** The first one is the one to be expected. */
  readonly formats: readonly MediaFormat[];
  /** `a=control`, as it stands there. */
  readonly control: string | undefined;
  readonly range: string | undefined;
  readonly direction: Direction;
  /** Pictures a second. */
  readonly frameRate: number | undefined;
  /** Of the pictures, by `a=x-dimensions`; a format may have one of its own. */
  readonly size: PictureSize | undefined;
  /** Its own, or that of the whole. */
  readonly connection: ConnectionAddress | undefined;
  readonly sourceFilter: SourceFilter | undefined;
}

/** Seen from the server (RFC 8866, section 6.7). */
export type Direction = "sendrecv" | "sendonly" | "recvonly" | "inactive";

/** RFC 8866, section 5.7. */
export interface ConnectionAddress {
  readonly family: 4 | 6;
  readonly address: string;
  readonly multicast: boolean;
  /** How many routers a packet of IPv4 multicast may pass. */
  readonly ttl: number | undefined;
}

/** Whose packets of a group are wanted, or unwanted (RFC 4570). */
export interface SourceFilter {
  readonly mode: "incl" | "excl";
  /** `*`: any. */
  readonly destination: string;
  readonly sources: readonly string[];
}

const MAX_MEDIA = 32;
const MAX_SOURCES = 32;
const DIRECTION = /^(?:sendrecv|sendonly|recvonly|inactive)$/;

/** All that may stand in the session's part and in that of a media. */
class Section {
  readonly attributes = new Map<string, string>();
  direction: Direction | undefined;
  connection: ConnectionAddress | undefined;

  take(type: string, value: string): void {
    if (type === "c") this.connection ??= connectionOf(value);
    if (type !== "a") return;
    const colon = (value + ":").indexOf(":");
    const name = value.slice(0, colon).trim().toLowerCase();
    if (DIRECTION.test(name)) this.direction ??= name as Direction;
    else this.attribute(name, value.slice(colon + 1).trim());
  }

  /** The first of a name counts. */
  attribute(name: string, value: string): void {
    if (!this.attributes.has(name)) this.attributes.set(name, value);
  }
}

/** Its attributes of which each payload type may have one are kept apart. */
class MediaLines extends Section {
  readonly kind: string;
  readonly port: number;
  readonly protocol: string;
  readonly payloads: string;
  readonly formats: FormatLines = { rtpmap: [], fmtp: [], framesize: [], "rtcp-fb": [] };

  constructor(kind: string, port: number, protocol: string, payloads: string) {
    super();
    this.kind = kind;
    this.port = port;
    this.protocol = protocol;
    this.payloads = payloads;
  }

  override attribute(name: string, value: string): void {
    if (Object.hasOwn(this.formats, name)) this.formats[name as keyof FormatLines].push(value);
    else super.attribute(name, value);
  }
}

/**
 * @throws {RtspFault} `description`: it has no media
 */
export function parseDescription(text: string): SessionDescription {
  const session = new Section();
  const media: MediaLines[] = [];
  let name: string | undefined;
  /** Undefined after a media line that nobody understands: what follows belongs to it. */
  let section: Section | undefined = session;
  for (const line of text.split(/\r\n|[\r\n]/)) {
    const [, type, value = ""] = /^\s*([a-z])\s?=(.*)$/.exec(line) ?? [];
    if (type === undefined) continue;
    if (type === "s") name ??= value.trim() || undefined;
    if (type !== "m") {
      section?.take(type, value.trim());
      continue;
    }
    if (media.length === MAX_MEDIA) break;
    const begun: MediaLines | undefined = mediaOf(value.trim());
    if (begun) media.push(begun);
    section = begun;
  }
  if (media.length === 0) {
    throw new RtspFault("description", "the server's description of the stream (SDP) has no media");
  }
  return {
    name,
    control: session.attributes.get("control"),
    range: session.attributes.get("range"),
    media: media.map((lines) => readMedia(lines, session)),
  };
}

/** RFC 8866, section 5.14. */
function mediaOf(value: string): MediaLines | undefined {
  const [, kind, port, protocol, payloads = ""] =
    /^(\S+)\s+(\d{1,5})(?:\/\d+)?\s+(\S+)(?:\s+(.*))?$/.exec(value) ?? [];
  if (kind === undefined || protocol === undefined || Number(port) > 65535) return undefined;
  return new MediaLines(kind.toLowerCase(), Number(port), protocol.toUpperCase(), payloads);
}

function readMedia(lines: MediaLines, session: Section): MediaSection {
  const { kind, port, protocol, attributes } = lines;
  return {
    kind,
    port,
    protocol,
    formats: readFormats(kind, lines.payloads, lines.formats),
    control: attributes.get("control"),
    range: attributes.get("range"),
    direction: lines.direction ?? session.direction ?? "sendrecv",
    frameRate: rateOf(attributes.get("framerate") ?? attributes.get("x-framerate")),
    size: parseSize(attributes.get("x-dimensions")),
    connection: lines.connection ?? session.connection,
    sourceFilter: filterOf(
      attributes.get("source-filter") ?? session.attributes.get("source-filter"),
    ),
  };
}

function connectionOf(value: string): ConnectionAddress | undefined {
  const [, version, address, suffix] =
    /^IN\s+IP([46])\s+([\w.:%-]{1,255})(?:\/(\d{1,3}))?(?:\/\d+)?$/i.exec(value) ?? [];
  if (address === undefined) return undefined;
  const family = version === "4" ? 4 : 6;
  const multicast = isMulticast(address, family);
  // What stands behind an address of IPv6 is the count of them.
  const ttl = family === 4 && multicast && suffix !== undefined ? Number(suffix) : NaN;
  return { family, address, multicast, ttl: ttl <= 255 ? ttl : undefined };
}

/** RFC 5771 and RFC 4291, section 2.7. */
function isMulticast(address: string, family: 4 | 6): boolean {
  if (family === 6) return /^ff/i.test(address);
  const first = Number(/^(\d{1,3})\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.exec(address)?.[1] ?? 0);
  return first >= 224 && first <= 239;
}

/** RFC 8866, section 6.11; some write a fraction. */
function rateOf(value: string | undefined): number | undefined {
  const [, number, divisor = "1"] = /^(\d+(?:\.\d+)?)(?:\/(\d+(?:\.\d+)?))?/.exec(value ?? "") ??
    [];
  const rate = Number(number) / Number(divisor);
  return rate > 0 && rate < Infinity ? rate : undefined;
}

/** RFC 4570, section 3. */
function filterOf(value: string | undefined): SourceFilter | undefined {
  const [, mode, destination, sources] =
    /^(incl|excl)\s+IN\s+(?:IP[46]|\*)\s+(\S+)\s+(\S.*)$/i.exec(value ?? "") ?? [];
  if (mode === undefined || destination === undefined || sources === undefined) return undefined;
  return {
    mode: mode.toLowerCase() as SourceFilter["mode"],
    destination,
    sources: sources.split(/\s+/).slice(0, MAX_SOURCES),
  };
}
