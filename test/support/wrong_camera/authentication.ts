/** Passwords: Basic (RFC 7617) and Digest (RFC 2069, 7616), as they should be and as they are not. */

import { createHash } from "node:crypto";
import type { Request } from "./answers.ts";

export interface Authentication {
  readonly username: string;
  readonly password: string;
  /** What is offered, in this order; default MD5 alone. */
  readonly schemes?: readonly ("basic" | "md5" | "sha-256")[] | undefined;
  /** Asks for a nonce count (RFC 2617); default false. */
  readonly qop?: boolean | undefined;
  /** A nonce is good for so many requests and then stale. */
  readonly requestsPerNonce?: number | undefined;
  /** Calls every right answer stale: nobody ever gets in. */
  readonly alwaysStale?: boolean | undefined;
}

const REALM = "wrong camera";
const HASHES = { "md5": "md5", "sha-256": "sha256" } as const;

export class Guard {
  readonly #authentication: Authentication;
  #nonce = 0;
  #uses = 0;

  constructor(authentication: Authentication) {
    this.#authentication = authentication;
  }

  /** The challenges for a request without the right password; none for one with it. */
  challenges({ method, headers }: Request): string[] {
    const given = headers.authorization ?? "";
    if (given.startsWith("Basic ") && this.#offers("basic")) {
      return this.#isBasic(given.slice(6)) ? [] : this.#offered(false);
    }
    const fields = digestFields(given);
    if (!this.#isDigest(method, fields)) return this.#offered(false);
    const { requestsPerNonce = Infinity, alwaysStale } = this.#authentication;
    const stale = alwaysStale || fields.nonce !== this.#nonceText() ||
      this.#uses >= requestsPerNonce;
    if (!stale) this.#uses++;
    return stale ? this.#offered(true) : [];
  }

  #offers(scheme: "basic" | "md5" | "sha-256"): boolean {
    return (this.#authentication.schemes ?? ["md5"]).includes(scheme);
  }

  #nonceText(): string {
    return `nonce${this.#nonce}`;
  }

  #offered(stale: boolean): string[] {
    if (stale) {
      this.#nonce++;
      this.#uses = 0;
    }
    const { schemes = ["md5"], qop } = this.#authentication;
    return schemes.map((scheme) => {
      if (scheme === "basic") return `Basic realm="${REALM}"`;
      const more = [
        ...scheme === "md5" ? [] : [`algorithm=${scheme.toUpperCase()}`],
        ...qop ? ['qop="auth"'] : [],
        ...stale ? ["stale=TRUE"] : [],
      ];
      return [`Digest realm="${REALM}", nonce="${this.#nonceText()}"`, ...more].join(", ");
    });
  }

  #isBasic(given: string): boolean {
    const { username, password } = this.#authentication;
    return atob(given.trim()) === `${username}:${password}`;
  }

  #isDigest(method: string, fields: Readonly<Record<string, string>>): boolean {
    const { username, password, qop } = this.#authentication;
    const algorithm = fields.algorithm?.toLowerCase() ?? "md5";
    if (algorithm !== "md5" && algorithm !== "sha-256" || !this.#offers(algorithm)) return false;
    if (fields.username !== username || fields.realm !== REALM) return false;
    const hash = (...texts: string[]) =>
      createHash(HASHES[algorithm]).update(texts.join(":")).digest("hex");
    const { nonce, nc, cnonce } = fields;
    const counted = qop ? [nc!, cnonce!, "auth"] : [];
    const secret = hash(username, REALM, password);
    return fields.response === hash(secret, nonce!, ...counted, hash(method, fields.uri!));
  }
}

function digestFields(header: string): Record<string, string> {
  if (!header.startsWith("Digest ")) return {};
  const fields = header.slice(7).matchAll(/(\w+)=(?:"([^"]*)"|([^",\s]*))/g);
  return Object.fromEntries([...fields].map(([, name, quoted, bare]) => [name, quoted ?? bare]));
}
