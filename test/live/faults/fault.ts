/** A row of the catalogue of faults: what is wrong, and what the program sees of it. */

import type { StreamErrorCode, VideoStreamOptions, VideoWriterOptions } from "../../../mod.ts";

export type Medium =
  | "RTSP"
  | "RTMP"
  | "HTTP"
  | "HLS"
  | "MPEG-TS over UDP"
  | "SRT"
  | "a file";

/** When it is seen: at once, after the time of an option, or never. */
export type Bound =
  | "at once"
  | "openTimeout"
  | "readTimeout"
  | "stallTimeout"
  | "keyframeTimeout"
  | "writeTimeout";

/**
 * - `by itself`: attempts are made until the fault is mended, and then the stream goes on
 * - `retried`: attempts are made, and nothing that the tests can do mends it
 * - `never`: there is no other attempt
 * - `not needed`: frames come all the same
 */
export type Recovery = "by itself" | "retried" | "never" | "not needed";

export interface Seen {
  /** Of the error; undefined: there is none. */
  readonly code?: StreamErrorCode | undefined;
  readonly retryable?: boolean | undefined;
  /** The types of the events of `status()`, from the start or, in a running stream, the fault on. */
  readonly events: string;
  readonly within: Bound;
  readonly recovery: Recovery;
}

export interface Fault extends Seen {
  readonly over: Medium;
  /** A clause: "the server accepts and never answers". */
  readonly wrong: string;
  /** What the message says. */
  readonly says?: RegExp | undefined;
  readonly arrange: (scene: Scene) => Promise<Subject>;
}

/** Those that a row needs; each is taken by what it is for. */
export type ActorOptions = VideoStreamOptions & VideoWriterOptions;

/** A stream or a writer, and what is done to it. */
export interface Subject {
  readonly url: string;
  readonly options?: ActorOptions | undefined;
  /** Begins the fault of a running stream; without it, it begins by itself. */
  readonly spoil?: (() => unknown) | undefined;
  readonly mend?: (() => unknown) | undefined;
  /** How many frames have to come all the same; default 15. */
  readonly frames?: number | undefined;
  /** What is written; default: pictures of the scene, which are small. */
  readonly pictures?: readonly Uint8Array<ArrayBuffer>[] | undefined;
  /** What else has to be true at the end. */
  readonly check?: (() => unknown) | undefined;
}

/** What servers a fault has, until it is over. */
export class Scene implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();

  async use<T extends AsyncDisposable | Disposable>(making: T | Promise<T>): Promise<T> {
    return this.#stack.use(await making);
  }

  get isOver(): boolean {
    return this.#stack.disposed;
  }

  defer(end: () => Promise<void> | void): void {
    this.#stack.defer(end);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

/** What the tables' rows have in common. */
export const TRIED_AGAIN = {
  retryable: true,
  events: "connecting reconnecting",
  within: "at once",
  recovery: "by itself",
} as const;
export const TIMED_OUT = {
  ...TRIED_AGAIN,
  code: "OPEN_TIMEOUT",
  within: "openTimeout",
} as const;
export const FINAL = {
  retryable: false,
  events: "connecting failed",
  within: "at once",
  recovery: "never",
} as const;
/** A file is opened once, whatever its error is. */
export const ONCE = { ...FINAL, retryable: true } as const;
export const LOST = { ...TRIED_AGAIN, events: "disconnected reconnecting" } as const;
export const STALLED = {
  ...LOST,
  code: "STALLED",
  events: "stalled disconnected reconnecting",
  within: "stallTimeout",
} as const;
export const OPENED = {
  events: "connecting connected",
  within: "at once",
  recovery: "not needed",
} as const;
export const UNHARMED = { events: "", within: "at once", recovery: "not needed" } as const;

export interface Table {
  readonly title: string;
  /** What faults are tried with: `streaming` and `writing` begin with a stream that runs. */
  readonly phase: "opening" | "streaming" | "opening to write" | "writing";
  readonly faults: readonly Fault[];
}

/** A client of RTSP, which all faults of RTSP are tried with. */
export interface RtspClient {
  readonly name: string;
  /** What chooses it. */
  readonly options: ActorOptions;
}

export const RTSP_CLIENTS: readonly RtspClient[] = [{ name: "libavformat", options: {} }];
