/**
 * The life of a group: its members, from the start of their streams to their end.
 *
 * @module
 */

import { StreamError, type StreamErrorCode } from "../core/connection/errors.ts";
import type { Logger } from "../core/connection/logger.ts";
import type { ResolvedGroupOptions } from "../core/options/group_options.ts";
import { LocalEventCount } from "../core/timing/local_event_count.ts";
import type { Forgettable } from "../lifecycle/forgotten.ts";
import type { GroupMember } from "./group_member.ts";

/**
 * Goes on behind the group that the program has, and does not refer to it or its
 * streams: threads and signals keep this alive, not them.
 */
export class GroupLifecycle<Name extends string> implements Forgettable {
  readonly members = new Map<Name, GroupMember>();
  /** A stream has a frame, or its state has changed, or the members have. */
  readonly news = new LocalEventCount();
  readonly #options: ResolvedGroupOptions;
  readonly #log: Logger;
  #started = false;
  #stopping: Promise<void> | undefined;

  constructor(options: ResolvedGroupOptions, log: Logger) {
    this.#options = options;
    this.#log = log;
  }

  get stopped(): boolean {
    return this.#stopping !== undefined;
  }

  /** Whether no more sets will come than there are. */
  get over(): boolean {
    const members = [...this.members.values()];
    if (this.#options.whenMissing === "wait") return members.some(({ over }) => over);
    return members.length > 0 && members.every(({ over }) => over);
  }

  get failure(): StreamError | undefined {
    for (const { failure } of this.members.values()) if (failure) return failure;
    return undefined;
  }

  get url(): string {
    return Array.from(this.members.values(), ({ url }) => url).join(", ");
  }

  error(code: StreamErrorCode, reason?: string): StreamError {
    return new StreamError({ code, operation: "read", url: this.url, reason });
  }

  start(): void {
    if (this.#started || this.stopped) return;
    this.#started = true;
    const { signal } = this.#options;
    if (signal?.aborted) return this.#onAbort();
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    for (const member of this.members.values()) this.#run(member);
  }

  add(name: Name, member: GroupMember): void {
    this.members.set(name, member);
    if (this.#started) this.#run(member);
    // It may be over, and never have news.
    this.news.signal();
  }

  remove(name: Name, member: GroupMember): void {
    this.members.delete(name);
    member.leave();
    this.news.signal();
  }

  /** A file that has frames left when its partner has ended waits for readers that never come. */
  endWithSets(): void {
    if (!this.over || this.failure) return;
    for (const member of this.members.values()) {
      if (member.owned && !member.over) void member.stop();
    }
  }

  stop(): Promise<void> {
    return this.#stopping ??= this.#stop();
  }

  forget(): void {
    const members = [...this.members.values()];
    if (!this.#started || this.stopped) return;
    if (members.some(({ over, owned }) => owned && !over)) {
      this.#log.warn(`${this.url}: the group was dropped without stop(), which is done now`);
    }
    this.#ignoreSignal();
    // A stream that was given may be in use.
    for (const member of members) {
      member.leave();
      if (member.owned) void member.stop();
    }
  }

  async #stop(): Promise<void> {
    this.#ignoreSignal();
    const stopped = Array.from(this.members.values(), (member) => member.stop());
    this.news.signal();
    await Promise.all(stopped);
  }

  readonly #onAbort = (): void => void this.stop();

  #ignoreSignal(): void {
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
  }

  #run(member: GroupMember): void {
    member.start();
    void member.watch(() => this.news.signal());
  }
}
