/** The wrong camera's session description. */

import { nalType } from "./annex_b.ts";
import type { Footage, FootageCodec } from "./footage.ts";
import type { ExtraMedia, WrongCameraOptions } from "./options.ts";

const ENCODINGS: Record<FootageCodec, string> = {
  h264: "H264",
  hevc: "H265",
  mjpeg: "JPEG",
  ts: "MP2T",
};
const PAYLOAD_TYPES: Record<FootageCodec, number> = { h264: 96, hevc: 96, mjpeg: 26, ts: 33 };

/** The control attribute of the pictures. */
export const VIDEO_CONTROL = "track1";

export function payloadTypeOf(codec: FootageCodec, { sdp }: WrongCameraOptions): number {
  return sdp?.payloadType ?? PAYLOAD_TYPES[codec];
}

function parameters({ codec, parameterSets }: Footage): string {
  const texts = parameterSets.map((set) => set.toString("base64"));
  if (codec === "h264") {
    const profile = parameterSets.find((set) => nalType(codec, set) === 7)?.toString("hex", 1, 4);
    return `profile-level-id=${profile};sprop-parameter-sets=${texts.join(",")}`;
  }
  const names: Record<number, string> = { 32: "sprop-vps", 33: "sprop-sps", 34: "sprop-pps" };
  return parameterSets
    .map((set, i) => `${names[nalType("hevc", set)]}=${texts[i]}`)
    .join(";");
}

function fmtp(footage: Footage, { sdp }: WrongCameraOptions): string | false {
  if (sdp?.fmtp !== undefined) return sdp.fmtp;
  const { codec, parameterSets } = footage;
  const told = sdp?.parameterSets !== false && parameterSets.length > 0;
  const mode = codec === "h264" ? ["packetization-mode=1"] : [];
  return [...mode, ...told ? [parameters(footage)] : []].join(";") || false;
}

function extra({ lines, control }: ExtraMedia): string[] {
  return [...lines, `a=control:${control}`];
}

export function describe(footage: Footage | undefined, options: WrongCameraOptions): string {
  const shown = footage ?? { codec: "h264", pictures: [], parameterSets: [] };
  const type = payloadTypeOf(shown.codec, options);
  const settings = fmtp(shown, options);
  const framerate = options.sdp?.framerate ?? (shown.codec !== "ts" && (options.fps ?? 25));
  const lines = [
    "v=0",
    "o=- 1 1 IN IP4 127.0.0.1",
    "s=wrong camera",
    "c=IN IP4 0.0.0.0",
    "t=0 0",
    "a=control:*",
    "a=range:npt=now-",
    ...(options.before ?? []).flatMap(extra),
    `m=video 0 RTP/AVP ${type}`,
    `a=rtpmap:${type} ${ENCODINGS[shown.codec]}/90000`,
    ...settings ? [`a=fmtp:${type} ${settings}`] : [],
    ...framerate ? [`a=framerate:${framerate}`] : [],
    `a=control:${VIDEO_CONTROL}`,
    ...(options.after ?? []).flatMap(extra),
  ];
  return (options.sdp?.change?.(lines) ?? lines).map((line) => `${line}\r\n`).join("");
}
