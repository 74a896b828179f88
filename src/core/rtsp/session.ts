/**
 * A conversation with an RTSP server, from the first request to the farewell (RFC 2326).
 *
 * @module
 */

import { baseUrl, controlsOf, controlUrl } from "./control_url.ts";
import { type Asked, Dialogue, type DialogueOptions } from "./dialogue.ts";
import { type Endpoint, redirectedEndpoint } from "./endpoint.ts";
import { RtspFault, type RtspFaultKind } from "./fault.ts";
import type { Field, RtspMessage, RtspRequest, RtspResponse } from "./message.ts";
import { NO_SUCH_TRANSPORT, refusal, refusedTransport, SESSION_NOT_FOUND } from "./refusals.ts";
import { type MediaStart, parseRtpInfo } from "./rtp_info.ts";
import { type MediaSection, parseDescription, type SessionDescription } from "./sdp.ts";
import { answerTo } from "./server_request.ts";
import { DEFAULT_TIMEOUT, parseSessionHeader } from "./session_header.ts";
import {
  formatTransport,
  parseTransport,
  type TransportAnswer,
  type TransportRequest,
} from "./transport.ts";

/** What a session is told before it begins. */
export interface RtspSessionOptions extends DialogueOptions {
  readonly endpoint: Endpoint;
  /** Milliseconds for the answers to OPTIONS, DESCRIBE, one SETUP and PLAY. */
  readonly deadlines: Readonly<Record<Step, number>>;
  /** Whether a redirection may lead to another host. */
  readonly redirects: "same-host" | "any";
}

/** A request that everything waits for. */
export type Step = "options" | "describe" | "setUp" | "play";

/** What comes of a session; each is called from within one of its methods. */
export interface RtspSessionHandler {
  /** Goes to the server. */
  send(text: string): void;
  /** `setUp()` is to be called, now or later. */
  described(description: SessionDescription): void;
  /** A media was granted. */
  setUp(media: MediaSection, transport: TransportAnswer): void;
  /**
   * The transport of a media was refused, or the server granted another one. `setUp()` may be
   * called with other ones for it and for all that follow.
   */
  refused(media: MediaSection, fault: RtspFault): void;
  /** Packets flow; `starts` has one for each media that was set up, in their order. */
  playing(starts: readonly MediaStart[]): void;
  /** The server is elsewhere: a new connection, and `connected()`, are needed. */
  redirected(endpoint: Endpoint): void;
  /** It is over; nothing follows. */
  failed(fault: RtspFault): void;
}

/** A media that is wanted. */
export interface SetUp {
  readonly media: MediaSection;
  readonly transport: TransportRequest;
}

type Phase = "unconnected" | Step | "described" | "playing" | "over";

const MAX_REDIRECTS = 5;
/** Requests of a server that are answered from one keep-alive to the next. */
const MAX_SERVED = 100;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 305, 307, 308]);
/** What servers say that do not know `Range`, or not this one. */
const RANGE_REFUSED: ReadonlySet<number> = new Set([400, 451, 456, 457, 501]);
const NO_AGGREGATE = 459;

/** There is nobody to hear it, or a password that was refused would be told once more. */
const WITHOUT_FAREWELL: ReadonlySet<RtspFaultKind> = new Set([
  ...["session-lost", "ended", "auth", "auth-way"] as const,
]);

/** Asks one thing after the other, and reports what comes of it. */
export class RtspSession {
  readonly #options: RtspSessionOptions;
  readonly #handler: RtspSessionHandler;
  #endpoint: Endpoint;
  #dialogue: Dialogue;
  #phase: Phase = "unconnected";
  #deadline = Infinity;
  #redirects = 0;
  #served = 0;
  #methods: ReadonlySet<string> = new Set();
  #controls = controlsOf("", undefined);
  #wanted: readonly SetUp[] = [];
  /** The URLs of the media that are set up. */
  #urls: string[] = [];
  /** To be played; one for all, unless the server wants them one by one. */
  #toPlay: string[] = [];
  #rtpInfo: string[] = [];
  /** Milliseconds without a request after which the server forgets the session. */
  #timeout = DEFAULT_TIMEOUT;

  constructor(options: RtspSessionOptions, handler: RtspSessionHandler) {
    this.#options = options;
    this.#handler = handler;
    this.#endpoint = options.endpoint;
    this.#dialogue = this.#newDialogue();
  }

