/**
 * What of a URL is not shown.
 *
 * @module
 */

/** Stands for what is not shown. */
export const HIDDEN = "***";
/** Some cameras have their parameters in the path: `/user=admin_password=x_channel=1`. */
const PARAMETER = /([?&;/_][^=&;#/_]*(?:pass|pwd|token|key|secret|auth|sig)[^=&;#/_]*=)[^&;#/]*/gi;
/** User and password of a URL within the URL: `?src=rtsp://user:password@camera`. */
const INNER_USERINFO = /(\/\/)[^/?#&@]*:[^/?#&@]*(?=@)/g;
const ENCODED_INNER_USERINFO =
  /(%2f%2f)(?:(?!%2f|%40)[^/?#&@])*%3a(?:(?!%2f|%40)[^/?#&@])*(?=%40)/gi;
const SECRET_PARTS = [PARAMETER, INNER_USERINFO, ENCODED_INNER_USERINFO];
/** What a password could end at: host and port. */
const ADDRESS = /^(?:\[[0-9a-f:.]+\]|[\w-][\w.-]*)(?::\d{1,5})?(?=[/?#]|$)/i;
/** What is no user name: an IP address, a name with dots, this machine. */
const CERTAIN_HOST = /[.[]|^localhost(?::|$)/i;

/** A URL taken apart by RFC 3986. */
export interface UrlParts {
  /** As it was given; undefined when there is no `@` before the host. */
  readonly userinfo: string | undefined;
  readonly host: string;
  /** With its colon; empty when there is none. */
  readonly port: string;
  /** Path, query and fragment. */
  readonly tail: string;
}

/** The part of a URL that may be a secret, and what comes behind it. */
export interface Doubt {
  readonly secret: string;
  readonly rest: string;
}

/**
 * A legal URL is opened as it stands, but somebody who has not encoded a `/`, `?` or `#` of
 * a password may have meant another one: `rtsp://admin:12/3@camera.example` has the host
 * `admin`. What would be the password then, here `12/3`, is not to be shown.
 */
export function doubtIn({ host, port, tail }: UrlParts): Doubt | undefined {
  if (host === "" || CERTAIN_HOST.test(host)) return undefined;
  for (const { index } of [...tail.matchAll(/@/g)].reverse()) {
    const rest = tail.slice(index);
    const address = ADDRESS.exec(rest.slice(1))?.[0];
    if (address === undefined) continue;
    // One word at the end is a name of a stream as well: "/live/@main".
    const isHost = CERTAIN_HOST.test(address) || rest.length > 1 + address.length;
    if (isHost) return { secret: `${port.slice(1)}${tail.slice(0, index)}`, rest };
  }
  return undefined;
}

/** Path, query and fragment without what is secret in them. */
export function redactTail(tail: string): string {
  return SECRET_PARTS.reduce((text, part) => text.replace(part, `$1${HIDDEN}`), tail);
}

/** What is secret in path, query and fragment. */
export function secretsOfTail(tail: string): string[] {
  return SECRET_PARTS.flatMap((part) =>
    [...tail.matchAll(part)].map(([match, name]) => match.slice(name!.length))
  );
}
