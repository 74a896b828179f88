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

/** How the runtimes begin when a module is not there, or has not what another one imports. */
const MISSING =
  /^(?:Uncaught )?(?:\w+: )?(?:Cannot find (?:module|package) |Module not found |ModuleNotFound |Import "[^"]*" not a dependency|Export named '[^']*' not found |The requested module .* does not provide an export )/;

/** Whether a thread ended because its module, or one that this imports, is not there. */
export function isMissingModule(message: string): boolean {
  return MISSING.test(message);
}
