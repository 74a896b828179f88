/**
 * A moving test picture: colour bars, and a white square that goes round.
 *
 * @module
 */

/** Y, U, V of the 75 % colour bars (ITU-R BT.601). */
const BARS: readonly (readonly [number, number, number])[] = [
  [180, 128, 128],
  [162, 44, 142],
  [131, 156, 44],
  [112, 72, 58],
  [84, 184, 198],
  [65, 100, 212],
  [35, 212, 114],
];
const WHITE = 235;
const GREY = 128;
const SQUARE = 64;
const SPEED = 6;

/** Draws into a yuv420p picture, whose width and height are even. */
export class TestPicture {
  readonly #bytes: Uint8Array;
  readonly #width: number;
  readonly #height: number;
  readonly #bars: Uint8Array;

  constructor(bytes: Uint8Array, width: number, height: number) {
    this.#bytes = bytes;
    this.#width = width;
    this.#height = height;
    this.#bars = new Uint8Array(bytes.length);
    this.#drawBars();
  }

  /** The picture number `index`. */
  draw(index: number): void {
    this.#bytes.set(this.#bars);
    const x = bounce(index * SPEED, this.#width - SQUARE);
    const y = bounce(index * SPEED, this.#height - SQUARE);
    this.#fill(0, this.#width, x, y, SQUARE, WHITE);
    const luma = this.#width * this.#height;
    for (const plane of [luma, luma + luma / 4]) {
      this.#fill(plane, this.#width / 2, x / 2, y / 2, SQUARE / 2, GREY);
    }
  }

  #fill(plane: number, stride: number, x: number, y: number, side: number, value: number): void {
    for (let row = y; row < y + side; row++) {
      const start = plane + row * stride + x;
      this.#bytes.fill(value, start, start + side);
    }
  }

  #drawBars(): void {
    const luma = this.#width * this.#height;
    const chromaWidth = this.#width / 2;
    const chroma = luma / 4;
    BARS.forEach(([y, u, v], bar) => {
      const from = Math.floor(bar * chromaWidth / BARS.length);
      const to = Math.floor((bar + 1) * chromaWidth / BARS.length);
      for (let row = 0; row < this.#height; row++) {
        const start = row * this.#width;
        this.#bars.fill(y, start + from * 2, start + to * 2);
      }
      for (let row = 0; row < this.#height / 2; row++) {
        const start = luma + row * chromaWidth;
        this.#bars.fill(u, start + from, start + to);
        this.#bars.fill(v, start + chroma + from, start + chroma + to);
      }
    });
  }
}

/** Goes to `limit` and back, for ever. */
function bounce(distance: number, limit: number): number {
  const phase = distance % (2 * limit);
  return phase < limit ? phase : 2 * limit - phase;
}
