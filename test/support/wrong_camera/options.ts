/** In what a camera can be wrong. Without options, it grants everything and sends nothing. */

import type { Answers, Greeting } from "./answers.ts";
import type { Authentication } from "./authentication.ts";
import type { Footage, FootageCodec } from "./footage.ts";
import type { Fates } from "./loss.ts";
import type { Packing } from "./packetizer.ts";
import type { Timestamps } from "./times.ts";

export interface WrongCameraOptions extends PlayOptions {
  /** A file, or the bytes of one, whose `codec` has to be given. */
  footage?: string | Uint8Array | Footage | undefined;
  codec?: FootageCodec | undefined;
  sdp?: SdpOptions | undefined;
  /** Media that stand before the video in the SDP, and behind it. */
  before?: readonly ExtraMedia[] | undefined;
  after?: readonly ExtraMedia[] | undefined;
  authentication?: Authentication | undefined;
  answers?: Answers | undefined;
  /** What a client gets that has not asked yet. */
  greeting?: Greeting | undefined;
  session?: SessionOptions | undefined;
  /** What SETUP may ask for; anything else is refused with 461. Default: only TCP. */
  transports?: readonly ("tcp" | "udp")[] | undefined;
  port?: number | undefined;
}

export interface SessionOptions {
  /** Seconds, told in the Session header; default: it tells none. */
  timeout?: number | undefined;
  /** Hangs up on a client that has asked nothing for so long; default false. */
  enforced?: boolean | undefined;
}

export interface SdpOptions {
  /** Whether the fmtp has them; default true. */
  parameterSets?: boolean | undefined;
  /** Instead of the right one; `false`: none. */
  fmtp?: string | false | undefined;
  /** Default: `fps`; `false`: none is told. */
  framerate?: number | false | undefined;
  /** The payload type that is told and sent; default: the usual one. */
  payloadType?: number | undefined;
  /** Whatever else is to be different. */
  change?: ((lines: string[]) => string[]) | undefined;
}

export interface ExtraMedia {
  /** Without "a=control:", which is added. */
  readonly lines: readonly string[];
  readonly control: string;
  /** The status that SETUP is answered by; default 200. */
  readonly setup?: number | undefined;
  /** What is sent: the pictures of the camera once more, or silence (PCMA). */
  readonly sends?: "pictures" | "silence" | undefined;
}

export interface PlayOptions {
  /** Pictures a second; default 25, or what an MPEG-TS says. */
  fps?: number | undefined;
  /** The first picture of each connection; default 0. */
  start?: number | undefined;
  /** The pictures go on while nobody is connected; default: each connection begins at `start`. */
  live?: boolean | undefined;
  /** What comes after the last picture; default "loop". */
  end?: "loop" | "silence" | "close" | "bye" | undefined;
  /** So many pictures are sent at once at the beginning. */
  burst?: number | undefined;
  timestamps?: Timestamps | undefined;
  reports?: ReportOptions | undefined;
  packing?: Packing | undefined;
  marker?: "right" | "never" | "always" | undefined;
  fates?: Fates | undefined;
  /** No pictures for a while; sound and reports flow. */
  pauses?: readonly { at: number; ms: number }[];
  /** Freezes before this picture: nothing is sent or answered any more. */
  stall?: { at: number };
  /** Ends the connection before this picture; "mid-packet": in the middle of its first packet. */
  hangUp?: { at: number; how?: "close" | "half-close" | "mid-packet" };
}

/** RTCP sender reports. */
export interface ReportOptions {
  /** Milliseconds from one to the next; default 1000. The first comes with the first picture. */
  every?: number | undefined;
  /** Milliseconds by which the camera's clock is ahead. */
  offset?: number | undefined;
  /** How many times as fast as time its clock goes; default 1. */
  rate?: number | undefined;
  /** The NTP time is zero: the camera has no clock. */
  zero?: boolean | undefined;
}

/** SETUP is granted, and nothing is sent unless `sends` is set. */
export const UNKNOWN_VIDEO: ExtraMedia = {
  lines: ["m=video 0 RTP/AVP 98", "a=rtpmap:98 X-UNKNOWN/90000"],
  control: "unknown",
};

/** The pictures of an H.264 camera for a second time. */
export const SECOND_VIDEO: ExtraMedia = {
  lines: ["m=video 0 RTP/AVP 96", "a=rtpmap:96 H264/90000", "a=fmtp:96 packetization-mode=1"],
  control: "track2",
  sends: "pictures",
};

export const UNKNOWN_AUDIO: ExtraMedia = {
  lines: ["m=audio 0 RTP/AVP 99", "a=rtpmap:99 X-UNKNOWN/8000"],
  control: "unknown-audio",
};

export const METADATA: ExtraMedia = {
  lines: ["m=application 0 RTP/AVP 107", "a=rtpmap:107 vnd.onvif.metadata/90000"],
  control: "metadata",
};

export const SOUND: ExtraMedia = {
  lines: ["m=audio 0 RTP/AVP 8", "a=rtpmap:8 PCMA/8000"],
  control: "sound",
  sends: "silence",
};
