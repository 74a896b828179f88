/** The wrong camera's RTP timestamps: from right ones to those of the field. */

/** Of a picture; `right` is what it should be, counted from 0 in 1/90000 s. */
export type Timestamps = (right: number, picture: number) => number;

const SECOND = 90_000;
const START = 123_456;

/** One of so many pictures is so many seconds away. */
function nowAndThen(seconds: number, every: number): Timestamps {
  return (right, picture) => START + right + (picture % every === every - 1 ? seconds * SECOND : 0);
}

export const times = {
  right: (): Timestamps => (right) => START + right,
  frozen: (): Timestamps => () => START,
  ahead: ({ seconds = 37_600, every = 50 } = {}) => nowAndThen(seconds, every),
  behind: ({ seconds = 9_800, every = 50 } = {}) => nowAndThen(-seconds, every),
  /** So many times as fast as the clock. */
  rate: (factor: number): Timestamps => (right) => START + right * factor,
  backwards: (): Timestamps => (right) => 2 ** 31 - right,
  wrapping: ({ after = 1.6 } = {}): Timestamps => (right) => 2 ** 32 - after * SECOND + right,
  randomStart: (): Timestamps => {
    const start = Math.floor(Math.random() * 2 ** 32);
    return (right) => start + right;
  },
  /** From one picture on, all are so many seconds later. */
  jump: ({ seconds = 3_600, at = 60 } = {}): Timestamps => (right, picture) =>
    START + right + (picture >= at ? seconds * SECOND : 0),
  /** From one picture on, they begin again. */
  restart: ({ at = 60 } = {}): Timestamps => {
    let gone = 0;
    return (right, picture) => {
      if (picture === at) gone = right;
      return picture < at ? START + right : right - gone;
    };
  },
  wholeSeconds: (): Timestamps => (right) => START + Math.floor(right / SECOND) * SECOND,
  /** Each two have changed their places. */
  swapped: ({ fps = 25 } = {}): Timestamps => (right, picture) =>
    START + right + (picture % 2 === 0 ? 1 : -1) * SECOND / fps,
  jitter: ({ fps = 25, share = 0.3 } = {}): Timestamps => (right, picture) =>
    START + right + (picture * 7919 % 5 - 2) * share * SECOND / fps,
} as const;
