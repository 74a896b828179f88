/**
 * Streams, writers and groups that the program has dropped without ending them.
 *
 * @module
 */

const registry = new FinalizationRegistry<Forgettable>((running) => running.forget());

/** What goes on behind an object of the program's. It must not refer to that object. */
export interface Forgettable {
  /** Nobody has the object any more: reports and ends what still goes on. */
  forget(): void;
}

/** Calls `forget()` when the program has dropped `owner`. */
export function watchForgotten(owner: object, running: Forgettable): void {
  registry.register(owner, running, owner);
}

/** Something else looks after `owner`. */
export function unwatchForgotten(owner: object): void {
  registry.unregister(owner);
}

const inUse = new Set<{ readonly owner: object }>();

/** `owner` is not forgotten while something goes on that the program has asked it for. */
export async function keepWhile<T>(owner: object, work: Promise<T>): Promise<T> {
  const use = { owner };
  inUse.add(use);
  try {
    return await work;
  } finally {
    inUse.delete(use);
  }
}
