/** Videos whose pictures can be checked: known colours, and a frame counter. */

import { makeVideo } from "./media.ts";

export type Rgb = readonly [red: number, green: number, blue: number];

export interface Patch {
  name: string;
  rgb: Rgb;
  /** The centre, in pixels. */
  x: number;
  y: number;
}

const COLOURS: readonly (readonly [string, Rgb])[] = [
  ["red", [255, 0, 0]],
  ["green", [0, 255, 0]],
  ["blue", [0, 0, 255]],
  ["white", [255, 255, 255]],
  ["black", [0, 0, 0]],
  ["yellow", [255, 255, 0]],
  ["cyan", [0, 255, 255]],
  ["magenta", [255, 0, 255]],
];
const COLUMNS = 4;
const ROWS = 2;

/** Where `colourBars` of this size has which colour. */
export function colourPatches(width: number, height: number): Patch[] {
  return COLOURS.map(([name, rgb], index) => ({
    name,
    rgb,
    x: Math.floor((index % COLUMNS + 0.5) * width / COLUMNS),
    y: Math.floor((Math.floor(index / COLUMNS) + 0.5) * height / ROWS),
  }));
}

export interface ColourOptions {
  frames?: number | undefined;
  fps?: number | undefined;
  /** The colour matrix of the file, which also says so; default "bt601". */
  matrix?: "bt601" | "bt709" | undefined;
  /** Limited ("tv") or full ("pc") range; default "tv". */
  range?: "tv" | "pc" | undefined;
  /** Default yuv420p; odd sizes need yuv444p. */
  pixelFormat?: "yuv420p" | "yuv444p" | undefined;
}

/** Eight large solid patches, at a quality that keeps them within 2 of 255. */
export function colourBars(
  width = 640,
  height = 360,
  options: ColourOptions = {},
): Promise<string> {
  const { frames = 30, fps = 30, matrix = "bt601", range = "tv" } = options;
  const { pixelFormat = "yuv420p" } = options;
  const channel = (rgb: number) => {
    const mask = COLOURS.reduce(
      (bits, [, colour], index) => bits | (colour[rgb]! && 1 << index),
      0,
    );
    const patch = `floor(X*${COLUMNS}/W)+${COLUMNS}*floor(Y*${ROWS}/H)`;
    return `'255*gt(bitand(${mask},pow(2,${patch})),0)'`;
  };
  const tag = matrix === "bt709" ? "bt709" : "smpte170m";
  return makeVideo({
    name: "colours",
    frames,
    fps,
    source: [
      // One picture is computed, then repeated: the formula is slow.
      `color=size=${width}x${height}:rate=${fps}`,
      "trim=end_frame=1,format=gbrp",
      `geq=r=${channel(0)}:g=${channel(1)}:b=${channel(2)}`,
      `scale=out_color_matrix=${matrix}:out_range=${range}` +
      ":flags=accurate_rnd+full_chroma_int+bicubic",
      `format=${pixelFormat},loop=loop=-1:size=1,setpts=N/(${fps}*TB)`,
    ].join(","),
    extra: [
      ...["-pix_fmt", pixelFormat, "-crf", "2", "-color_range", range],
      ...["-colorspace", tag, "-color_primaries", tag, "-color_trc", tag],
    ],
  });
}

const BITS = 16;

export interface CountingOptions {
  width?: number | undefined;
  height?: number | undefined;
  fps?: number | undefined;
  codec?: "h264" | "hevc" | "mpeg4" | "mjpeg" | undefined;
  /** B-frames in a row; default 0. */
  bframes?: number | undefined;
  container?: string | undefined;
  /** Frames from one key frame to the next; default: one second. */
  keyInterval?: number | undefined;
}

/**
 * Every frame has its number, from 0, as 16 black or white squares along the
 * top and again along the bottom, the lowest bit at the left.
 */
export function countingVideo(
  frames: number,
  options: CountingOptions = {},
): Promise<string> {
  const { width = 640, height = 360, fps = 30, bframes = 0 } = options;
  const { codec = "h264", container, keyInterval = fps } = options;
  const side = Math.floor(width / BITS);
  const box = (x: number, y: number, w: number | "iw", colour: string) =>
    `drawbox=x=${x}:y=${y}:w=${w}:h=${side}:color=${colour}:t=fill`;
  const row = (y: number) => [
    box(0, y, "iw", "black"),
    ...Array.from(
      { length: BITS },
      (_, bit) => `${box(bit * side, y, side, "white")}:enable='bitand(n,${1 << bit})'`,
    ),
  ];
  return makeVideo({
    name: `counting-${codec}${bframes ? "-b" : ""}`,
    frames,
    codec,
    container,
    source: [
      `testsrc2=size=${width}x${height}:rate=${fps}`,
      ...row(0),
      ...row(height - side),
    ].join(","),
    extra: [
      ...["-g", String(keyInterval)],
      ...(bframes ? ["-bf", String(bframes)] : []),
    ],
  });
}

/**
 * The number in a picture, or undefined when there is none to be read. Packed
 * pixels with that many channels; 1 also reads the first plane of a planar
 * format. The two rows differ in a picture that is torn.
 */
export function readCounter(
  data: Uint8Array,
  width: number,
  height: number,
  channels: number,
  row: "top" | "bottom" = "top",
): number | undefined {
  const side = Math.floor(width / BITS);
  const middle = side >> 1;
  const y = row === "top" ? middle : height - side + middle;
  let number = 0;
  for (let bit = 0; bit < BITS; bit++) {
    const level = data[(y * width + bit * side + middle) * channels];
    if (level === undefined || (level > 70 && level < 185)) return undefined;
    if (level >= 185) number |= 1 << bit;
  }
  return number;
}
