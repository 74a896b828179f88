/**
 * What runtimes say of a background thread.
 *
 * @module
 */

/** A module that is a URL of its own text is in every message of it. */
const OWN_TEXT = /(?:file:\/\/\/)?data:text\/javascript[^\s'"`)]*/g;
/** Bun shows the lines around an error, which may be all of the module, and marks a place. */
const EXCERPT = /^ *\d+ \| .*\n?|^ *\^ *\n?/gm;

/** A message without the text of the module. */
export function withoutModuleText(message: string): string {
  return message.replace(EXCERPT, "").replace(OWN_TEXT, "its module").trim();
}
