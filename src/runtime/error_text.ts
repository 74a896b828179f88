/**
 * What runtimes say of a background thread.
 *
 * @module
 */

/** A module that is a URL of its own text is in every message of it. */
const OWN_TEXT = /data:text\/javascript[^\s'"`)]*/g;

/** A message without the text of the module. */
export function withoutModuleText(message: string): string {
  return message.replace(OWN_TEXT, "its module");
}
