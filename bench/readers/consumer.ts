/** A consumer that looks for a frame five times a second. */

/** On average; the camera's own period is spread over, so that no fixed phase favours anyone. */
const PERIOD = 200;
const SPREAD = 1000 / 30;

export function untilNextLook(): Promise<void> {
  const wait = PERIOD + (Math.random() - 0.5) * SPREAD;
  return new Promise((resolve) => setTimeout(resolve, wait));
}
