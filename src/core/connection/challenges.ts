/**
 * How a server wants to be told the password (RFC 7616, RFC 7617).
 *
 * @module
 */

/** `Basic`, or `Digest` with the name of its hash, as in `Digest with SHA-256`. */
export function challengesOf(head: string): string[] {
  const lines = [...head.matchAll(/^www-authenticate:[ \t]*(.*)$/gim)];
  return lines.flatMap(([, line]) => {
    // One line may have several: each begins with a word that no "=" follows.
    const challenges = line!.split(/,(?=\s*[a-z-]+\s+[a-z-]+\s*=)/i);
    return challenges.map((challenge) => {
      const scheme = /^\s*([a-z-]+)/i.exec(challenge)?.[1] ?? "";
      if (!/^digest$/i.test(scheme)) return scheme;
      const hash = /\balgorithm\s*=\s*"?([\w-]+)/i.exec(challenge)?.[1] ?? "MD5";
      return `Digest with ${hash.toUpperCase()}`;
    });
  });
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
