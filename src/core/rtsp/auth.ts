/**
 * Answers to servers that want a password (RFC 2326, section 14; RFC 7235).
 *
 * @module
 */

import { type Challenge, describeChallenge, parseChallenges } from "../connection/challenges.ts";
import type { Credentials } from "../connection/url.ts";
import { Digest, type Hash, HASH_NAMES } from "./digest.ts";

/** With one request a password is told so often: cameras lock out who guesses. */
const MAX_TRIES = 2;
/** Of the ways that a server offers, and of their names, in messages. */
const MAX_OFFERED = 8;
const MAX_NAME = 40;

/** What authentication takes from outside. */
export interface AuthTools {
  readonly hash: Hash;
  /** A new text that nobody can guess, of letters and digits. */
  readonly nonce: () => string;
}

type Answer = Digest | "basic";

/** One server's challenges, and their answers. */
export class Authorizer {
  readonly #credentials: Credentials | undefined;
  readonly #tools: AuthTools;
  #answer: Answer | undefined;
  #clientNonce = "";
  /** Requests with this answer. */
  #count = 0;
  /** Answers that were refused since the last one that was not. */
  #refused = 0;
  /** Whether an answer was right at some time. */
  #accepted = false;
  #offered: readonly string[] = [];
  #known = false;

  constructor(credentials: Credentials | undefined, tools: AuthTools) {
    this.#credentials = credentials;
    this.#tools = tools;
  }

  /** The ways of the last challenges, described: `["Digest with SHA-256", "Basic"]`. */
  get offered(): readonly string[] {
    return this.#offered;
  }

  /** Why `challenged()` was false, for people. */
  get refusal(): string {
    if (this.#offered.length === 0) return "the server wants a password, and does not say how";
    if (!this.#known) {
      return `the server takes a password only by ${this.#offered.join(", ")}, which is not known`;
    }
    return this.#credentials === undefined
      ? "the server wants a user name and a password"
      : "user name or password not accepted";
  }

  /** Whether the password can be told in one of the ways that the server takes. */
  get isKnown(): boolean {
    return this.#known;
  }

  /**
   * Takes the challenges of a refused request: the strongest is answered from now on.
   *
   * @param values of all `WWW-Authenticate` fields
   * @returns whether the request may be sent again
   */
  challenged(values: readonly string[]): boolean {
    const challenges = values.flatMap(parseChallenges);
    this.#offered = [...new Set(challenges.map(nameOf))].slice(0, MAX_OFFERED);
    const answer = this.#strongest(challenges);
    this.#known = answer !== undefined;
    if (this.#credentials === undefined || answer === undefined) return false;
    if (this.#answer !== undefined) this.#refused++;
    // What was told was wrong, unless it was right before, or is only too old (RFC 7616, 3.3).
    const mayBeRight = this.#refused === 0 || this.#accepted ||
      (typeof answer === "object" && answer.stale);
    if (!mayBeRight || this.#refused >= MAX_TRIES) return false;
    this.#answer = answer;
    this.#clientNonce = this.#tools.nonce();
    this.#count = 0;
    return true;
  }

  /** A request was not refused for its password. */
  accepted(): void {
    this.#refused = 0;
    this.#accepted = this.#answer !== undefined;
  }

  /** The value of `Authorization` for a request; undefined before any challenge. */
  header(method: string, url: string): string | undefined {
    if (this.#answer === undefined || this.#credentials === undefined) return undefined;
    const { username = "", password = "" } = this.#credentials;
    if (this.#answer === "basic") return `Basic ${base64(`${username}:${password}`)}`;
    const [count, clientNonce] = [++this.#count, this.#clientNonce];
    return this.#answer.answer({ username, password, method, url, count, clientNonce });
  }

  #strongest(challenges: readonly Challenge[]): Answer | undefined {
    const digests = challenges.flatMap((one) => Digest.of(one, this.#tools.hash) ?? []);
    for (const name of [...HASH_NAMES].reverse()) {
      const digest = digests.find(({ hashName }) => hashName === name);
      if (digest) return digest;
    }
    return challenges.some(({ scheme }) => /^basic$/i.test(scheme)) ? "basic" : undefined;
  }
}

/** The server's own words, made harmless for logs. */
function nameOf(challenge: Challenge): string {
  return describeChallenge(challenge).slice(0, MAX_NAME).replace(/[^\w -]/g, "?");
}

/** RFC 7617, section 2.1: of UTF-8. */
function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
