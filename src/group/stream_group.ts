/**
 * Reads several cameras and delivers frames of the same moment.
 *
 * @module
 */

import type { Logger } from "../core/connection/logger.ts";
import { resolve } from "../core/options/fields.ts";
import {
  type ResolvedGroupOptions,
  resolveGroup,
  type StreamGroupOptions,
  usualBuffers,
  type WhenMissing,
} from "../core/options/group_options.ts";
import {
  FRAMES_FIELDS,
  type FramesOptions,
  NEXT_FIELDS,
  type NextOptions,
  READ_FIELDS,
  type ReadOptions,
} from "../core/options/read_options.ts";
import type { VideoStreamOptions } from "../core/options/stream_options.ts";
import { now } from "../core/timing/clock.ts";
import { unwatchForgotten, watchForgotten } from "../lifecycle/forgotten.ts";
import { loggerOf } from "../lifecycle/safe_logger.ts";
import { partsOf, VideoStream } from "../stream/video_stream.ts";
import type { FrameSet } from "./frame_set.ts";
import { GroupHint } from "./group_hint.ts";
import { GroupLifecycle } from "./group_lifecycle.ts";
import { GroupMember } from "./group_member.ts";
import { GroupCounts, type GroupStats } from "./group_stats.ts";
import { SetReader } from "./set_reader.ts";

/** Which group has made a stream. */
const GROUPS = new WeakMap<VideoStream, object>();

/** A camera by its URL, with options. */
export interface StreamSourceOptions extends VideoStreamOptions {
  /** The same as the first argument of `VideoStream`. */
  readonly url: string;
}

/** A camera of a group: its URL, its URL with options, or a stream. */
export type StreamSource = string | StreamSourceOptions | VideoStream;

/**
 * Reads several cameras, each in its own background thread, and delivers sets of frames
 * that belong together.
 *
 * ```ts
 * await using rig = new StreamGroup({ left: leftUrl, right: rightUrl }, { sync: "capture" });
 * for await (const set of rig) {
 *   console.log(set.frames.left.index, set.frames.right.index, set.skew);
 * }
 * ```
 *
 * Frames wait for those of the other cameras in the frame buffers of their streams, so
 * `sync: "arrival"` and `"capture"` need more buffers. A stream that the group creates
 * from a URL has enough for `maxWait` at 30 frames per second, unless its own option
 * `buffers` is set. A VideoStream that you pass in should have `maxWait` x frame rate /
 * 1000 + 4 buffers.
 */
