/**
 * The payload types whose meaning needs no description (RFC 3551, section 6).
 *
 * @module
 */

export interface StaticPayload {
  readonly encoding: string;
  /** Ticks of a second. */
  readonly clockRate: number;
  /** Undefined where it is not fixed: pictures, MPEG sound. */
  readonly channels?: number;
}

const PICTURES = 90_000;

export const STATIC_PAYLOADS: ReadonlyMap<number, StaticPayload> = new Map<number, StaticPayload>([
  [0, { encoding: "PCMU", clockRate: 8000, channels: 1 }],
  [3, { encoding: "GSM", clockRate: 8000, channels: 1 }],
  [4, { encoding: "G723", clockRate: 8000, channels: 1 }],
  [5, { encoding: "DVI4", clockRate: 8000, channels: 1 }],
  [6, { encoding: "DVI4", clockRate: 16000, channels: 1 }],
  [7, { encoding: "LPC", clockRate: 8000, channels: 1 }],
  [8, { encoding: "PCMA", clockRate: 8000, channels: 1 }],
  // Its clock is half of what it samples, by a mistake that was kept (section 4.5.2).
  [9, { encoding: "G722", clockRate: 8000, channels: 1 }],
  [10, { encoding: "L16", clockRate: 44100, channels: 2 }],
  [11, { encoding: "L16", clockRate: 44100, channels: 1 }],
  [12, { encoding: "QCELP", clockRate: 8000, channels: 1 }],
  [13, { encoding: "CN", clockRate: 8000, channels: 1 }],
  [14, { encoding: "MPA", clockRate: 90_000 }],
  [15, { encoding: "G728", clockRate: 8000, channels: 1 }],
  [16, { encoding: "DVI4", clockRate: 11025, channels: 1 }],
  [17, { encoding: "DVI4", clockRate: 22050, channels: 1 }],
  [18, { encoding: "G729", clockRate: 8000, channels: 1 }],
  [25, { encoding: "CELB", clockRate: PICTURES }],
  [26, { encoding: "JPEG", clockRate: PICTURES }],
  [28, { encoding: "NV", clockRate: PICTURES }],
  [31, { encoding: "H261", clockRate: PICTURES }],
  [32, { encoding: "MPV", clockRate: PICTURES }],
  [33, { encoding: "MP2T", clockRate: PICTURES }],
  [34, { encoding: "H263", clockRate: PICTURES }],
]);
