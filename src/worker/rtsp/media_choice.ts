/**
 * Which media of a session description is read, and how.
 *
 * @module
 */

import type { Libav } from "../../../ffi/mod.ts";
import { SessionError } from "../../av/check.ts";
import { hasDecoder } from "../../av/decoder.ts";
import { describeTracks, type Track, type TrackKind } from "../../core/connection/track.ts";
import type { MediaFormat } from "../../core/rtsp/media_format.ts";
import type { MediaSection, SessionDescription } from "../../core/rtsp/sdp.ts";
import { Unsupported } from "../unsupported.ts";

/** libav's names of the codecs that this client takes apart. */
export type OwnCodec = "h264" | "hevc" | "mjpeg";

/** The video, as it is sent. */
export interface ChosenMedia {
  readonly media: MediaSection;
  readonly format: MediaFormat;
  readonly codec: OwnCodec;
  readonly tracks: readonly Track[];
}

const CODECS: Readonly<Record<string, OwnCodec>> = {
  H264: "h264",
  H265: "hevc",
  HEVC: "hevc",
  JPEG: "mjpeg",
};
/** What libav may read, and this client does not. */
const OTHERS: Readonly<Record<string, string>> = {
  "MP4V-ES": "mpeg4",
  "MPV": "mpeg2video",
  "H261": "h261",
  "H263": "h263",
  "H263-1998": "h263",
  "H263-2000": "h263",
  "VP8": "vp8",
  "VP9": "vp9",
  "AV1": "av1",
  "THEORA": "theora",
  "MP2T": "mpegts",
  "MP1S": "mpeg",
  "MP2P": "mpeg",
  "RAW": "rawvideo",
  "VC2": "dirac",
  "QUICKTIME": "quicktime",
  "X-QT": "quicktime",
  "X-PN-REALVIDEO": "rv40",
};
const SOUNDS: Readonly<Record<string, string>> = {
  "MPEG4-GENERIC": "aac",
  "MP4A-LATM": "aac_latm",
  "PCMU": "pcm_mulaw",
  "PCMA": "pcm_alaw",
  "OPUS": "opus",
  "MPA": "mp3",
  "L16": "pcm_s16be",
  "AC3": "ac3",
};
/** RFC 3551: without encryption; feedback (RFC 4585) or not. */
const PLAIN = /^RTP\/AVPF?(\/(TCP|UDP))?$/;

/**
 * The track that the program wants, or the first one that can be decoded.
 *
 * @param wanted the index of the only one that will do
 * @throws {Unsupported} libav may be able to read it.
 * @throws {SessionError} `NO_VIDEO`, `UNSUPPORTED_CODEC`
 */
export function chooseMedia(
  libav: Libav,
  { media: all }: SessionDescription,
  wanted: number | undefined,
): ChosenMedia {
  const videos = all.filter(({ kind }) => kind === "video");
  // libav counts the video of an RTSP server alone, and so does the option `track`.
  const sorted = [...videos, ...all.filter((media) => !videos.includes(media))];
  const tracks = sorted.map((media, index) => trackOf(libav, media, index));
  if (videos.length === 0) {
    const container = all.find(({ formats }) => formats[0]?.encoding === "MP2T");
    if (container) throw new Unsupported("MPEG-TS in RTP");
    throw noVideo(tracks);
  }
  const candidates = videos.filter((_, index) => wanted === undefined || index === wanted);
  if (candidates.length === 0) throw wrongTrack(wanted!, tracks);
  const media = candidates.find((one) => nameOf(one) !== undefined);
  if (!media) throw unknownCodec(tracks, candidates.map((one) => sorted.indexOf(one)));
  const format = media.formats[0]!;
  const codec = CODECS[format.encoding ?? ""];
  if (codec === undefined) throw new Unsupported(`${format.encoding} in RTP`);
  if (!PLAIN.test(media.protocol)) throw new Unsupported(media.protocol);
  assertPacketization(codec, format);
  const index = sorted.indexOf(media);
  if (!tracks[index]!.decodable) {
    const reason = `the installed FFmpeg has no decoder for ${codec}`;
    throw new SessionError("open", "UNSUPPORTED_CODEC", reason);
  }
  return {
    media,
    format,
    codec,
    tracks: tracks.map((track, i) => ({ ...track, selected: i === index })),
  };
}

/** Interleaved NAL units come in another order than that of decoding. */
function assertPacketization(codec: OwnCodec, { parameters }: MediaFormat): void {
  // RFC 6184, 8.1; RFC 7798, 7.1.
  if (codec === "h264" && parameters.get("packetization-mode") === "2") {
    throw new Unsupported("interleaved packets of H.264 (packetization-mode 2)");
  }
  const difference = Number(parameters.get("sprop-max-don-diff") ?? 0);
  const depth = Number(parameters.get("sprop-depack-buf-nalus") ?? 0);
  if (codec === "hevc" && (difference > 0 || depth > 0)) {
    throw new Unsupported("packets of HEVC with decoding order numbers (sprop-max-don-diff)");
  }
}

function nameOf({ formats }: MediaSection): string | undefined {
  const encoding = formats[0]?.encoding ?? "";
  return CODECS[encoding] ?? OTHERS[encoding];
}

const KINDS: Readonly<Record<string, TrackKind>> = {
  video: "video",
  audio: "audio",
  text: "subtitle",
};

function trackOf(libav: Libav, media: MediaSection, index: number): Track {
  const kind = KINDS[media.kind] ?? "other";
  const format = media.formats[0];
  const codec = nameOf(media) ?? SOUNDS[format?.encoding ?? ""] ?? "unknown";
  const size = kind === "video" ? format?.size ?? media.size : undefined;
  return {
    index,
    kind,
    codec,
    decodable: codec !== "unknown" && hasDecoder(libav, codec),
    width: size?.width,
    height: size?.height,
    selected: false,
  };
}

function noVideo(tracks: readonly Track[]): SessionError {
  const reason = `no video in the stream; there is ${describeTracks(tracks)}`;
  return new SessionError("open", "NO_VIDEO", reason);
}

function wrongTrack(wanted: number, tracks: readonly Track[]): SessionError {
  const wrong = wanted < tracks.length ? "which is no video" : "which the stream does not have";
  const reason = `the option track is ${wanted}, ${wrong}; there is ${describeTracks(tracks)}`;
  return new SessionError("open", "NO_VIDEO", reason);
}

function unknownCodec(tracks: readonly Track[], indices: readonly number[]): SessionError {
  const others = tracks.length > 1 ? `; there is ${describeTracks(tracks)}` : "";
  const reason = `FFmpeg does not know the codec of track ${indices.join(", ")}${others}`;
  return new SessionError("open", "UNSUPPORTED_CODEC", reason);
}
