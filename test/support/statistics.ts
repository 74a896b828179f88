/** What many measurements have in common. */

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
}

/** From 0 to 1. */
export function share<T>(items: readonly T[], condition: (item: T) => boolean): number {
  return items.filter(condition).length / items.length;
}
