/**
 * Which encoders there are for a codec, and their options.
 *
 * @module
 */

/** Codecs that can be asked for, by their libav names. */
export type VideoCodec = "h264" | "hevc" | "mpeg4" | "mjpeg";

/** How an encoder is used. */
export interface EncoderChoice {
  /** libav's name: `"libx264"`. */
  readonly name: string;
  /** libav's name of the pixel format it takes. */
  readonly pixelFormat: string;
  readonly options: Readonly<Record<string, string>>;
}

/** What is asked of an encoder. */
export interface EncodingRequest {
  readonly codec: VideoCodec;
  /** `"auto"`, or libav's name. */
  readonly encoder: string;
  readonly live: boolean;
  /** Whether no frame may be held back, as in a live stream. */
  readonly prompt?: boolean | undefined;
  readonly fps: number;
  readonly width: number;
  readonly height: number;
  /** Bits per second. */
  readonly bitrate?: number | undefined;
  /** Frames from one keyframe to the next. */
  readonly gop?: number | undefined;
  readonly preset?: string | undefined;
  readonly tune?: string | undefined;
  readonly pixelFormat?: string | undefined;
}

interface EncoderProfile {
  readonly name: string;
  readonly pixelFormat: string;
  /** So that each frame comes out at once. */
  readonly prompt: Readonly<Record<string, string>>;
  /** For a live stream, beside `prompt`. */
  readonly live?: Readonly<Record<string, string>>;
  readonly file?: Readonly<Record<string, string>>;
}

const NO_DELAY = { bf: "0" } as const;
const FULL_RANGE = { color_range: "pc", strict: "unofficial" } as const;

/** In the order of preference: software first, whose result is known; then what the machine has. */
const ENCODERS: Readonly<Record<VideoCodec, readonly EncoderProfile[]>> = {
  h264: [
    {
      name: "libx264",
      pixelFormat: "yuv420p",
      prompt: { tune: "zerolatency", ...NO_DELAY },
      live: { preset: "veryfast" },
    },
    {
      name: "h264_videotoolbox",
      pixelFormat: "yuv420p",
      prompt: { realtime: "1", ...NO_DELAY },
    },
    {
      name: "h264_nvenc",
      pixelFormat: "yuv420p",
      prompt: { zerolatency: "1", delay: "0", ...NO_DELAY },
      live: { preset: "p3", tune: "ull" },
    },
    { name: "h264_qsv", pixelFormat: "nv12", prompt: { async_depth: "1", ...NO_DELAY } },
    { name: "h264_amf", pixelFormat: "yuv420p", prompt: { usage: "ultralowlatency" } },
    { name: "h264_mf", pixelFormat: "nv12", prompt: { scenario: "live_streaming" } },
    { name: "h264_v4l2m2m", pixelFormat: "yuv420p", prompt: NO_DELAY, file: NO_DELAY },
    { name: "libopenh264", pixelFormat: "yuv420p", prompt: {} },
  ],
  hevc: [
    {
      name: "libx265",
      pixelFormat: "yuv420p",
      prompt: { tune: "zerolatency", "x265-params": "log-level=none:bframes=0" },
      live: { preset: "ultrafast" },
      file: { "x265-params": "log-level=none" },
    },
    {
      name: "hevc_videotoolbox",
      pixelFormat: "yuv420p",
      prompt: { realtime: "1" },
    },
    {
      name: "hevc_nvenc",
      pixelFormat: "yuv420p",
      prompt: { zerolatency: "1", delay: "0", ...NO_DELAY },
      live: { preset: "p3", tune: "ull" },
    },
    { name: "hevc_qsv", pixelFormat: "nv12", prompt: { async_depth: "1", ...NO_DELAY } },
    { name: "hevc_amf", pixelFormat: "yuv420p", prompt: { usage: "ultralowlatency" } },
    { name: "hevc_v4l2m2m", pixelFormat: "yuv420p", prompt: NO_DELAY, file: NO_DELAY },
  ],
  mpeg4: [{ name: "mpeg4", pixelFormat: "yuv420p", prompt: NO_DELAY, file: NO_DELAY }],
  mjpeg: [{
    name: "mjpeg",
    pixelFormat: "yuv420p",
    prompt: {},
    // Old releases call full range in this pixel format unofficial.
    // RTP carries no tables of Huffman's, and two matrices (RFC 2435).
    live: { ...FULL_RANGE, huffman: "default", force_duplicated_matrix: "1" },
    file: FULL_RANGE,
  }],
};

/** Codecs that `codec` can name. */
export const CODECS = Object.keys(ENCODERS) as readonly VideoCodec[];

/** Seconds from one keyframe to the next: what servers and players expect of a live stream. */
const GOP_SECONDS = 2;
/** Bits for each pixel where no bitrate is asked for; MJPEG has no prediction. */
const BITS_PER_PIXEL: Readonly<Record<VideoCodec, number>> = {
  h264: 0.12,
  hevc: 0.08,
  mpeg4: 0.2,
  mjpeg: 1,
};
/** Encoders refuse less, whatever the picture. */
const LEAST_BITRATE = 20_000;
/** libx264 and libx265 choose a file's bitrate by the quality. */
const CONSTANT_QUALITY: ReadonlySet<string> = new Set(["libx264", "libx265"]);

/** What to try, in order. */
export function encoderChoices(request: EncodingRequest): readonly EncoderChoice[] {
  const known = ENCODERS[request.codec];
  const asked = request.encoder === "auto" ? known : [
    known.find(({ name }) => name === request.encoder) ?? {
      name: request.encoder,
      pixelFormat: "yuv420p",
      prompt: {},
    },
  ];
  return asked.map((encoder) => ({
    name: encoder.name,
    pixelFormat: request.pixelFormat ?? encoder.pixelFormat,
    options: optionsFor(encoder, request),
  }));
}

function optionsFor(encoder: EncoderProfile, request: EncodingRequest): Record<string, string> {
  const { live, prompt = live, fps, preset, tune } = request;
  const options: Record<string, string> = {
    ...(live ? encoder.live : encoder.file),
    ...(prompt ? encoder.prompt : {}),
    ...rateOptions(encoder.name, request),
    // These are 0 … 255 by their name, and are declared so.
    ...(request.pixelFormat?.startsWith("yuvj") ? { color_range: "pc" } : {}),
  };
  const gop = request.gop ?? (live ? Math.max(1, Math.round(fps * GOP_SECONDS)) : undefined);
  if (gop !== undefined && request.codec !== "mjpeg") options.g = `${gop}`;
  if (preset !== undefined) options.preset = preset;
  if (tune !== undefined) options.tune = tune;
  return options;
}

function rateOptions(name: string, request: EncodingRequest): Record<string, string> {
  const { codec, live, bitrate, width, height, fps } = request;
  if (bitrate === undefined && !live && CONSTANT_QUALITY.has(name)) return {};
  const usual = Math.max(LEAST_BITRATE, width * height * fps * BITS_PER_PIXEL[codec]);
  const bits = Math.round(bitrate ?? usual);
  // A network carries no more than so much at any time.
  return live
    ? { b: `${bits}`, maxrate: `${bits}`, bufsize: `${Math.max(1, Math.round(bits / 2))}` }
    : { b: `${bits}` };
}
