/**
 * How a server wants to be told the password (RFC 7616, RFC 7617).
 *
 * @module
 */

/** One way that a server offers. */
export interface Challenge {
  /** As it stands there: `Digest`. */
  readonly scheme: string;
  /** Names in small letters, values without their quotes. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** A quoted text, or what comes before a comma or a space (RFC 7235, section 2.1). */
const VALUE = /"([^"\\]*(?:\\.[^"\\]*)*)"?|([^\s,]*)/sy;
const WORD = /([^\s,="]+)\s*(=?)\s*/y;
const GAP = /[\s,="]*/y;

/** @param value of one `WWW-Authenticate`, which may have several */
export function parseChallenges(value: string): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  for (let at = 0;;) {
    GAP.lastIndex = at;
    WORD.lastIndex = at + GAP.exec(value)![0].length;
    const [, word, equals] = WORD.exec(value) ?? [];
    if (word === undefined) return challenges;
    at = WORD.lastIndex;
    // A word that no "=" follows begins a challenge.
    if (equals === "") {
      challenges.push({ scheme: word, parameters: new Map() });
      continue;
    }
    VALUE.lastIndex = at;
    const [text, quoted, bare = ""] = VALUE.exec(value)!;
    at += text.length;
    const parameters = challenges.at(-1)?.parameters;
    const name = word.toLowerCase();
    if (!parameters?.has(name)) parameters?.set(name, quoted?.replace(/\\(.)/gs, "$1") ?? bare);
  }
}

/** `Basic`, or `Digest` with the name of its hash, as in `Digest with SHA-256`. */
export function describeChallenge({ scheme, parameters }: Challenge): string {
  if (!/^digest$/i.test(scheme)) return scheme;
  return `Digest with ${(parameters.get("algorithm") ?? "MD5").toUpperCase()}`;
}

/** The ways that the head of an answer offers, each described. */
export function challengesOf(head: string): string[] {
  const lines = [...head.matchAll(/^www-authenticate:[ \t]*(.*)$/gim)];
  return lines.flatMap(([, line]) => parseChallenges(line!)).map(describeChallenge);
}

const KNOWN: ReadonlySet<string> = new Set(["basic", "digest with md5"]);

/** Why no password would be accepted: none of the ways is one of FFmpeg's; else undefined. */
export function unsupportedChallenges(head: string): string | undefined {
  const offered = [...new Set(challengesOf(head))];
  if (offered.length === 0 || offered.some((one) => KNOWN.has(one.toLowerCase()))) {
    return undefined;
  }
  return `the server takes a password only by ${offered.join(", ")}, which FFmpeg does not know; ` +
    `allow Digest with MD5, or Basic, on the camera`;
}
