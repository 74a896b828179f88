/**
 * Who reads the frames of a stream, and what each of them still wants.
 *
 * @module
 */

import type { Frame } from "../core/frame/frame.ts";
import type { Generation, HeldSlot } from "./held_slot.ts";

/** One reader with a place of its own. It holds one frame at a time. */
export interface Consumer {
  /** The index of the last frame it was given. */
  seen: number;
  /** Whether a file goes on without it while there are others. */
  readonly yielding: boolean;
  /** Whether it chooses among the frames that it has not seen, for which older ones are kept. */
  readonly choosing: boolean;
  hold?: HeldSlot | undefined;
  frame?: Frame | undefined;
}

/** What kind of consumer is added. */
export type ConsumerKind = Partial<Pick<Consumer, "yielding" | "choosing">>;

/** All consumers of one stream. */
export class Consumers {
  readonly #all = new Set<Consumer>();
  readonly #slots: number;

  constructor(slots: number) {
    this.#slots = slots;
  }

  /** @throws {RangeError} Every consumer holds a frame, and one slot must be left to write in. */
  add({ yielding = false, choosing = false }: ConsumerKind): Consumer {
    if (this.#all.size + 1 >= this.#slots) {
      throw new RangeError(
        `Cannot add another loop or reader: ${this.#slots} frame buffers serve at most ` +
          `${this.#slots - 1} of them at once; raise the option "buffers"`,
      );
    }
    const consumer = { seen: -1, yielding, choosing };
    this.#all.add(consumer);
    return consumer;
  }

  remove(consumer: Consumer): void {
    this.#all.delete(consumer);
    this.giveBack(consumer);
  }

  /** Its frame becomes invalid; the slot is free when nobody else holds it. */
  giveBack(consumer: Consumer): void {
    consumer.frame?.[Symbol.dispose]();
    consumer.frame = undefined;
    if (consumer.hold) consumer.hold.holders--;
    consumer.hold = undefined;
  }

  giveAllBack(): void {
    for (const consumer of this.#all) this.giveBack(consumer);
  }

  get size(): number {
    return this.#all.size;
  }

  /** What they hold. */
  get holds(): HeldSlot[] {
    return [...this.#all].flatMap(({ hold }) => hold ?? []);
  }

  /** Whether there is one that a file waits for: one that does not choose. */
  get pacing(): boolean {
    return this.#paced.length > 0;
  }

  /** The least index that a choosing consumer may want; Infinity when there is none. */
  get firstUnchosen(): number {
    const choosing = [...this.#all].filter((consumer) => consumer.choosing);
    return Math.min(...choosing.map(({ seen }) => seen + 1));
  }

  /** Whether a file must not go on without somebody having seen this frame. */
  want({ meta, taken, generation }: HeldSlot, current: Generation | undefined): boolean {
    const consumers = this.#paced;
    if (consumers.length === 0) {
      // What can be put back waits in its slot for those who choose.
      return this.#all.size === 0
        ? !taken
        : generation !== current && meta.index >= this.firstUnchosen;
    }
    const strict = consumers.filter((consumer) => !consumer.yielding);
    const waitedFor = strict.length > 0 ? strict : consumers;
    return waitedFor.some((consumer) => consumer.seen < meta.index);
  }

  get #paced(): Consumer[] {
    return [...this.#all].filter(({ choosing }) => !choosing);
  }
}
