/**
 * The numbers that a background thread and the main thread share, by the
 * thread's role.
 *
 * @module
 */

const TOTALS = ["packets", "bytes"] as const;

/** What a reading thread counts. */
export const READ_TOTALS = [
  ...TOTALS,
  "decoded",
  "droppedUnread",
  "droppedNoBuffer",
  "droppedCorrupt",
  "droppedBeforeKeyframe",
  "droppedMaxFps",
  "droppedUnwanted",
  "losses",
  "packetsLost",
  "packetsReordered",
  "packetsLate",
] as const;

/** What a writing thread counts. */
export const WRITE_TOTALS = [...TOTALS, "encoded", "droppedLate"] as const;

/** What a reading thread's deadlines count from, by `now()`. */
export const READ_PROGRESS = ["lastPacketTime", "lastFrameTime"] as const;

/** What a writing thread's deadline counts from. */
export const WRITE_PROGRESS = ["lastPacketTime"] as const;

/** Set by the main thread: when pictures are wanted, see `Demand`. */
export const READ_WISHES = ["wantedFrom", "wantedUntil"] as const;

const READ_STATE = [
  // Milliseconds of decoding and conversion.
  "workTime",
  "frameInterval",
  "declaredRate",
  "latencyMode",
  "wrongGuesses",
  "fallbacks",
  "waiting",
  "waitingSince",
] as const;

/** What a writing thread knows of its connection; see `WriteWatch`. */
export const WRITE_CONNECTION = ["unsentBytes", "unsentSince", "serverLate"] as const;

const WRITE_STATE = ["bitrate", ...WRITE_CONNECTION] as const;

const READ_COUNTERS = [...READ_TOTALS, ...READ_PROGRESS, ...READ_WISHES, ...READ_STATE] as const;
const WRITE_COUNTERS = [...WRITE_TOTALS, ...WRITE_PROGRESS, ...WRITE_STATE] as const;

export type ReadTotal = typeof READ_TOTALS[number];
export type WriteTotal = typeof WRITE_TOTALS[number];
export type ReadCounter = typeof READ_COUNTERS[number];
export type WriteCounter = typeof WRITE_COUNTERS[number];
export type Counter = ReadCounter | WriteCounter;

const NAMES: ReadonlySet<Counter> = new Set([...READ_COUNTERS, ...WRITE_COUNTERS]);

/** How many there are. */
export const COUNTER_COUNT = NAMES.size;

/** Each one's place, the same for both roles. */
export const COUNTER_INDEX = Object.fromEntries(
  [...NAMES].map((name, index) => [name, index]),
) as Readonly<Record<Counter, number>>;
