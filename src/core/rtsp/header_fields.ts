/**
 * The header fields of a message (RFC 2326, section 12; RFC 2616, section 4.2).
 *
 * @module
 */

/** Names are alike in capitals and small letters, and a field may stand there several times. */
export class HeaderFields {
  readonly #values = new Map<string, string[]>();

  /** @param text lines of `name: value`; one that begins with a space continues the one before */
  constructor(text = "") {
    for (const line of text.replace(/\r?\n[ \t]+/g, " ").split(/\r?\n/)) {
      const colon = line.indexOf(":");
      // A line that is no field is skipped.
      if (colon > 0) this.#add(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1));
    }
  }

  /** The value of the field that stands first. */
  first(name: string): string | undefined {
    return this.all(name)[0];
  }

  /** The values of all fields of that name, in their order. */
  all(name: string): readonly string[] {
    return this.#values.get(name.toLowerCase()) ?? [];
  }

  /** The words of a list that commas divide, in capitals: `Public`. */
  words(name: string): string[] {
    return this.all(name).flatMap((value) => value.split(","))
      .map((word) => word.trim().toUpperCase()).filter((word) => word !== "");
  }

  #add(name: string, value: string): void {
    const known = this.#values.get(name);
    if (known) known.push(value.trim());
    else this.#values.set(name, [value.trim()]);
  }
}
