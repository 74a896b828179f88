/**
 * All recordings of a stream, on the main thread.
 *
 * @module
 */

import { StreamError, type StreamErrorFields } from "../core/connection/errors.ts";
import type { Logger } from "../core/connection/logger.ts";
import type { MediaUrl } from "../core/connection/url.ts";
import {
  assertKept,
  type HistoryOptions,
  type RecordRequest,
} from "../core/options/record_options.ts";
import { NOTHING_RECORDED, type RecordingStats } from "../core/output/recording_stats.ts";
import { Phase } from "../core/shared/control_block.ts";
import type { ReadThread, RecordingHandlers } from "../thread/read_thread.ts";
import { Recording, type RecordingState } from "./recording.ts";

interface Entry extends RecordingState {
  readonly request: RecordRequest;
  readonly files: string[];
  active: boolean;
  stats: RecordingStats;
  end(error: StreamError | undefined): void;
}

/** They go on over connections, and over a thread that had to be left behind. */
export class Recordings implements RecordingHandlers {
  readonly #media: MediaUrl;
  readonly #history: HistoryOptions;
  readonly #log: Logger;
  readonly #entries = new Map<number, Entry>();
  #thread: ReadThread | undefined;
  #id = 0;

  /** @param history what the stream keeps for recordings that begin in the past */
  constructor(media: MediaUrl, history: HistoryOptions, log: Logger) {
    this.#media = media;
    this.#history = history;
    this.#log = log;
  }

  /** The thread that records from now on. */
  set thread(thread: ReadThread) {
    this.#thread = thread;
    for (const [id, { request }] of this.#entries) thread.order({ type: "record", id, request });
  }

  /** @throws {TypeError} `preEvent` without a history */
  start(request: RecordRequest): Recording {
    assertKept(request, this.#history);
    const id = ++this.#id;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // A program that ignores `finished` finds the error in the log.
    promise.catch(() => {});
    const entry: Entry = {
      request,
      files: [],
      active: true,
      stats: NOTHING_RECORDED,
      finished: promise,
      stop: () => this.#stop(id),
      end: (error) => {
        entry.active = false;
        if (error) reject(error);
        else resolve();
      },
    };
    this.#entries.set(id, entry);
    this.#thread?.order({ type: "record", id, request });
    return new Recording(entry);
  }

  onFile(id: number, file: string): void {
    this.#entries.get(id)?.files.push(file);
  }

  onProgress(id: number, stats: RecordingStats): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    const { packets, mendedTimes, skipped } = entry.stats;
    entry.stats = stats;
    const about = `${this.#media.redacted}: recording ${entry.request.template}`;
    const mended = stats.mendedTimes - mendedTimes;
    if (mended > 0) this.#log.warn(`${about}: the times of ${packetsOf(mended)} made no sense`);
    const waits = stats.packets === packets && stats.skipped > skipped;
    if (waits) this.#log.info(`${about}: ${packetsOf(stats.skipped)} came before a keyframe did`);
  }

  onRecorded(id: number, error: StreamErrorFields | undefined): void {
    const failure = error && new StreamError(error);
    const entry = this.#entries.get(id);
    const about = `${this.#media.redacted}: recording`;
    if (failure) this.#log.error(`${about} ended: ${failure.message}`);
    else if (entry?.files.length === 0) {
      this.#log.warn(`${about} ${entry.request.template} ended without a file: no packet came`);
    }
    entry?.end(failure);
    this.#entries.delete(id);
  }

  /** The stream is over. */
  endAll(): void {
    for (const id of [...this.#entries.keys()]) this.onRecorded(id, undefined);
  }

  #stop(id: number): void {
    if (!this.#entries.has(id)) return;
    this.#thread?.order({ type: "stop-record", id });
    // A thread that is connecting takes no orders, and has nothing to complete.
    const connecting = this.#thread?.control.phase === Phase.opening;
    if (!this.#thread || connecting) this.onRecorded(id, undefined);
  }
}

function packetsOf(count: number): string {
  return count === 1 ? "1 packet" : `${count} packets`;
}
