/** Rows of numbers: making them, and what many measurements have in common. */

/** So many whole numbers in a row. */
export function upTo(count: number, first = 0): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

/** From each number to the next. */
export function steps(numbers: readonly number[]): number[] {
  return numbers.slice(1).map((number, i) => number - numbers[i]!);
}

/** Whether each number is greater than the one before it. */
export function isRising(numbers: readonly number[]): boolean {
  return numbers.every((number, i) => i === 0 || number > numbers[i - 1]!);
}

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
}

/** From 0 to 1. */
export function share<T>(items: readonly T[], condition: (item: T) => boolean): number {
  return items.filter(condition).length / items.length;
}
