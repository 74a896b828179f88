/**
 * The video of an input that was opened.
 *
 * @module
 */

import { SessionError } from "../../av/check.ts";
import type { Input, InputStream } from "../../av/input.ts";
import type { Packet } from "../../av/packet.ts";
import { describeTracks, type Track } from "../../core/connection/track.ts";
import { now } from "../../core/timing/clock.ts";
import type { ReadRequest } from "../../thread/read_protocol.ts";
import { listens } from "./demuxer_options.ts";
import { assertFileFits, assertFits, PICTURE_LIMIT } from "./picture_limit.ts";
import type { Completed } from "./video_source.ts";

/** So long before `openTimeout` is over, it is said that there is no video. */
const MARGIN_MS = 250;

const BY_LIBAV: Completed = { by: "libav" };

export interface FoundVideo {
  readonly stream: InputStream;
  readonly completed: Completed;
  /** Its packets are those of RTP, without a container. */
  readonly isRtp: boolean;
}

/** How the video of an input is found. */
export interface VideoSearch {
  readonly input: Input;
  readonly request: ReadRequest;
  /** For what is read on the way. */
  readonly packet: Packet;
  /** When the attempt began. */
  readonly began: number;
  readonly stopRequested: () => boolean;
}

/**
 * Chooses the video, and has an RTSP server send.
 *
 * @throws {SessionError} `NO_VIDEO`, `UNSUPPORTED_CODEC`
 * @throws {CallError}
 */
export function findVideo(search: VideoSearch): FoundVideo {
  const { input, request } = search;
  if (!request.media.rules.demuxers.includes("rtsp")) return inContainer(search);
  // With MPEG-TS in RTP, the streams are in there.
  const named = input.mayGrow ? undefined : requireVideo(input, request);
  if (!listens(request)) input.play();
  if (!named) return inContainer(search);
  // An RTSP server has named all streams: what cannot be had must not be probed for,
  // and what the SDP says is enough to open a decoder.
  const { codec } = named;
  if (request.latency === "lowest") {
    if (codec === "h264" || codec === "hevc") {
      input.skipParser();
      return { stream: named, completed: { by: "rules", codec }, isRtp: true };
    }
    if (codec === "mjpeg") return { stream: named, completed: BY_LIBAV, isRtp: true };
  }
  input.findStreamInfo(PICTURE_LIMIT);
  return { stream: requireVideo(input, request), completed: BY_LIBAV, isRtp: true };
}

function inContainer(search: VideoSearch): FoundVideo {
  const { input, request } = search;
  const declared = input.tracks.filter(({ kind }) => kind === "video");
  // Where there is no other, nothing has to be looked at.
  if (declared.length === 1) assertFits(declared[0]!);
  assertFileFits(input);
  input.findStreamInfo(PICTURE_LIMIT);
  const stream = chooseVideo(input, request) ?? waitForVideo(search);
  return { stream, completed: BY_LIBAV, isRtp: false };
}

/** Reads on until there is video: streams may come later than what was looked at. */
function waitForVideo({ input, request, packet, began, stopRequested }: VideoSearch): InputStream {
  const deadline = began + request.openTimeout - MARGIN_MS;
  let count = input.tracks.length;
  while (input.mayGrow && now() < deadline && !stopRequested()) {
    const result = input.read(packet);
    packet.unref();
    if (result === "end") break;
    if (input.tracks.length === count) continue;
    count = input.tracks.length;
    const stream = chooseVideo(input, request);
    if (stream) return stream;
  }
  throw noVideo(input.tracks);
}

function requireVideo(input: Input, request: ReadRequest): InputStream {
  const stream = chooseVideo(input, request);
  if (!stream) throw noVideo(input.tracks);
  return stream;
}

function noVideo(tracks: readonly Track[]): SessionError {
  const others = tracks.length > 0 ? `; there is ${describeTracks(tracks)}` : "";
  return new SessionError("open", "NO_VIDEO", `no video in the stream${others}`);
}

/**
 * The track that the program wants, or the best that can be decoded.
 *
 * @returns undefined while there is no video at all
 * @throws {SessionError} `UNSUPPORTED_CODEC`; `NO_VIDEO` when the wanted one is no video
 */
function chooseVideo(input: Input, { track }: ReadRequest): InputStream | undefined {
  const stream = input.select("video", track);
  const { tracks } = input;
  if (stream) {
    assertFits(tracks[stream.index]!);
    return stream;
  }
  const candidates = tracks.filter(({ kind, index }) => {
    return kind === "video" && (track === undefined || index === track);
  });
  if (candidates.length > 0) throw noDecoder(candidates, tracks);
  if (track === undefined || tracks.length === 0 || input.mayGrow) return undefined;
  const wrong = track < tracks.length ? "which is no video" : "which the stream does not have";
  const reason = `the option track is ${track}, ${wrong}; there is ${describeTracks(tracks)}`;
  throw new SessionError("open", "NO_VIDEO", reason);
}

function noDecoder(candidates: readonly Track[], tracks: readonly Track[]): SessionError {
  const known = candidates.filter(({ codec }) => codec !== "unknown").map(({ codec }) => codec);
  const reason = known.length > 0
    ? `the installed FFmpeg has no decoder for ${known.join(", ")}`
    : `FFmpeg does not know the codec of track ${candidates.map(({ index }) => index).join(", ")}`;
  const others = tracks.length > 1 ? `; there is ${describeTracks(tracks)}` : "";
  return new SessionError("open", "UNSUPPORTED_CODEC", reason + others);
}
