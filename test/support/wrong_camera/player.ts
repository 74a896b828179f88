/** Sends a camera's pictures, reports and sound to one client. */

import { Buffer } from "node:buffer";
import type { Footage } from "./footage.ts";
import { type Fate, loss } from "./loss.ts";
import type { ExtraMedia, PlayOptions } from "./options.ts";
import { packetize } from "./packetizer.ts";
import { goodbye, rtpPacket, senderReport } from "./rtp.ts";
import { times } from "./times.ts";

/** Where the packets of one medium go. */
export interface Outlet {
  rtp(packet: Buffer): void;
  rtcp(packet: Buffer): void;
  close?(): void;
}

/** What the player tells its session. */
export interface PlayerEvents {
  /** For each packet. */
  sent(fate: Fate): void;
  /** For each picture. */
  picture(): void;
  freeze(): void;
  hangUp(how: "close" | "half-close" | "mid-packet"): void;
  /** Whether so much waits to be sent that a picture has to wait as well. */
  isFull(): boolean;
}

const CLOCK = 90_000;
const VIDEO_SSRC = 0x11223344;
const SOUND_SSRC = 0x55667788;
/** Milliseconds of sound in a packet. */
const SOUND_STEP = 40;

export class Player {
  readonly #options: PlayOptions;
  readonly #footage: Footage;
  readonly #payloadType: number;
  readonly #events: PlayerEvents;
  readonly #stopping = new AbortController();
  readonly #outlets = new Map<ExtraMedia | "video", Outlet>();
  #begin = 0;
  /** Counts the pictures of this connection. */
  #picture = 0;
  #sequence = 1000;
  #packets = 0;
  #bytes = 0;
  #sound = 0;
  /** Milliseconds since the beginning. */
  #reported = -Infinity;
  #last: { timestamp: number; time: number } | undefined;

  constructor(
    footage: Footage,
    payloadType: number,
    options: PlayOptions,
    events: PlayerEvents,
  ) {
    this.#footage = footage;
    this.#payloadType = payloadType;
    this.#options = options;
    this.#events = events;
  }

  /** A medium that was set up; a second time, elsewhere. */
  add(media: ExtraMedia | "video", outlet: Outlet): void {
    this.#outlets.get(media)?.close?.();
    this.#outlets.set(media, outlet);
  }

  /** `age`: for how many milliseconds the camera has been there. */
  async play(age: number): Promise<void> {
    if (this.#begin || this.#stopping.signal.aborted) return;
    this.#begin = performance.now();
    const { fps = this.#footage.rate ?? 25, live, start = 0 } = this.#options;
    const gone = live ? Math.floor(age * fps / 1000) : 0;
    const aside = setInterval(() => this.#playAside(), SOUND_STEP);
    try {
      await this.#playPictures(start + gone, fps);
      await sleep(2 ** 31 - 1, this.#stopping.signal);
    } finally {
      clearInterval(aside);
    }
  }

  stop(): void {
    this.#stopping.abort();
    for (const outlet of this.#outlets.values()) outlet.close?.();
  }

  async #playPictures(first: number, fps: number): Promise<void> {
    const { pauses = [], stall, hangUp, burst = 0, end = "loop" } = this.#options;
    const { pictures } = this.#footage;
    let paused = 0;
    for (let i = 0;; i++) {
      const pause = pauses.find(({ at }) => at === i)?.ms ?? 0;
      paused += pause;
      const due = this.#begin + paused + Math.max(0, i - burst) * 1000 / fps;
      if (!await this.#until(due)) return;
      if (stall?.at === i) {
        this.#events.freeze();
        return this.#stopping.abort();
      }
      if (hangUp?.at === i) return this.#events.hangUp(hangUp.how ?? "close");
      if (end !== "loop" && first + i >= pictures.length) return this.#finish(end);
      this.#picture = i;
      this.#send((first + i) % pictures.length, i / fps + paused / 1000);
    }
  }

  /** False when the player was stopped. */
  async #until(due: number): Promise<boolean> {
    const { signal } = this.#stopping;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait, signal);
    while (this.#events.isFull() && !signal.aborted) await sleep(5, signal);
    return !signal.aborted;
  }

  #finish(end: "silence" | "close" | "bye"): void {
    if (end === "bye") this.#video?.rtcp(goodbye(VIDEO_SSRC));
    if (end === "close") this.#events.hangUp("close");
  }

  get #video(): Outlet | undefined {
    return this.#outlets.get("video");
  }

  #send(index: number, seconds: number): void {
    const { timestamps = times.right(), packing, marker = "right" } = this.#options;
    const { codec, pictures } = this.#footage;
    const { keyframe } = pictures[index]!;
    const timestamp = Math.floor(timestamps(Math.round(seconds * CLOCK), this.#picture));
    this.#last = { timestamp, time: Date.now() };
    const payloads = packetize(codec, pictures[index]!, packing);
    for (const [i, { data, ...payload }] of payloads.entries()) {
      const last = i === payloads.length - 1;
      const marked = marker === "right" ? last && codec !== "ts" : marker === "always";
      const header = { payloadType: this.#payloadType, sequence: this.#sequence++, timestamp };
      const packet = rtpPacket({ ...header, ssrc: VIDEO_SSRC, marker: marked }, data);
      const about = { index: this.#packets, picture: this.#picture, keyframe, last, ...payload };
      const fate = (this.#options.fates ?? loss.duplicates(Infinity))(about);
      this.#packets++;
      this.#bytes += data.length;
      for (let copies = { lose: 0, send: 1, twice: 2 }[fate]; copies > 0; copies--) {
        this.#each("pictures", (outlet) => outlet.rtp(packet));
      }
      this.#events.sent(fate);
    }
    this.#events.picture();
    this.#report();
  }

  /** The outlets of the media that get this. */
  #each(sends: "pictures" | "silence", send: (outlet: Outlet) => void): void {
    for (const [media, outlet] of this.#outlets) {
      if ((media === "video" ? "pictures" : media.sends) === sends) send(outlet);
    }
  }

  /** What does not wait for pictures. */
  #playAside(): void {
    if (this.#stopping.signal.aborted) return;
    this.#report();
    for (; this.#sound * SOUND_STEP < performance.now() - this.#begin; this.#sound++) {
      const timestamp = this.#sound * SOUND_STEP * 8;
      const header = { payloadType: 8, sequence: this.#sound, timestamp, ssrc: SOUND_SSRC };
      const packet = rtpPacket({ ...header, marker: false }, Buffer.alloc(SOUND_STEP * 8, 0xd5));
      this.#each("silence", (outlet) => outlet.rtp(packet));
    }
  }

  /** The report tells the time of the last picture, where that is of now. */
  #report(): void {
    const { reports } = this.#options;
    const now = performance.now() - this.#begin;
    if (!reports || !this.#last || now - this.#reported < (reports.every ?? 1000)) return;
    this.#reported = now;
    const { offset = 0, rate = 1, zero = false } = reports;
    const time = zero ? 0 : this.#last.time + offset + (rate - 1) * now;
    const counts = { packets: this.#packets, bytes: this.#bytes };
    const { timestamp } = this.#last;
    this.#video?.rtcp(senderReport({ ssrc: VIDEO_SSRC, time, timestamp, ...counts }));
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}
