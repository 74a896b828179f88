/** The time in a picture's own pixels: see stamp.py for its layout. */

const BLOCK = 16;
const COLUMNS = 32;
const ROWS = 2;
const CHECK_BITS = 12n;
const MASK = (1n << CHECK_BITS) - 1n;

/** Interleaved rows without padding. */
export interface Picture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly channels: number;
}

/** Epoch milliseconds, or null where no stamp can be read. */
export function readStamp(picture: Picture): number | null {
  let word = 0n;
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      word = word << 1n | (isWhite(picture, row, column) ? 1n : 0n);
    }
  }
  const micros = word >> CHECK_BITS;
  return micros > 0n && (word & MASK) === checksum(micros) ? Number(micros) / 1000 : null;
}

/** The middle of the block, four pixels of green (or grey). */
function isWhite({ data, width, channels }: Picture, row: number, column: number): boolean {
  const green = channels > 1 ? 1 : 0;
  let total = 0;
  for (const y of [0, 1]) {
    const line = (row * BLOCK + BLOCK / 2 + y) * width;
    const at = (line + column * BLOCK + BLOCK / 2) * channels + green;
    total += data[at]! + data[at + channels]!;
  }
  return total >= 4 * 128;
}

function checksum(micros: bigint): bigint {
  let total = 0x5A3n;
  for (let rest = micros; rest > 0n; rest >>= 8n) {
    total = (total * 31n + (rest & 0xFFn)) & 0xFFFFFFn;
  }
  return (total ^ (total >> 12n)) & MASK;
}
