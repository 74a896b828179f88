/** The time of day with fractions of a millisecond, which Date.now() has not. */
const offset = calibrate();

/** Epoch milliseconds. */
export function epochNow(): number {
  return offset + performance.now();
}

/** Reads both clocks as one millisecond ends and the next one begins. */
function calibrate(): number {
  const before = Date.now();
  let after = before;
  while (after === before) after = Date.now();
  return after - performance.now();
}
