/**
 * Whether a point or a box of the program has the numbers that it must have. Models give boxes
 * in many shapes, and arithmetic with a number that is missing would go on silently.
 *
 * @module
 */

/** As many names are shown of an object that has the wrong ones. */
const SHOWN = 6;

/**
 * Checks that an object has numbers of these names.
 *
 * @param what What it is, for the message
 * @throws {TypeError} It has not; the message shows what it is instead
 */
export function checkNumbers<N extends string>(
  what: string,
  value: Readonly<Record<N, number>>,
  names: readonly N[],
): Readonly<Record<N, number>> {
  const given: unknown = value;
  const isObject = typeof given === "object" && given !== null;
  if (isObject && names.every((name) => isNumber((given as Record<string, unknown>)[name]))) {
    return value;
  }
  throw new TypeError(
    `The ${what} must be { ${names.join(", ")} }, each a number of pixels, got ${show(given)}`,
  );
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" && !Number.isNaN(value);
}

function show(value: unknown): string {
  if (typeof value === "object" && value !== null) {
    const { length } = value as { readonly length?: unknown };
    if (typeof length === "number") return `a list of ${length}`;
    const entries = Object.entries(value);
    const shown = entries.slice(0, SHOWN).map(([name, one]) => `${name}: ${showValue(one)}`);
    const more = entries.length > SHOWN ? ["..."] : [];
    return entries.length === 0 ? "{}" : `{ ${[...shown, ...more].join(", ")} }`;
  }
  return showValue(value);
}

function showValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value === "bigint") return `${value}n`;
  return typeof value === "function" ? "a function" : String(value);
}