  /** Where to connect. */
  get endpoint(): Endpoint {
    return this.#endpoint;
  }

  /**
   * When `tick()` has something to do; `Infinity`: not before another message. While it plays, a
   * keep-alive is due then, which may wait for the end of a picture.
   */
  get nextDeadline(): number {
    return this.#deadline;
  }

  /** There is a connection to the endpoint. */
  connected(now: number): void {
    if (this.#phase !== "unconnected") return;
    this.#begin("options", "OPTIONS", this.#endpoint.url, [], now);
  }

  /** Takes what the server has sent. */
  message(message: RtspMessage, now: number): void {
    if (this.#phase === "unconnected" || this.#phase === "over") return;
    try {
      if (message.type === "request") this.#serve(message);
      else this.#answered(message, now);
    } catch (error) {
      if (!(error instanceof RtspFault)) throw error;
      this.#fail(error);
    }
  }

  /** Sets these media up, one after the other, and plays them. */
  setUp(wanted: readonly SetUp[], now: number): void {
    if (this.#phase !== "described") return;
    if (wanted.length === 0) throw new TypeError("at least one media is to be set up");
    this.#wanted = wanted;
    this.#setUpNext(now);
  }

  /** Does what is due. */
  tick(now: number): void {
    if (now < this.#deadline) return;
    if (this.#phase === "playing") return this.#keepAlive(now);
    const method = this.#dialogue.asked?.method;
    this.#fail(new RtspFault("timeout", `the server does not answer ${method}`, { method }));
  }

  /** Says farewell, if there is a session to end; the answer is not waited for. */
  close(): void {
    this.#tearDown();
    this.#rest("over");
  }

  #newDialogue(): Dialogue {
    const { credentials } = this.#endpoint;
    return new Dialogue(this.#options, credentials, (text) => this.#handler.send(text));
  }

  /** Asks, and waits for the answer until the step's deadline. */
  #begin(step: Step, method: string, url: string, fields: readonly Field[], now: number): void {
    this.#phase = step;
    this.#deadline = now + this.#options.deadlines[step];
    this.#dialogue.ask(method, url, fields);
  }

  #answered(response: RtspResponse, now: number): void {
    const asked = this.#dialogue.take(response);
    if (asked === undefined) return;
    if (this.#phase === "playing") return this.#keptAlive(response, asked);
    if (REDIRECTS.has(response.status)) return this.#follow(response.headers.first("Location"));
    const refused = response.status >= 300;
    switch (this.#phase) {
      case "options":
        // Some servers do not know it, and do without.
        if (!refused) this.#methods = new Set(response.headers.words("Public"));
        return this.#describe(now);
      case "describe":
        if (refused) throw refusal(asked.method, response.status);
        return this.#described(response);
      case "setUp":
        return this.#setUpAnswered(response, asked, refused, now);
      case "play":
        return this.#playAnswered(response, asked, refused, now);
    }
  }

  #describe(now: number): void {
    const fields: readonly Field[] = [["Accept", "application/sdp"]];
    this.#begin("describe", "DESCRIBE", this.#endpoint.url, fields, now);
  }

  #described({ headers, body }: RtspResponse): void {
    if (body.trim() === "") {
      throw new RtspFault("description", "the server sent no description of the stream (SDP)");
    }
    const description = parseDescription(body);
    this.#controls = controlsOf(baseUrl(headers, this.#endpoint.url), description.control);
    this.#rest("described");
    this.#handler.described(description);
  }

  #setUpNext(now: number): void {
    const { media, transport } = this.#wanted[0]!;
    const fields: readonly Field[] = [["Transport", formatTransport(media.protocol, transport)]];
    this.#begin("setUp", "SETUP", controlUrl(this.#controls.base, media.control), fields, now);
  }

  #setUpAnswered(
    response: RtspResponse,
    asked: Asked,
    refused: boolean,
    now: number,
  ): void {
    const { media, transport } = this.#wanted[0]!;
    if (refused && response.status !== NO_SUCH_TRANSPORT) {
      throw refusal(asked.method, response.status);
    }
    const session = refused ? undefined : parseSessionHeader(response.headers.first("Session"));
    if (session) [this.#dialogue.session, this.#timeout] = [session.id, session.timeout];
    const answer = parseTransport(response.headers.first("Transport"), transport);
    if (refused || answer.kind !== transport.kind) {
      this.#rest("described");
      return this.#handler.refused(media, refusedTransport(response.status, transport, answer));
    }
    this.#urls.push(asked.url);
    this.#wanted = this.#wanted.slice(1);
    this.#handler.setUp(media, answer);
    if (this.#phase !== "setUp") return;
    if (this.#wanted.length > 0) return this.#setUpNext(now);
    this.#toPlay = [this.#controls.aggregate];
    this.#play(now, [["Range", "npt=0.000-"]]);
  }

  #play(now: number, fields: readonly Field[]): void {
    this.#begin("play", "PLAY", this.#toPlay[0]!, fields, now);
  }

  #playAnswered(response: RtspResponse, asked: Asked, refused: boolean, now: number): void {
    const { status, headers } = response;
    const hasRange = asked.fields.length > 0;
    if (hasRange && RANGE_REFUSED.has(status)) return this.#play(now, []);
    const { aggregate } = this.#controls;
    if (status === NO_AGGREGATE && asked.url === aggregate) {
      this.#toPlay = this.#urls.filter((url) => url !== aggregate);
      if (this.#toPlay.length > 0) return this.#play(now, asked.fields);
    }
    if (refused) throw refusal(asked.method, response.status);
    this.#rtpInfo.push(...headers.all("RTP-Info"));
    this.#toPlay.shift();
    if (this.#toPlay.length > 0) return this.#play(now, asked.fields);
    this.#phase = "playing";
    this.#waitForKeepAlive(now);
    this.#handler.playing(parseRtpInfo(this.#rtpInfo, this.#urls));
  }

  /** At half the time after which the server would forget the session (section 12.37). */
  #waitForKeepAlive(now: number): void {
    this.#served = 0;
    this.#deadline = now + this.#timeout / 2;
  }

  /** Some cameras never answer one: that is no fault. */
  #keepAlive(now: number): void {
    const method = this.#methods.has("GET_PARAMETER") ? "GET_PARAMETER" : "OPTIONS";
    this.#dialogue.ask(method, this.#controls.aggregate);
    this.#waitForKeepAlive(now);
  }

  #keptAlive(response: RtspResponse, asked: Asked): void {
    if (response.status === SESSION_NOT_FOUND) throw refusal(asked.method, response.status);
    // It was offered, and is not known: OPTIONS from now on.
    if (response.status >= 400 && asked.method !== "OPTIONS") this.#methods = new Set();
  }

