/**
 * A recording of a stream's packets.
 *
 * @module
 */

import type { RecordingStats } from "../core/output/recording_stats.ts";

/** The state of a recording, as its creator provides it. */
export interface RecordingState {
  /** Paths of the files so far. */
  readonly files: readonly string[];
  /** Whether it goes on. */
  readonly active: boolean;
  /** What was recorded so far. */
  readonly stats: RecordingStats;
  /** Settles when it is over. */
  readonly finished: Promise<void>;
  /** Ends it. */
  stop(): void;
}

/**
 * A recording of a stream into files, without decoding or encoding again; made by
 * `VideoStream.record()`. It continues over reconnections until it or the stream
 * is stopped; each of them begins a new file, and so does a change of the frame size or
 * of the codec's parameter sets. MP4, MOV and MKV files are written in fragments of
 * half a second: if the program is killed, they can be played, except for their last
 * second. A power failure also takes what the system has not yet put on the disk.
 */
export class Recording implements AsyncDisposable {
  readonly #state: RecordingState;

  /** Recordings are made by `VideoStream.record()`. */
  constructor(state: RecordingState) {
    this.#state = state;
  }

  /** Paths of the files so far, the one that is being written included. */
  get files(): readonly string[] {
    return [...this.#state.files];
  }

  /** Whether it goes on. */
  get active(): boolean {
    return this.#state.active;
  }

  /** What was recorded, as of the last second; at the end, all of it. */
  stats(): RecordingStats {
    return { ...this.#state.stats };
  }

  /**
   * Resolves when the last file is complete. Rejects with the {@linkcode StreamError}
   * `WRITE_FAILED` or `NOT_FOUND` when a file cannot be created or written, and
   * `UNSUPPORTED_CODEC` when its container cannot carry the camera's codec: the message
   * names those that can. The stream then continues. A recording that ends before a
   * keyframe came, although packets did, rejects with `WRITE_FAILED`: nothing was recorded.
   * One to which no packet came, as when the stream never connected, resolves and has no
   * `files`; the log has a warning.
   */
  get finished(): Promise<void> {
    return this.#state.finished;
  }

  /** Ends the recording; resolves when the last file is complete, see {@linkcode finished}. */
  stop(): Promise<void> {
    this.#state.stop();
    return this.#state.finished;
  }

  /** Same as {@linkcode stop}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
