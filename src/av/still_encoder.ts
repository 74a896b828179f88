/**
 * One picture as a JPEG or PNG file.
 *
 * @module
 */

import { type Libav, nativeBytes } from "../../ffi/mod.ts";
import { frameByteLength, type PixelFormat } from "../core/frame/formats.ts";
import { place, type Placement, type Size } from "../core/frame/geometry.ts";
import type { Orientation } from "../core/frame/orientation.ts";
import type { PictureLayout } from "../core/frame/picture_view.ts";
import type { ImageRequest } from "../core/options/snapshot_options.ts";
import { SLOT_TAIL } from "../core/shared/slot_table.ts";
import { Encoder } from "./encoder.ts";
import { AvFrame } from "./frame.ts";
import { Packet } from "./packet.ts";
import { Scaler } from "./scaler.ts";

/** The mjpeg encoder's quantiser goes from 1 (best) to 31. */
const WORST_QUANTISER = 31;

interface StillCodec {
  readonly encoder: string;
  readonly format: PixelFormat;
  readonly options: Readonly<Record<string, string>>;
}

function codecFor(image: ImageRequest): StillCodec {
  if (image.type === "image/png") {
    return { encoder: "png", format: "rgb24", options: {} };
  }
  const quantiser = `${Math.round(1 + (WORST_QUANTISER - 1) * (1 - image.quality / 100))}`;
  return {
    encoder: "mjpeg",
    format: "yuv420p",
    // Old releases call full range in this pixel format unofficial.
    options: { qmin: quantiser, qmax: quantiser, color_range: "pc", strict: "unofficial" },
  };
}

/** A packed picture in memory of our own. */
class Canvas {
  readonly #libav: Libav;
  readonly #format: PixelFormat;
  readonly #size: Size;
  readonly #bytes: Uint8Array;

  constructor(libav: Libav, format: PixelFormat, size: Size) {
    this.#libav = libav;
    this.#format = format;
    this.#size = size;
    this.#bytes = nativeBytes(frameByteLength(format, size.width, size.height) + SLOT_TAIL);
  }

  /** Draws a picture; the result refers to the canvas. */
  draw(picture: AvFrame, placement: Placement, orientation?: Orientation): AvFrame {
    const { backend } = this.#libav;
    const address = backend.addressOf(backend.pointerOf(this.#bytes));
    using scaler = new Scaler(this.#libav, picture.format, {
      format: this.#format,
      placement,
      orientation,
      fullRange: true,
    });
    if (scaler.leavesBars) scaler.clear(address);
    scaler.convert(picture, address);
    const drawn = new AvFrame(this.#libav);
    drawn.wrap(this.#size, this.#format, address);
    drawn.pts = 0n;
    return drawn;
  }
}

/**
 * Encodes a picture, turned and placed so.
 *
 * @throws {SessionError} `UNSUPPORTED_CODEC` when FFmpeg has no such encoder.
 */
export function encodeStill(
  libav: Libav,
  picture: AvFrame,
  { placement, orientation }: Pick<PictureLayout, "placement" | "orientation">,
  image: ImageRequest,
): Uint8Array<ArrayBuffer> {
  const { encoder: name, format, options } = codecFor(image);
  const size = placement.frame;
  const rgb = new Canvas(libav, "rgb24", size);
  using still = rgb.draw(picture, placement, orientation);
  // JPEG has BT.601 and full range; from RGB both are certain.
  const yuv = new Canvas(libav, "yuv420p", size);
  using converted = format === "yuv420p" ? yuv.draw(still, place(size, size, "fill")) : undefined;

  using encoder = Encoder.open(libav, {
    encoder: name,
    ...size,
    pixelFormat: format,
    frameRate: { num: 1, den: 1 },
    options: { threads: "1", ...options },
  });
  using packet = new Packet(libav);
  encoder.send(converted ?? still);
  encoder.send(null);
  encoder.receive(packet);
  return packet.copyData();
}
