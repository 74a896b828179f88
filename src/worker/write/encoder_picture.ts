/**
 * The program's frames as the pictures that an encoder takes.
 *
 * @module
 */

import type { Libav } from "../../../ffi/mod.ts";
import { colorSpaceFor } from "../../av/color.ts";
import { Converter } from "../../av/converter.ts";
import { AvFrame } from "../../av/frame.ts";
import { pixelFormatNamed } from "../../av/pixel_format.ts";
import { isSubsampled, libavFormatName, type PixelFormat } from "../../core/frame/formats.ts";
import type { Size } from "../../core/frame/geometry.ts";
import type { EncoderChoice } from "../../core/output/encoders.ts";
import type { WriteRequest } from "../../thread/write_protocol.ts";

/** One picture, converted from one frame after the other. Owned: dispose of it. */
export class EncoderPicture implements Disposable {
  readonly #libav: Libav;
  readonly #request: WriteRequest;
  readonly #choice: EncoderChoice;
  readonly #pixelFormat: number;
  /** The frame in its slot; refers to its bytes. */
  readonly #input: AvFrame;
  /** What the encoder takes. */
  readonly #picture: AvFrame;
  #converter: Converter | undefined;

  /** @throws {SessionError} `UNSUPPORTED_CODEC` */
  constructor(libav: Libav, request: WriteRequest, choice: EncoderChoice) {
    using resources = new DisposableStack();
    this.#libav = libav;
    this.#request = request;
    this.#choice = choice;
    this.#pixelFormat = pixelFormatNamed(libav, choice.pixelFormat);
    this.#input = resources.use(new AvFrame(libav));
    this.#picture = resources.use(new AvFrame(libav));
    this.#picture.allocate(request, this.#pixelFormat);
    resources.move();
  }

  /** Gets ready for a frame. Its bytes are not looked at before `convert`. */
  prepare(size: Size, format: PixelFormat, address: bigint): void {
    this.#input.wrap(size, format, address);
    if (!this.#converter?.accepts(size)) {
      this.#converter?.[Symbol.dispose]();
      this.#converter = undefined;
      this.#converter = this.#makeConverter(size, format);
    }
    this.#picture.makeWritable();
  }

  #makeConverter(size: Size, format: PixelFormat): Converter {
    const { codec, width, height } = this.#request;
    // One matrix for both: YUV keeps its colours.
    const colorSpace = colorSpaceFor(codec, height);
    return new Converter(this.#libav, {
      ...size,
      pixelFormat: pixelFormatNamed(this.#libav, libavFormatName(format)),
      colorSpace,
      fullRange: !isSubsampled(format),
    }, {
      width,
      height,
      pixelFormat: this.#pixelFormat,
      colorSpace,
      fullRange: this.#choice.options.color_range === "pc",
    });
  }

  /**
   * The frame that was prepared, as a picture; borrowed until the next one.
   *
   * @param time in the encoder's time base
   */
  convert(time: bigint): AvFrame {
    this.#converter?.convert(this.#input, this.#picture);
    this.#picture.pts = time;
    return this.#picture;
  }

  [Symbol.dispose](): void {
    this.#converter?.[Symbol.dispose]();
    this.#picture[Symbol.dispose]();
    this.#input[Symbol.dispose]();
  }
}
