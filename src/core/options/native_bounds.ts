/**
 * Bounds of libav's own options that can stop a machine: libav takes any number of threads and any
 * size of a buffer.
 *
 * @module
 */

interface Bound {
  readonly max: number;
  readonly unit: string;
}

const BYTES = "bytes";

/** By the name of the dictionary, and of the option. */
const BOUNDS: Readonly<Record<"format" | "codec", Readonly<Record<string, Bound>>>> = {
  format: {
    probesize: { max: 500_000_000, unit: BYTES },
    formatprobesize: { max: 100_000_000, unit: BYTES },
    blocksize: { max: 100_000_000, unit: BYTES },
    pkt_size: { max: 1_000_000, unit: BYTES },
    fifo_size: { max: 1_000_000, unit: "packets of 188 bytes" },
    reorder_queue_size: { max: 100_000, unit: "packets" },
    max_streams: { max: 10_000, unit: "streams" },
  },
  codec: {
    threads: { max: 256, unit: "threads" },
  },
};

/** What libav's parser of numbers knows (libavutil/eval.c). */
const NUMBER = /^\s*([+-]?(?:0x[\da-f]+|[\d.]+(?:e[+-]?\d+)?))(?:([kMGT])(i?))?(B?)\s*$/i;
const POWERS: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4 };

/**
 * Refuses what is above its bound.
 *
 * @throws {RangeError}
 */
export function checkNativeBounds(
  dictionary: "format" | "codec",
  options: Readonly<Record<string, string>>,
): void {
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(BOUNDS[dictionary], name)) continue;
    const { max, unit } = BOUNDS[dictionary][name]!;
    if (!(numberIn(value) > max)) continue;
    throw new RangeError(
      `ffmpeg.${dictionary}.${name} must be at most ${max} ${unit}, got ${JSON.stringify(value)}`,
    );
  }
}

/** NaN for what is no number: "auto". */
function numberIn(text: string): number {
  const [, digits, prefix = "", binary = "", bytes = ""] = NUMBER.exec(text) ?? [];
  if (digits === undefined) return NaN;
  const base = binary === "" ? 1000 : 1024;
  const factor = prefix === "" ? 1 : base ** POWERS[prefix.toLowerCase()]!;
  return Number(digits) * factor * (bytes === "B" ? 8 : 1);
}
