/**
 * A short name for a module that is a URL of its own text. Runtimes parse and copy a URL
 * again and again when a thread begins: for one of 300 kB, Deno takes several times as long
 * as for the thread itself.
 *
 * @module
 */

const TEXT_URL = "data:text/javascript;charset=utf-8,";

const names = new WeakMap<URL, string>();

/** A `blob:` URL of that text, the same for each call; any other module as it is. */
export function shortName(module: URL): URL | string {
  if (!module.href.startsWith(TEXT_URL)) return module;
  const known = names.get(module);
  if (known !== undefined) return known;
  const text = decodeURIComponent(module.href.slice(TEXT_URL.length));
  const name = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  names.set(module, name);
  return name;
}
