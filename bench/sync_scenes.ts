/** What two cameras go through while they are read. */
import { group, openCv, type PairReader } from "./sync_readers.ts";

/** Milliseconds of work a set. */
const WORK = 100;
/** More than the longer way is longer by. */
const MAX_WAIT = 500;

export interface Scene {
  readonly title: string;
  /** Readers in one batch run at once; batches run in turn. */
  readonly batches: readonly (readonly PairReader[])[];
  /** Seconds of sets that are not measured. */
  readonly settle: number;
  /** Of measurement; undefined is the bench's own. */
  readonly seconds?: number | undefined;
  readonly pauses: number;
  /** Milliseconds by which the second camera's way is longer than the first one's. */
  readonly longer: number;
  /** Milliseconds by which the second camera starts later than the first one. */
  readonly apart: number;
}

const QUIET = { settle: 1, pauses: 0, longer: 0, apart: 0 };

export const EQUAL: Scene = {
  ...QUIET,
  title: "Equal ways",
  batches: [
    [
      openCv("plain"),
      openCv("plain", WORK),
      group("Deno", { sync: "latest" }),
      group("Bun", { sync: "latest" }),
    ],
    [
      openCv("emptied"),
      openCv("threads"),
      group("Deno", { sync: "arrival" }),
      group("Bun", { sync: "arrival" }),
    ],
    [
      openCv("threads", WORK),
      group("Deno", { sync: "latest" }, WORK),
      group("Deno", { sync: "capture" }),
      group("Bun", { sync: "capture" }),
    ],
  ],
};

export const UNEQUAL: Scene = {
  ...QUIET,
  title: "One way is 300 ms longer",
  longer: 300,
  batches: [
    [
      openCv("emptied"),
      openCv("threads"),
      group("Deno", { sync: "latest" }),
      group("Deno", { sync: "arrival" }),
    ],
    [
      openCv("plain"),
      group("Deno", { sync: "capture", maxWait: MAX_WAIT }),
      group("Bun", { sync: "capture", maxWait: MAX_WAIT }),
    ],
  ],
};

/** One at a time: each takes a core while it computes. */
export const PAUSE: Scene = {
  ...QUIET,
  title: "After a pause",
  pauses: 2,
  seconds: 0.1,
  batches: [
    openCv("plain"),
    openCv("threads"),
    group("Deno", { sync: "latest" }),
    group("Deno", { sync: "arrival" }),
  ].map((reader) => [reader]),
};

export const APART: Scene = {
  ...QUIET,
  title: "Cameras that start 1 s apart",
  settle: 0,
  seconds: 2,
  apart: 1000,
  batches: [
    [
      openCv("plain"),
      openCv("threads"),
      group("Deno", { sync: "latest" }),
      group("Deno", { sync: "arrival" }),
      group("Deno", { sync: "capture" }),
      group("Bun", { sync: "arrival" }),
    ],
  ],
};

export const SCENES: readonly Scene[] = [EQUAL, UNEQUAL, PAUSE, APART];
