/**
 * The numbers in a NAL unit.
 *
 * @module
 */

/** Longest code whose number fits into 32 bits. */
const MAX_ZEROS = 31;

/** Reads the payload of a NAL unit (RBSP), bit by bit; zeros behind its end. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  /** @param data what follows the NAL unit's header, or the beginning of it */
  constructor(data: Uint8Array) {
    this.#bytes = withoutEmulationPrevention(data);
  }

  /** `u(n)`: n bits. */
  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.#at++) {
      const byte = this.#bytes[this.#at >> 3] ?? 0;
      value = value * 2 + ((byte >> (7 - (this.#at & 7))) & 1);
    }
    return value;
  }

  /** `ue(v)`: an unsigned Exp-Golomb code (H.264, 9.1). */
  golomb(): number {
    let zeros = 0;
    while (zeros < MAX_ZEROS && this.bits(1) === 0) zeros++;
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** `se(v)`: a signed Exp-Golomb code (H.264, 9.1.1). */
  signedGolomb(): number {
    const code = this.golomb();
    return code % 2 === 0 ? -code / 2 || 0 : (code + 1) / 2;
  }
}

/** A 3 after two zeros is there only so that no start code is (H.264, 7.4.1). */
function withoutEmulationPrevention(data: Uint8Array): Uint8Array {
  const result = new Uint8Array(data.length);
  let length = 0;
  let zeros = 0;
  for (const byte of data) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    result[length++] = byte;
  }
  return result.subarray(0, length);
}
