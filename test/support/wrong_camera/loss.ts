/** Which of the wrong camera's packets do not arrive, or arrive twice. */

import type { Payload } from "./packetizer.ts";

export interface VideoPacket extends Omit<Payload, "data"> {
  /** Counts the packets of a connection, from 0. */
  readonly index: number;
  /** Counts the pictures of a connection, from 0. */
  readonly picture: number;
  readonly keyframe: boolean;
  /** The last one of its picture. */
  readonly last: boolean;
}

export type Fate = "send" | "lose" | "twice";
export type Fates = (packet: VideoPacket) => Fate;

function losing(isLost: (packet: VideoPacket) => boolean): Fates {
  return (packet) => isLost(packet) ? "lose" : "send";
}

export const loss = {
  everyNth: (n: number) => losing(({ index }) => index % n === n - 1),
  /** The last fragment of a slice of these pictures. */
  lastFragment: (...pictures: number[]) =>
    losing(({ part, slice, picture }) => slice && part === "last" && pictures.includes(picture)),
  firstFragment: (...pictures: number[]) =>
    losing(({ part, slice, picture }) => slice && part === "first" && pictures.includes(picture)),
  pictures: (...pictures: number[]) => losing(({ picture }) => pictures.includes(picture)),
  /** A share of all packets; the same ones for the same seed. */
  random: (share: number, seed = 1): Fates => {
    let state = seed >>> 0 || 1;
    return losing(() => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) / 2 ** 32 < share;
    });
  },
  duplicates: (n: number): Fates => ({ index }) => index % n === n - 1 ? "twice" : "send",
} as const;