export class StreamGroup<Name extends string = string, M extends WhenMissing = "wait">
  implements AsyncDisposable, AsyncIterable<FrameSet<Name, M>> {
  readonly #options: ResolvedGroupOptions;
  readonly #life: GroupLifecycle<Name>;
  readonly #streams = new Map<Name, VideoStream>();
  readonly #readers = new Set<SetReader<Name, M>>();
  readonly #counts = new GroupCounts();
  readonly #log: Logger;
  /** The place of `read()` and `next()`, which are one reader. */
  #own: SetReader<Name, M> | undefined;

  /**
   * Checks its arguments; does not open anything yet.
   *
   * @param members Cameras by name; names of cameras that are added later must be in the
   * type: `new StreamGroup<"left" | "right">({ left })`. From now on the group starts and
   * stops the streams that you pass in.
   * @throws {TypeError} A malformed URL, an unknown option, a value of the wrong type
   * @throws {RangeError} A value out of range
   * @throws {StreamError} `LIBAV_UNSUPPORTED`: this runtime is too old
   */
  constructor(
    members: Readonly<Partial<Record<Name, StreamSource>>>,
    options?: StreamGroupOptions<M>,
  ) {
    this.#options = resolveGroup(options);
    this.#log = loggerOf(this.#options.logger);
    this.#life = new GroupLifecycle(this.#options, this.#log);
    if (typeof members !== "object" || members === null || Array.isArray(members)) {
      throw new TypeError("members must be an object of names and cameras");
    }
    for (const name of Object.keys(members) as Name[]) {
      this.add(name, members[name] as StreamSource);
    }
    watchForgotten(this, this.#life);
  }

  /** The streams by name: for their states, numbers and snapshots. */
  get streams(): Readonly<Record<Name, VideoStream>> {
    return Object.fromEntries(this.#streams) as Record<Name, VideoStream>;
  }

  /**
   * Begins to connect all cameras in the background and returns at once; a second
   * call does nothing.
   *
   * @throws {StreamError} `CLOSED` after `stop()`
   */
  start(): this {
    if (this.#life.stopped) throw this.#life.error("CLOSED", "it was stopped; make a new one");
    this.#life.start();
    return this;
  }

  /**
   * Adds a camera. If the group was started, the camera is started too.
   *
   * @returns its stream
   * @throws {TypeError} There is a camera of that name, or that stream is in the group
   * @throws {StreamError} `CLOSED` after `stop()`
   */
  add(name: Name, source: StreamSource): VideoStream {
    if (this.#life.stopped) throw this.#life.error("CLOSED", "it was stopped; make a new one");
    if (this.#streams.has(name)) {
      throw new TypeError(
        `Cannot add ${JSON.stringify(name)}: the group has a camera of that name`,
      );
    }
    const given = source instanceof VideoStream;
    const stream = given ? source : this.#streamOf(name, source);
    if ([...this.#streams.values()].includes(stream)) {
      throw new TypeError(`Cannot add ${JSON.stringify(name)}: its stream is in the group already`);
    }
    this.#streams.set(name, stream);
    this.#life.add(name, new GroupMember(name, partsOf(stream), !given, this.#options));
    return stream;
  }

  /**
   * Removes a camera. Its frames become invalid. A stream that the group created is
   * stopped, and the promise waits for that; a `VideoStream` that you passed in keeps
   * running.
   *
   * @throws {TypeError} There is no camera of that name
   */
  async remove(name: Name): Promise<void> {
    const member = this.#life.members.get(name);
    if (!member) {
      throw new TypeError(
        `Cannot remove ${JSON.stringify(name)}: the group has no camera of that name`,
      );
    }
    this.#streams.delete(name);
    for (const reader of this.#readers) reader.forget(member);
    this.#life.remove(name, member);
    if (member.owned) await member.stop();
  }

  /**
   * Returns the newest set without waiting, or the same one again when there is no newer
   * one.
   *
   * @returns null before the first set, after `stop()`, and when a frame of the
   * newest set is older than `maxAge`
   * @throws {RangeError} More readers than the streams' `buffers` allow
   */
  read(options?: ReadOptions): FrameSet<Name, M> | null {
    const { maxAge } = resolve("read", options, READ_FIELDS);
    if (this.#life.stopped) return null;
    const reader = this.#own ??= this.#open();
    for (const member of this.#life.members.values()) member.noteLook();
    const taken = reader.take(false);
    const set = "until" in taken ? reader.current : taken;
    return set === undefined || set.age > maxAge ? null : set;
  }

  /**
   * Resolves to the next set that `read()` or `next()` has not returned before. Starts
   * the group if it was not started.
   *
   * @throws {StreamError} A camera that sets need has failed, all have ended, or the
   * group was stopped; `WAIT_TIMEOUT` when no set came within `timeout`
   * @throws {RangeError} More readers than the streams' `buffers` allow
   */
  async next(options?: NextOptions): Promise<FrameSet<Name, M>> {
    const { timeout, signal } = resolve("next", options, NEXT_FIELDS);
    signal?.throwIfAborted();
    this.#life.start();
    const set = await this.#nextOf(this.#own ??= this.#open(), now() + timeout, signal);
    if (set) return set;
    signal?.throwIfAborted();
    if (this.#life.stopped) throw this.#life.error("CLOSED", "it was stopped");
    if (this.#life.over) throw this.#life.failure ?? this.#life.error("END_OF_STREAM");
    throw this.#life.error("WAIT_TIMEOUT", `no set within ${timeout} ms`);
  }

  /** Same as {@linkcode sets} without options. */
  [Symbol.asyncIterator](): AsyncIterableIterator<FrameSet<Name, M>> {
    return this.sets();
  }

  /**
   * Iterates over sets that this loop has not seen, always the newest one: a slow loop
   * skips sets. The loop ends after `stop()`, and when no more sets can come because
   * cameras have ended; the other streams that the group created are stopped with the
   * last such loop. Starts the group if it was not started.
   *
   * @throws {StreamError} A camera without which no more sets come has failed: any camera, or
   * the last one with `whenMissing: "omit"`
   * @throws {RangeError} More readers than the streams' `buffers` allow
   */
  async *sets(options?: FramesOptions): AsyncIterableIterator<FrameSet<Name, M>> {
    const { signal } = resolve("sets", options, FRAMES_FIELDS);
    this.#life.start();
    const reader = this.#open();
    try {
      for (;;) {
        const set = await this.#nextOf(reader, Infinity, signal);
        if (!set) break;
        yield set;
      }
      const failure = this.#life.stopped || signal?.aborted ? undefined : this.#life.failure;
      if (failure) throw failure;
    } finally {
      this.#close(reader);
    }
  }

  /** Numbers since `start()`. */
  stats(): GroupStats<Name> {
    return this.#counts.stats(this.#life.members.keys());
  }

  /**
   * Ends all streams of the group. Resolves when their threads have ended, at the latest
   * after the longest `closeTimeout`. Frames become invalid. It can be called again. A
   * group that the program drops without calling it, together with all its streams, is
   * stopped when it is collected as garbage, and a warning is logged.
   */
  stop(): Promise<void> {
    return this.#life.stop();
  }

  /** Same as {@linkcode stop}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #streamOf(name: Name, source: string | StreamSourceOptions): VideoStream {
    if (typeof source !== "string" && typeof source?.url !== "string") {
      throw new TypeError(
        `the camera ${JSON.stringify(name)} must be a URL, an object with a url, or a VideoStream`,
      );
    }
    const { url, ...options } = typeof source === "string" ? { url: source } : source;
    const { logger } = this.#options;
    const buffers = usualBuffers(this.#options);
    const stream = new VideoStream(url, { name, logger, buffers, ...options });
    // As long as the program has one of its streams, the group is not forgotten.
    GROUPS.set(stream, this);
    unwatchForgotten(stream);
    return stream;
  }

  #open(): SetReader<Name, M> {
    const reader = new SetReader<Name, M>({
      members: this.#life.members,
      options: this.#options,
      counts: this.#counts,
    });
    this.#readers.add(reader);
    return reader;
  }

  #close(reader: SetReader<Name, M>): void {
    this.#readers.delete(reader);
    reader.close();
    if (this.#readers.size === 0) this.#life.endWithSets();
  }

  /** Undefined when the time is over, the signal is aborted or no set will come. */
  async #nextOf(
    reader: SetReader<Name, M>,
    deadline: number,
    signal: AbortSignal | undefined,
  ): Promise<FrameSet<Name, M> | undefined> {
    const wake = () => this.#life.news.signal();
    const asked = new Set<GroupMember>();
    const hint = new GroupHint();
    const since = now();
    signal?.addEventListener("abort", wake);
    try {
      for (;;) {
        const { count } = this.#life.news;
        if (this.#life.stopped || signal?.aborted) return undefined;
        for (const member of this.#life.members.values()) {
          if (!asked.has(member)) member.beginWait();
          asked.add(member);
        }
        // Who waits no longer takes what there is.
        const last = this.#life.over || deadline <= now();
        const taken = reader.take(!last, since);
        if (!("until" in taken)) return taken;
        if (last) return undefined;
        const said = hint.look(this.#life.members.values(), now());
        if (said) this.#log.warn(`${this.#life.url}: ${said}`);
        await this.#life.news.wait(count, Math.min(deadline, taken.until) - now());
      }
    } finally {
      for (const member of asked) member.endWait();
      signal?.removeEventListener("abort", wake);
    }
  }
}
