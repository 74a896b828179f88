/**
 * An AVDictionary of options.
 *
 * @module
 */

import { cString, type Libav, type NativeBuffer, PointerCell } from "../../ffi/mod.ts";
import { closest } from "../core/options/closest.ts";
import { SessionError } from "./check.ts";

const AV_DICT_IGNORE_SUFFIX = 2;

/** Options on their way into a libav call, which takes out those it understands. Owned: free it. */
export class Dictionary implements Disposable {
  readonly #libav: Libav;
  readonly #cell: PointerCell;

  constructor(libav: Libav, entries: Readonly<Record<string, string>> = {}) {
    this.#libav = libav;
    this.#cell = new PointerCell(libav.backend);
    for (const [key, value] of Object.entries(entries)) this.set(key, value);
  }

  /** The `AVDictionary **` that calls take. */
  get reference(): NativeBuffer {
    return this.#cell.buffer;
  }

  set(key: string, value: string): void {
    this.#libav.symbols.av_dict_set(this.#cell.buffer, cString(key), cString(value), 0);
  }

  /** The keys that are left: nobody has understood them. */
  keys(): string[] {
    const { symbols, memory, layout } = this.#libav;
    const keys: string[] = [];
    const every = cString("");
    let entry = symbols.av_dict_get(this.#cell.value, every, null, AV_DICT_IGNORE_SUFFIX);
    while (entry !== null) {
      const key = memory.readPointer(entry, layout.AVDictionaryEntry.key);
      keys.push(memory.readString(key) ?? "");
      entry = symbols.av_dict_get(this.#cell.value, every, entry, AV_DICT_IGNORE_SUFFIX);
    }
    return keys;
  }

  /**
   * After a call: nothing of the user's may be left.
   *
   * @param who ends in what comes before the option's name: `"no muxer knows"`
   * @param known what would have been understood
   * @throws {SessionError} `OPTION_UNKNOWN`, with the closest of the known names
   */
  assertUnderstood(
    required: Readonly<Record<string, string>>,
    who: string,
    known: () => readonly string[],
  ): void {
    const unknown = this.keys().filter((key) => Object.hasOwn(required, key));
    if (unknown.length === 0) return;
    const names = known();
    const meant = unknown.map((name) => closest(name, names));
    const list = unknown.map((name, i) => {
      if (meant[i] === undefined) return name;
      const hint = `did you mean ${meant[i]}?`;
      return unknown.length === 1 ? `${name}; ${hint}` : `${name} (${hint})`;
    });
    throw new SessionError("open", "OPTION_UNKNOWN", `${who} the option ${list.join(", ")}`);
  }

  [Symbol.dispose](): void {
    this.#libav.symbols.av_dict_free(this.#cell.buffer);
  }
}
