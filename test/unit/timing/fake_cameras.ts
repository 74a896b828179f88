/** Cameras without pictures: only when these are taken and when they are here. */

import {
  type Candidate,
  type Lane,
  newestOfEach,
  pair,
  type PairingRules,
} from "../../../src/core/timing/pairing.ts";
import { Seeded } from "../../support/seeded.ts";

export interface FakeCamera {
  /** Milliseconds from one picture to the next. */
  readonly period: number;
  readonly phase?: number | undefined;
  /** Its pictures come by so much later and earlier than its period says. */
  readonly jitter?: number | undefined;
  /** Milliseconds on the way. */
  readonly delay?: number | undefined;
  /** It is away in this time. */
  readonly away?: readonly [from: number, until: number] | undefined;
}

export interface FakeRules extends Partial<PairingRules> {
  readonly sync?: "latest" | "time" | undefined;
  /** The program is busy for so long after each set. */
  readonly pause?: number | undefined;
}

/** A set, when it was given, and what it is made of. */
export interface FakeSet {
  readonly at: number;
  readonly picks: readonly (Candidate | undefined)[];
  readonly times: readonly number[];
  readonly skew: number;
}

/** As many as a stream keeps. */
const BUFFERS = 7;
/** What `GroupMember` allows for. */
const PUNCTUAL = 1.5;

/** All pictures that the cameras take in so many milliseconds, a list for each. */
export function filmed(
  cameras: readonly FakeCamera[],
  duration: number,
  seed: number,
): Candidate[][] {
  const random = new Seeded(seed);
  return cameras.map(
    ({ period, phase = random.number() * period, jitter = 0, delay = 0, away }) => {
      const pictures: Candidate[] = [];
      for (let index = 0; phase + index * period < duration; index++) {
        const time = phase + index * period + (random.number() * 2 - 1) * jitter;
        if (away && time > away[0] && time < away[1]) continue;
        pictures.push({ index, time, arrival: time + delay });
      }
      return pictures;
    },
  );
}

/** The sets that a reader gets of these pictures, as they come. */
export function setsOf(
  cameras: readonly FakeCamera[],
  pictures: readonly (readonly Candidate[])[],
  { sync = "time", pause = 0, ...more }: FakeRules = {},
): FakeSet[] {
  const tolerance = Math.max(...cameras.map(({ period }) => period));
  const rules = { tolerance, maxWait: 100, complete: true, patient: true, ...more };
  const arrivals = pictures.flat().map(({ arrival }) => arrival).sort((a, b) => a - b);
  const sets: FakeSet[] = [];
  const had: (Candidate | undefined)[] = cameras.map(() => undefined);
  const come = cameras.map(() => 0);
  let [now, after, next] = [0, -Infinity, 0];
  for (;;) {
    while (arrivals[next]! <= now) next++;
    const lanes = cameras.map((camera, i) => {
      while (pictures[i]![come[i]!]?.arrival! <= now) come[i]!++;
      const here = pictures[i]!.slice(Math.max(0, come[i]! - BUFFERS), come[i]);
      return laneOf(camera, here, had[i], rules.maxWait, now);
    });
    const choose = sync === "latest" ? newestOfEach : pair;
    const pairing = choose(lanes, { after, ...rules }, now);
    if ("picks" in pairing) {
      const times = pairing.picks.flatMap((pick) => pick?.time ?? []);
      pairing.picks.forEach((pick, i) => had[i] = pick ?? had[i]);
      after = Math.min(...times);
      sets.push({ at: now, picks: pairing.picks, times, skew: Math.max(...times) - after });
      now += pause;
      continue;
    }
    now = Math.min(arrivals[next] ?? Infinity, pairing.until);
    if (now === Infinity) return sets;
  }
}

function laneOf(
  { period, delay = 0 }: FakeCamera,
  here: readonly Candidate[],
  current: Candidate | undefined,
  maxWait: number,
  now: number,
): Lane {
  const newest = here.at(-1);
  const awaited = newest !== undefined && now - newest.arrival <= period + maxWait;
  const until = (newest?.time ?? 0) + delay + period * PUNCTUAL;
  return {
    candidates: here.filter(({ index }) => index > (current?.index ?? -1)),
    current,
    awaited,
    expected: newest && awaited && now < until ? { time: newest.time + period, until } : undefined,
  };
}
