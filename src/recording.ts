/**
 * A recording of a stream's packets.
 *
 * @module
 */

import type { StreamError } from "./core/errors.ts";
import type { RecordRequest } from "./core/record_options.ts";

/**
 * Files that a stream is recorded to, without decoding or encoding anew; made by
 * `VideoStream.record()`. It goes on over reconnections, each of which begins a new
 * file, until it or the stream is stopped. MP4 and MOV files are written in
 * fragments of a second: a power cut loses no more than the last one.
 */
export class Recording implements AsyncDisposable {
  readonly #files: string[] = [];
  readonly #finished = Promise.withResolvers<void>();
  readonly #stop: (recording: Recording) => void;
  /** For the owner: what the thread is told. */
  readonly request: RecordRequest;
  #active = true;

  /** Recordings are made by `VideoStream.record()`. */
  constructor(request: RecordRequest, stop: (recording: Recording) => void) {
    this.request = request;
    this.#stop = stop;
    // Whoever does not look at `finished` finds the error in `lastError`'s place: the log.
    this.#finished.promise.catch(() => {});
  }

  /** Paths of the files so far, the one that is being written included. */
  get files(): readonly string[] {
    return [...this.#files];
  }

  /** Whether it goes on. */
  get active(): boolean {
    return this.#active;
  }

  /**
   * Resolves when the last file is complete. Rejects with the {@linkcode StreamError}
   * `WRITE_FAILED` when a file cannot be made or written; the stream goes on then.
   */
  get finished(): Promise<void> {
    return this.#finished.promise;
  }

  /** Ends the recording; resolves when the last file is complete, see {@linkcode finished}. */
  stop(): Promise<void> {
    if (this.#active) this.#stop(this);
    return this.#finished.promise;
  }

  /** As {@linkcode stop}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** For the owner: a file was begun. */
  begun(file: string): void {
    this.#files.push(file);
  }

  /** For the owner: no more will come. */
  ended(error?: StreamError): void {
    this.#active = false;
    if (error) this.#finished.reject(error);
    else this.#finished.resolve();
  }
}
