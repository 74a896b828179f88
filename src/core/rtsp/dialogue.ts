/**
 * Requests over one connection, each with the number, the session and the password that it needs,
 * and their answers (RFC 2326, sections 12.17 and 14; RFC 2616, section 6.1.1).
 *
 * @module
 */

import type { Credentials } from "../connection/url.ts";
import { Authorizer, type AuthTools } from "./auth.ts";
import { RtspFault } from "./fault.ts";
import { type Field, formatRequest, type RtspResponse } from "./message.ts";

/** A request that was sent. */
export interface Asked {
  readonly method: string;
  readonly url: string;
  /** Those of this request alone. */
  readonly fields: readonly Field[];
  readonly sequence: number;
}

/** What a dialogue needs. */
export interface DialogueOptions {
  readonly auth: AuthTools;
  readonly userAgent: string;
}

/** Nothing is asked before the answer to the last request, but for keep-alives. */
export class Dialogue {
  readonly #send: (text: string) => void;
  readonly #userAgent: string;
  readonly #authorizer: Authorizer;
  readonly #proxyAuthorizer: Authorizer;
  #sequence = 0;
  #asked: Asked | undefined;
  /** The number of a request that had no answer when the next one was sent. */
  #unanswered: number | undefined;

  /** Named in each request. */
  session: string | undefined;

  constructor(
    { auth, userAgent }: DialogueOptions,
    credentials: Credentials | undefined,
    send: (text: string) => void,
  ) {
    this.#send = send;
    this.#userAgent = userAgent;
    this.#authorizer = new Authorizer(credentials, auth);
    this.#proxyAuthorizer = new Authorizer(credentials, auth);
  }

  /** The request whose answer is awaited. */
  get asked(): Asked | undefined {
    return this.#asked;
  }

  ask(method: string, url: string, fields: readonly Field[] = []): void {
    this.#unanswered = this.#asked?.sequence;
    this.#ask(method, url, fields);
  }

  /**
   * Takes an answer. One that wants a password is dealt with here, if there is one to be told.
   *
   * @returns what it is the final answer to, if it is one
   * @throws {RtspFault} `auth`: the password cannot be told, or was not accepted
   */
  take(response: RtspResponse): Asked | undefined {
    const asked = this.#asked;
    // The final answer follows (RFC 2326, section 7.1.1).
    if (asked === undefined || response.status < 200) return undefined;
    // Many servers count wrong: only what was asked before is not the answer to this.
    const sequence = Number(response.headers.first("CSeq") ?? NaN);
    if (sequence === this.#unanswered && sequence !== asked.sequence) return undefined;
    if (this.#authenticates(response, asked)) return undefined;
    this.#asked = undefined;
    this.#authorizer.accepted();
    this.#proxyAuthorizer.accepted();
    return asked;
  }

  #ask(method: string, url: string, fields: readonly Field[]): void {
    const sequence = ++this.#sequence;
    this.#asked = { method, url, fields, sequence };
    this.#send(formatRequest(method, url, [
      ["CSeq", `${sequence}`],
      ["User-Agent", this.#userAgent],
      ["Session", this.session],
      ["Proxy-Authorization", this.#proxyAuthorizer.header(method, url)],
      ["Authorization", this.#authorizer.header(method, url)],
      ...fields,
    ]));
  }

  /** Whether the answer is about the password, and the request was sent again. */
  #authenticates({ status, headers }: RtspResponse, asked: Asked): boolean {
    if (status !== 401 && status !== 407) return false;
    const [authorizer, name] = status === 401
      ? [this.#authorizer, "WWW-Authenticate"] as const
      : [this.#proxyAuthorizer, "Proxy-Authenticate"] as const;
    const { method, url, fields } = asked;
    if (authorizer.challenged(headers.all(name))) {
      this.#ask(method, url, fields);
      return true;
    }
    const { refusal, offered, isKnown } = authorizer;
    // Without a word about how: what is asked next may say it.
    if (method === "OPTIONS" && offered.length === 0) return false;
    throw new RtspFault(isKnown ? "auth" : "auth-way", refusal, { method, status, offered });
  }
}
