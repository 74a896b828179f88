/**
 * Converts pictures to what an encoder takes.
 *
 * @module
 */

import type { Libav } from "../../ffi/mod.ts";
import type { AvFrame } from "./frame.ts";
import { SwsContext, type SwsPicture } from "./sws.ts";

/** From whole pictures to whole pictures of another size or format. Owned: dispose of it. */
export class Converter implements Disposable {
  readonly #libav: Libav;
  readonly #context: SwsContext;
  readonly #from: SwsPicture;

  constructor(libav: Libav, from: SwsPicture, to: SwsPicture) {
    this.#libav = libav;
    this.#from = from;
    this.#context = new SwsContext(libav, from, to);
  }

  /** Whether it takes pictures of that size. */
  accepts({ width, height }: { readonly width: number; readonly height: number }): boolean {
    return width === this.#from.width && height === this.#from.height;
  }

  convert(source: AvFrame, target: AvFrame): void {
    this.#libav.symbols.sws_scale(
      this.#context.pointer,
      source.planes,
      source.strides,
      0,
      this.#from.height,
      target.planes,
      target.strides,
    );
  }

  [Symbol.dispose](): void {
    this.#context[Symbol.dispose]();
  }
}
