/**
 * One picture as a JPEG or PNG file.
 *
 * @module
 */

import { type Libav, nativeBytes } from "../../ffi/mod.ts";
import { frameByteLength, type PixelFormat } from "../core/formats.ts";
import { type Fit, place, type Size } from "../core/geometry.ts";
import type { ImageRequest } from "../core/image.ts";
import { SLOT_TAIL } from "../core/slots.ts";
import { Encoder } from "./encoder.ts";
import { AvFrame } from "./frame.ts";
import { Packet } from "./packet.ts";
import { Scaler } from "./scaler.ts";

/** The mjpeg encoder's quantiser goes from 1 (best) to 31. */
const WORST_QUANTISER = 31;

interface StillCodec {
  readonly encoder: string;
  readonly format: PixelFormat;
  readonly fullRange: boolean;
  readonly options: Readonly<Record<string, string>>;
}

function codecFor(image: ImageRequest): StillCodec {
  if (image.type === "image/png") {
    return { encoder: "png", format: "rgb24", fullRange: true, options: {} };
  }
  const quantiser = `${Math.round(1 + (WORST_QUANTISER - 1) * (1 - image.quality / 100))}`;
  return {
    encoder: "mjpeg",
    format: "yuv420p",
    fullRange: true,
    // Old releases call full range in this pixel format unofficial.
    options: { qmin: quantiser, qmax: quantiser, color_range: "pc", strict: "unofficial" },
  };
}

/**
 * Encodes a picture, put into `size`.
 *
 * @throws {SessionError} `UNSUPPORTED_CODEC` when FFmpeg has no such encoder.
 */
export function encodeStill(
  libav: Libav,
  picture: AvFrame,
  size: Size,
  fit: Fit,
  image: ImageRequest,
): Uint8Array<ArrayBuffer> {
  const { encoder: name, format, fullRange, options } = codecFor(image);
  const bytes = nativeBytes(frameByteLength(format, size.width, size.height) + SLOT_TAIL);
  const address = libav.backend.addressOf(libav.backend.pointerOf(bytes));
  using scaler = new Scaler(libav, picture.format, {
    format,
    placement: place(picture.format, size, fit),
    fullRange,
  });
  if (scaler.leavesBars) scaler.clear(address);
  scaler.convert(picture, address);

  using encoder = Encoder.open(libav, {
    encoder: name,
    ...size,
    pixelFormat: format,
    rate: { num: 1, den: 1 },
    options: { threads: "1", ...options },
  });
  using still = new AvFrame(libav);
  still.wrap(size, format, address);
  still.pts = 0n;
  using packet = new Packet(libav);
  encoder.send(still);
  encoder.send(null);
  encoder.receive(packet);
  return packet.copyData();
}
