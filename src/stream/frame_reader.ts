/**
 * Delivers the frames of a stream to its readers, which may wait for the next one.
 *
 * @module
 */

import type { Frame } from "../core/frame/frame.ts";
import { now } from "../core/timing/clock.ts";
import { Demand, freshness } from "../core/timing/demand.ts";
import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import type { Consumer } from "./consumers.ts";
import type { FrameSource, HandOver } from "./frame_source.ts";
import type { ReadConnector } from "./read_connector.ts";

/** Lives as long as its stream. */
export class FrameReader {
  readonly #source: FrameSource;
  readonly #connector: ReadConnector;
  readonly #life: Lifecycle;
  /** Who waits for pictures or looks at them; undefined where all are converted. */
  readonly demand: Demand | undefined;
  /** The place of `read()` and `next()`, which are one consumer. */
  #own: Consumer | undefined;

  /** @param onDemand pictures are converted only when they are wanted */
  constructor(
    source: FrameSource,
    connector: ReadConnector,
    life: Lifecycle,
    onDemand: boolean,
  ) {
    this.#source = source;
    this.#connector = connector;
    this.#life = life;
    if (onDemand) {
      this.demand = new Demand((from, until) => {
        connector.control.set("wantedFrom", from);
        connector.control.set("wantedUntil", until);
      });
    }
  }

  get handOver(): HandOver {
    return this.#source.handOver;
  }

  /** Milliseconds from one frame to the next; NaN or 0 before it is known. */
  get frameInterval(): number {
    return this.#connector.control.get("frameInterval");
  }

  /** A new place to read from; give it back with `close`. */
  open(): Consumer {
    return this.#source.addConsumer();
  }

  close(consumer: Consumer): void {
    this.#source.removeConsumer(consumer);
  }

  /** The newest frame for `read()`, the same again when there is no newer one. */
  newest(): Frame | undefined {
    this.demand?.read(now(), this.frameInterval);
    const own = this.#consumer();
    return this.#source.take(own) ?? this.#source.current(own);
  }

  /** The next frame for `next()`; see `nextFor`. */
  next(deadline: number, signal: AbortSignal | undefined): Promise<Frame | undefined> {
    return this.nextFor(this.#consumer(), deadline, signal);
  }

  /** Undefined when the time is over, the signal is aborted or no frame will come. */
  async nextFor(
    consumer: Consumer,
    deadline: number,
    signal: AbortSignal | undefined,
  ): Promise<Frame | undefined> {
    const wake = () => this.#connector.wake();
    signal?.addEventListener("abort", wake);
    // What was converted for somebody else may be old.
    const since = this.demand ? now() - freshness(this.frameInterval) : -Infinity;
    this.demand?.beginWait();
    try {
      for (;;) {
        const { control } = this.#connector;
        const seen = control.wake.count;
        if (this.#life.stopped || signal?.aborted) return undefined;
        // What a stream has left when it is over is still handed out.
        const { over } = this.#life;
        const frame = this.#source.take(consumer, over ? -Infinity : since);
        if (frame) return frame;
        const rest = deadline - now();
        if (over || rest <= 0) return undefined;
        await control.wake.wait(seen, rest);
      }
    } finally {
      this.demand?.endWait();
      signal?.removeEventListener("abort", wake);
    }
  }

  #consumer(): Consumer {
    // One look at a file before a loop over it must not hold the loop up.
    return this.#own ??= this.#source.addConsumer({ yielding: true });
  }
}
