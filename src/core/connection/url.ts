/**
 * Stream URLs: checked, credentials encoded, secrets kept out of all output.
 *
 * @module
 */

import {
  type Doubt,
  doubtIn,
  HIDDEN,
  redactTail,
  secretsOfTail,
  type UrlParts,
} from "./redaction.ts";
import { type Scheme, SCHEME_NAMES, schemeOf } from "./schemes.ts";

/** Unicode's controls: those of ASCII, DEL and those of Latin-1. */
export const CONTROL_CHARACTER = /\p{Cc}/u;
/** A URL behind a path, or one without its scheme or its colon. */
const UNKNOWN_URL = new RegExp(`(^|[a-z]:|^(${SCHEME_NAMES.join("|")}))//[^/]*@`, "i");
/** An address with its port, and perhaps a path: its scheme was forgotten. */
const BARE_ADDRESS = /^(\[[0-9a-f:.]+\]|[\w.-]{2,}):\d{2,5}(?=[/?]|$)/i;
const MAX_LENGTH = 2048;
/** libavformat keeps `user:password` in 128 bytes and cuts the rest off without a word. */
const MAX_USERINFO = 127;

/** User name and password as the program has them, not encoded. */
export interface Credentials {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** A checked URL. */
export interface MediaUrl {
  readonly scheme: string;
  readonly rules: Scheme;
  /** What libav is given; has the credentials. */
  readonly withCredentials: string;
  /** Whether it has a user name or password. */
  readonly hasCredentials: boolean;
  /** What people are shown. */
  readonly redacted: string;
  /** To be looked up before libav does, which cannot be interrupted there. */
  readonly host?: string | undefined;
  /** The path of a local file. */
  readonly path?: string | undefined;
  /** Whether a password that was not encoded may stand in its path: see `doubtIn`. */
  readonly doubtful: boolean;
  /** Texts that must not appear in any output. */
  readonly secrets: readonly string[];
}

/**
 * Reads a URL or file path.
 *
 * @throws {TypeError} Not a URL that can be opened; the message never repeats
 * what may be a password.
 */
export function parseMediaUrl(url: string, credentials: Credentials = {}): MediaUrl {
  if (typeof url !== "string") throw new TypeError(`url must be a string, got ${typeof url}`);
  if (url.trim() === "") throw new TypeError("url must not be empty");
  if (url.length > MAX_LENGTH) {
    throw new TypeError(`url must have at most ${MAX_LENGTH} characters, got ${url.length}`);
  }
  if (url !== url.trim()) throw new TypeError("url must not begin or end with white space");
  assertNoControls(url);

  // One letter before the colon is a Windows drive.
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(url)?.[1]?.toLowerCase();
  const rules = scheme === undefined ? undefined : schemeOf(scheme);
  if (rules === undefined && BARE_ADDRESS.test(url)) {
    throw new TypeError(
      `url has no scheme: rtsp://HOST:PORT/… or another one is expected (a file of that name needs ` +
        `"./" before it)`,
    );
  }
  if (scheme === undefined) {
    const file = fileUrl(url, url);
    if (url.includes("://")) {
      throw new TypeError("url must begin with its scheme: there is something before it, or in it");
    }
    return file;
  }
  if (rules === undefined) {
    throw new TypeError(
      `url has the scheme "${scheme}", allowed are ${SCHEME_NAMES.join(", ")} and file paths ` +
        `(a path with a colon in its first part needs "./" before it)`,
    );
  }
  return scheme === "file"
    ? fileUrl(filePath(url), url)
    : networkUrl(url, scheme, rules, credentials);
}

/** The text without any of the URL's secrets; for messages whose words nobody knows. */
export function redactText(text: string, media: MediaUrl): string {
  return media.secrets.reduce((result, secret) => result.replaceAll(secret, HIDDEN), text);
}

/**
 * Words of ours or of libav's, with the URL as people are shown it. A secret that is a part of a
 * word stays: to hide the password "server" there would tell it to everybody who knows the words.
 */
export function redactUrl(words: string, media: MediaUrl): string {
  return words.replaceAll(media.withCredentials, media.redacted);
}

/** A line feed would smuggle a header into an RTSP request, a NUL would cut a path off. */
function assertNoControls(text: string): void {
  if (CONTROL_CHARACTER.test(text)) throw new TypeError("url must not have control characters");
}

function fileUrl(path: string, shown: string): MediaUrl {
  if (path === "") throw new TypeError("url must name a file");
  // A URL that was not recognised would be shown with its password.
  if (UNKNOWN_URL.test(path)) {
    throw new TypeError(
      'url names a file, but looks like "//user:password@host": it has no scheme that is known',
    );
  }
  assertNoControls(path);
  return {
    scheme: "file",
    rules: schemeOf("file") as Scheme,
    withCredentials: `file:${path}`,
    hasCredentials: false,
    redacted: shown,
    path,
    doubtful: false,
    secrets: [],
  };
}

function filePath(url: string): string {
  const rest = url.slice("file:".length);
  if (!rest.startsWith("//")) return rest;
  const path = decodeLeniently(rest.slice(2).replace(/^localhost(?=\/)/, ""));
  if (path !== "" && !path.startsWith("/")) {
    throw new TypeError("url names a file on another host: file:///path is expected");
  }
  return /^\/[a-z]:/i.test(path) ? path.slice(1) : path;
}

function networkUrl(
  url: string,
  scheme: string,
  rules: Scheme,
  credentials: Credentials,
): MediaUrl {
  const parts = partsOf(url, scheme);
  const { host, port, tail } = parts;
  const { insteadOfCredentials } = rules;
  if (insteadOfCredentials && (credentials.username ?? credentials.password) !== undefined) {
    throw new TypeError(
      `the options username and password do nothing for ${scheme}: ${insteadOfCredentials}`,
    );
  }
  const inUrl = splitUserinfo(parts.userinfo ?? "");
  const username = credentials.username ?? inUrl.username;
  const password = credentials.password ?? inUrl.password;
  assertEncodable(username, password);
  const userinfo = encodeUserinfo(username, password);
  if (userinfo.length > MAX_USERINFO) {
    throw new TypeError(
      `username and password must have at most ${MAX_USERINFO} bytes once encoded, ` +
        `got ${userinfo.length}`,
    );
  }
  // With no credentials the authority stays as it is: "udp://@239.0.0.1:1234".
  const at = userinfo === "" && parts.userinfo === undefined ? "" : "@";
  const doubt = doubtIn(parts);
  const shown = doubt
    ? `${host}:${HIDDEN}${redactTail(doubt.rest, scheme)}`
    : `${host}${port}${redactTail(tail, scheme, port)}`;
  return {
    scheme,
    rules,
    withCredentials: `${scheme}://${userinfo}${at}${host}${port}${tail}`,
    hasCredentials: userinfo !== "",
    redacted: `${scheme}://${userinfo && HIDDEN}${at}${shown}`,
    host: host === "" ? undefined : host.replace(/^\[|\]$/g, ""),
    doubtful: doubt !== undefined,
    secrets: secretsOf(scheme, password, parts, doubt),
  };
}

/**
 * Takes a URL apart by RFC 3986: the address ends at the first `/`, `?` or `#`, whatever
 * comes behind it.
 */
function partsOf(url: string, scheme: string): UrlParts {
  const [, authority, rest] = /^[^:]+:\/\/([^/?#]*)(.*)$/s.exec(url) ?? [];
  if (authority === undefined || rest === undefined) throw unreadable(scheme);
  const at = authority.lastIndexOf("@");
  const match = /^(\[[0-9a-f:.]+(?:%[\w.-]+)?\]|[^\s:[\]@<>"\\^`{|}]*)(:\d*)?$/i
    .exec(authority.slice(at + 1));
  if (match === null) throw unreadable(scheme);
  const [, host = "", port = ""] = match;
  const number = Number(port.slice(1));
  if (port.length > 1 && (number < 1 || number > 65535)) {
    throw new TypeError("url has a port that is not from 1 to 65535");
  }
  const { needsPort = false } = schemeOf(scheme)!;
  if (host === "" && !needsPort) {
    throw new TypeError(`url has no host: ${scheme}://HOST/… is expected`);
  }
  if (number === 0 && needsPort) {
    throw new TypeError(`url has no port: ${scheme}://HOST:PORT is expected`);
  }
  return {
    userinfo: at < 0 ? undefined : authority.slice(0, at),
    // RFC 6874 writes the zone of a link-local address with %25, getaddrinfo with %.
    host: host.startsWith("[") ? host.replace("%25", "%") : host,
    // libav takes an empty port for 0, and not all releases see where one with zeros ends.
    port: number === 0 ? "" : `:${number}`,
    // Old releases of libav take a fragment right behind the address for a part of it.
    tail: rest.startsWith("#") ? `/${rest}` : rest,
  };
}

function unreadable(scheme: string): TypeError {
  return new TypeError(
    `url is not a valid ${scheme} URL: host and port cannot be told apart. If the user name or ` +
      `password has one of # / ? @ : [ ] it must be percent-encoded; or pass it as the option ` +
      `"username" or "password"`,
  );
}

function splitUserinfo(userinfo: string): Credentials {
  if (userinfo === "") return {};
  const colon = userinfo.indexOf(":");
  if (colon < 0) return { username: decodeLeniently(userinfo) };
  return {
    username: decodeLeniently(userinfo.slice(0, colon)),
    password: decodeLeniently(userinfo.slice(colon + 1)),
  };
}

function assertEncodable(...texts: readonly (string | undefined)[]): void {
  for (const text of texts) {
    if (text === undefined) continue;
    assertNoControls(text);
    if (!text.isWellFormed()) {
      throw new TypeError("username and password must be well-formed Unicode");
    }
  }
}

function encodeUserinfo(username: string | undefined, password: string | undefined): string {
  if (username === undefined && password === undefined) return "";
  const user = encodeURIComponent(username ?? "");
  return password === undefined ? user : `${user}:${encodeURIComponent(password)}`;
}

/** Percent-decoding that leaves alone what is not an escape: "50%" stays "50%". */
function decodeLeniently(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}

function secretsOf(
  scheme: string,
  password: string | undefined,
  { userinfo = "", port, tail }: UrlParts,
  doubt: Doubt | undefined,
): string[] {
  const secrets = new Set<string>();
  if (password) {
    secrets.add(password).add(encodeURIComponent(password));
    if (userinfo.includes(":")) secrets.add(userinfo.slice(userinfo.indexOf(":") + 1));
  }
  if (doubt) secrets.add(doubt.secret);
  for (const secret of secretsOfTail(tail, scheme, port)) secrets.add(secret);
  secrets.delete("");
  // The longest first, so that none is left in part by a shorter one.
  return [...secrets].sort((a, b) => b.length - a.length);
}