  #serve(request: RtspRequest): void {
    if (++this.#served > MAX_SERVED) return;
    this.#handler.send(answerTo(request));
    const { method, headers } = request;
    if (method === "REDIRECT" && headers.first("Location") !== undefined) {
      this.#follow(headers.first("Location"));
    } else if (method === "REDIRECT" || method === "TEARDOWN") {
      throw new RtspFault("ended", "the server ended the session", { method });
    }
  }

  #follow(location: string | undefined): void {
    if (++this.#redirects > MAX_REDIRECTS) {
      throw new RtspFault("redirect", `the server redirects more than ${MAX_REDIRECTS} times`);
    }
    const anywhere = this.#options.redirects === "any";
    const endpoint = redirectedEndpoint(this.#endpoint, location, anywhere);
    this.#tearDown();
    this.#endpoint = endpoint;
    this.#dialogue = this.#newDialogue();
    this.#timeout = DEFAULT_TIMEOUT;
    this.#methods = new Set();
    this.#rtpInfo = [];
    this.#rest("unconnected");
    this.#handler.redirected(endpoint);
  }

  #tearDown(): void {
    // Some servers name no session.
    if (this.#dialogue.session === undefined && this.#urls.length === 0) return;
    this.#dialogue.ask("TEARDOWN", this.#controls.aggregate);
    this.#forget();
  }

  #forget(): void {
    this.#dialogue.session = undefined;
    this.#urls = [];
  }

  #fail(fault: RtspFault): void {
    if (WITHOUT_FAREWELL.has(fault.kind)) this.#forget();
    this.close();
    this.#handler.failed(fault);
  }

  /** Nothing is awaited from the server. */
  #rest(phase: Phase): void {
    this.#phase = phase;
    this.#deadline = Infinity;
  }
}
