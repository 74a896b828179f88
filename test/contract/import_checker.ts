/** Reads TypeScript well enough to check the rules of `import_rules.ts`. */

import { posix } from "node:path";
import {
  MAIN_THREAD_ROOTS,
  ROOMS,
  SINGLE_PACKAGES,
  WORD_RULES,
  WORKER_ONLY,
} from "./import_rules.ts";

/** Paths from the project's root, and their contents. */
export type Files = ReadonlyMap<string, string>;

/**
 * The source without its comments. Strings stay: a scanner that knows only
 * strings, templates and comments is enough, because a `//` in a regular
 * expression has to be escaped.
 */
export function withoutComments(source: string): string {
  const token =
    /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[^]|[^`\\])*`|\/\*[^]*?\*\/|\/\/[^\n]*/g;
  return source.replace(token, (found) => found.startsWith("/") ? " " : found);
}

const SPECIFIERS: readonly RegExp[] = [
  /\b(?:import|export)\b(?:\s+type\b)?[\s\w*{},$]*?\bfrom\s*["']([^"']+)["']/g,
  /\bimport\s*["']([^"']+)["']/g,
  /\bimport\(\s*["']([^"']+)["']/g,
];

/** What a source imports or re-exports, statically, as a type or dynamically. */
export function specifiersOf(source: string): string[] {
  const code = withoutComments(source);
  return SPECIFIERS.flatMap((pattern) => Array.from(code.matchAll(pattern), ([, name]) => name!));
}

function isRelative(specifier: string): boolean {
  return /^(\.{0,2}\/|file:)/.test(specifier);
}

function resolve(file: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(file), specifier));
}

function fits(patterns: readonly RegExp[], text: string): boolean {
  return patterns.some((pattern) => pattern.test(text));
}

function importBreaches(file: string, source: string): string[] {
  const room = ROOMS.find(({ files }) => files.test(file));
  if (!room) return [`${file} is in no room`];
  return specifiersOf(source).flatMap((specifier) => {
    const allowed = isRelative(specifier)
      ? fits([room.files, ...room.imports], resolve(file, specifier))
      : fits(room.packages, specifier);
    return allowed ? [] : [`${file} (${room.name}) imports ${specifier}`];
  });
}

function wordBreaches(file: string, source: string): string[] {
  const code = withoutComments(source);
  return WORD_RULES.filter(({ allowed }) => !fits(allowed, file)).flatMap(({ name, words }) =>
    words.flatMap((word) => {
      const found = code.match(word)?.[0];
      return found === undefined ? [] : [`${file} says ${found.trim()}: ${name}`];
    })
  );
}

function packageBreaches(files: Files): string[] {
  return SINGLE_PACKAGES.flatMap((name) => {
    const users = [...files].filter(([file, source]) =>
      file.startsWith("src/") && specifiersOf(source).some((specifier) => name.test(specifier))
    ).map(([file]) => file);
    return users.length > 1 ? [`${users.sort().join(", ")} all import ${name.source}`] : [];
  });
}

/** The ways of imports from the public files to one that only a worker may load. */
function threadBreaches(files: Files): string[] {
  const ways = new Map<string, string>();
  const visit = (file: string, way: string) => {
    if (ways.has(file)) return;
    ways.set(file, way);
    // One step over the border is enough to say.
    if (WORKER_ONLY.test(file)) return;
    for (const specifier of specifiersOf(files.get(file) ?? "")) {
      if (!isRelative(specifier)) continue;
      const target = resolve(file, specifier);
      visit(target, `${way} -> ${target}`);
    }
  };
  for (const file of files.keys()) if (fits(MAIN_THREAD_ROOTS, file)) visit(file, file);
  return [...ways].filter(([file]) => WORKER_ONLY.test(file)).map(([, way]) =>
    `the main thread loads a worker's file: ${way}`
  );
}

/** Every breach of the rules in these files, one sentence each. */
export function breachesOf(files: Files): string[] {
  const own = [...files].flatMap(([file, source]) => [
    ...importBreaches(file, source),
    ...wordBreaches(file, source),
  ]);
  return [...own, ...packageBreaches(files), ...threadBreaches(files)];
}
