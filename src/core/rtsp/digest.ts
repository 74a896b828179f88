/**
 * How a password is proven without being told (RFC 7616; RFC 2069 for servers without `qop`).
 *
 * @module
 */

import type { Challenge } from "../connection/challenges.ts";

/** The hashes of RFC 7616, section 3.3. */
export type HashName = "md5" | "sha256" | "sha512-256";

/**
 * The hash of a text in UTF-8, as hexadecimal digits in small letters; undefined for one that the
 * runtime does not have.
 */
export type Hash = (name: HashName, text: string) => string | undefined;

/** The weakest first. */
export const HASH_NAMES: readonly HashName[] = ["md5", "sha256", "sha512-256"];

const ALGORITHM = /^(md5|sha-256|sha-512-256)(-sess)?$/i;
const NAMES: Readonly<Record<string, HashName>> = {
  "md5": "md5",
  "sha-256": "sha256",
  "sha-512-256": "sha512-256",
};

/** What is to be proven, and for which request. */
export interface DigestProof {
  readonly username: string;
  readonly password: string;
  readonly method: string;
  readonly url: string;
  /** Requests with this challenge, this one among them. */
  readonly count: number;
  /** Text of the client's own, the same for all requests with this challenge. */
  readonly clientNonce: string;
}

/** A challenge that can be answered. */
export class Digest {
  readonly hashName: HashName;
  /** The one before it was right, but too old. */
  readonly stale: boolean;
  readonly #parameters: ReadonlyMap<string, string>;
  readonly #hash: (text: string) => string;
  readonly #perSession: boolean;
  readonly #quality: string | undefined;

  private constructor(
    parameters: ReadonlyMap<string, string>,
    hashName: HashName,
    hash: (text: string) => string,
    perSession: boolean,
    quality: string | undefined,
  ) {
    this.#parameters = parameters;
    this.hashName = hashName;
    this.#hash = hash;
    this.#perSession = perSession;
    this.#quality = quality;
    this.stale = parameters.get("stale")?.toLowerCase() === "true";
  }

  /** @returns undefined where the challenge is another one, or wants what is not known */
  static of({ scheme, parameters }: Challenge, hash: Hash): Digest | undefined {
    if (!/^digest$/i.test(scheme) || !parameters.has("nonce")) return undefined;
    // Section 3.3: MD5 where it is not named. Some servers name it with nothing.
    const algorithm = ALGORITHM.exec(parameters.get("algorithm") || "MD5");
    const name = NAMES[algorithm?.[1]?.toLowerCase() ?? ""];
    if (name === undefined || hash(name, "") === undefined) return undefined;
    const qualities = parameters.get("qop")?.toLowerCase().split(/[\s,]+/).filter(Boolean) ?? [];
    // Our requests have no body, which "auth-int" would be about.
    if (qualities.length > 0 && !qualities.includes("auth")) return undefined;
    return new Digest(
      parameters,
      name,
      (text) => hash(name, text)!,
      algorithm?.[2] !== undefined,
      qualities.length > 0 ? "auth" : undefined,
    );
  }

  /** The value of the `Authorization` field (RFC 7616, section 3.4). */
  answer(proof: DigestProof): string {
    const { username, method, url, clientNonce } = proof;
    const [realm, nonce] = [this.#parameters.get("realm") ?? "", this.#parameters.get("nonce")!];
    const quality = this.#quality;
    const count = proof.count.toString(16).padStart(8, "0");
    const user = this.#hash(`${username}:${realm}:${proof.password}`);
    const secret = this.#perSession ? this.#hash(`${user}:${nonce}:${clientNonce}`) : user;
    const middle = quality === undefined ? nonce : `${nonce}:${count}:${clientNonce}:${quality}`;
    const response = this.#hash(`${secret}:${middle}:${this.#hash(`${method}:${url}`)}`);
    const fields: [name: string, value: string | undefined][] = [
      ["username", quoted(username)],
      ["realm", quoted(realm)],
      ["nonce", quoted(nonce)],
      ["uri", quoted(url)],
      ["response", quoted(response)],
      // Not quoted: some servers compare it as it stands (section 3.4).
      ["algorithm", this.#parameters.get("algorithm") || undefined],
      ["opaque", quotedIfAny(this.#parameters.get("opaque"))],
      ["qop", quality],
      ["nc", quality && count],
      ["cnonce", quality || this.#perSession ? quoted(clientNonce) : undefined],
    ];
    const told = fields.filter(([, value]) => value !== undefined);
    return `Digest ${told.map(([name, value]) => `${name}=${value}`).join(", ")}`;
  }
}

function quotedIfAny(text: string | undefined): string | undefined {
  return text === undefined ? undefined : quoted(text);
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
