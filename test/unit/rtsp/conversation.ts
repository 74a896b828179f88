/** A session with a server that the test plays, and all that comes of it. */

import { assert } from "@std/assert";
import { createHash } from "node:crypto";
import { parseMediaUrl } from "../../../src/core/connection/url.ts";
import type { AuthTools } from "../../../src/core/rtsp/auth.ts";
import { endpointOf } from "../../../src/core/rtsp/endpoint.ts";
import type { RtspFault } from "../../../src/core/rtsp/fault.ts";
import type { HeaderFields } from "../../../src/core/rtsp/header_fields.ts";
import { Deframer } from "../../../src/core/rtsp/interleaved.ts";
import { bodyLength, parseHead } from "../../../src/core/rtsp/message.ts";
import type { MediaStart } from "../../../src/core/rtsp/rtp_info.ts";
import type { MediaSection, SessionDescription } from "../../../src/core/rtsp/sdp.ts";
import {
  RtspSession,
  type RtspSessionOptions,
  type SetUp,
} from "../../../src/core/rtsp/session.ts";
import type { TransportAnswer, TransportRequest } from "../../../src/core/rtsp/transport.ts";

export const CLIENT_NONCE = "0123456789abcdef";

export const TOOLS: AuthTools = {
  hash: (name, text) => createHash(name).update(text).digest("hex"),
  nonce: () => CLIENT_NONCE,
};

export const DEADLINES = { options: 1000, describe: 2000, setUp: 3000, play: 4000 };

export const SDP = [
  "v=0",
  "o=- 1 1 IN IP4 192.0.2.1",
  "s=camera",
  "t=0 0",
  "m=video 0 RTP/AVP 96",
  "a=rtpmap:96 H264/90000",
  "a=control:track1",
  "m=audio 0 RTP/AVP 8",
  "a=control:track2",
  "",
].join("\r\n");

export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: HeaderFields;
  readonly text: string;
}

export type Answer = readonly [
  status: number,
  fields?: Readonly<Record<string, string>>,
  body?: string,
];

/** Which media are wanted, and how. */
export type Choose = (description: SessionDescription) => readonly SetUp[];

/** All media by these transports. */
export function all(transport: (index: number) => TransportRequest): Choose {
  return ({ media }) => media.map((one, i) => ({ media: one, transport: transport(i) }));
}

export const interleaved = (i: number): TransportRequest => {
  return { kind: "interleaved", channels: [2 * i, 2 * i + 1] };
};
export const udp = (i: number): TransportRequest => {
  return { kind: "udp", ports: [40000 + 2 * i, 40001 + 2 * i] };
};

export class Conversation {
  now = 0;
  readonly session: RtspSession;
  /** Requests of the client. */
  readonly requests: Sent[] = [];
  /** Answers of the client. */
  readonly answers: string[] = [];
  readonly setUps: [kind: string, transport: TransportAnswer][] = [];
  readonly refusals: [kind: string, fault: RtspFault][] = [];
  readonly redirections: string[] = [];
  description: SessionDescription | undefined;
  starts: readonly MediaStart[] | undefined;
  fault: RtspFault | undefined;
  /** Copies. */
  readonly packets: [channel: number, packet: Uint8Array][] = [];
  readonly #deframer: Deframer;

  constructor(url: string, choose?: Choose, options: Partial<RtspSessionOptions> = {}) {
    this.session = new RtspSession({
      endpoint: endpointOf(parseMediaUrl(url)),
      auth: TOOLS,
      deadlines: DEADLINES,
      redirects: "same-host",
      userAgent: "test",
      ...options,
    }, {
      send: (text) => this.#sent(text),
      described: (description) => {
        this.description = description;
        if (choose) this.session.setUp(choose(description), this.now);
      },
      setUp: ({ kind }: MediaSection, transport) => this.setUps.push([kind, transport]),
      refused: ({ kind }, fault) => this.refusals.push([kind, fault]),
      playing: (starts) => this.starts = starts,
      redirected: ({ media }) => this.redirections.push(media.withCredentials),
      failed: (fault) => {
        assert(this.fault === undefined, "failed twice");
        this.fault = fault;
      },
    });
    this.#deframer = new Deframer({
      packet: (channel, data, start, end) => this.packets.push([channel, data.slice(start, end)]),
      message: (message) => this.session.message(message, this.now),
    });
    this.session.connected(this.now);
  }

  /** Method and URL of each request. */
  get lines(): string[] {
    return this.requests.map(({ method, url }) => `${method} ${url}`);
  }

  get methods(): string[] {
    return this.requests.map(({ method }) => method);
  }

  /** The request that waits for its answer, or the last one that did. */
  get last(): Sent {
    const last = this.requests.at(-1);
    assert(last, "nothing was asked");
    return last;
  }

  /** The server answers the last request, with its number unless another one is given. */
  answer(...[status, fields = {}, body = ""]: Answer): this {
    const all: Record<string, string> = { CSeq: this.last.headers.first("CSeq")!, ...fields };
    if (body !== "") all["Content-Length"] = `${new TextEncoder().encode(body).length}`;
    const lines = Object.entries(all).flatMap(([name, value]) => {
      return value.split("\n").map((one) => `${name}: ${one}\r\n`);
    });
    this.receive(`RTSP/1.0 ${status} Reason\r\n${lines.join("")}\r\n${body}`);
    return this;
  }

  receive(data: string | Uint8Array): void {
    this.#deframer.push(typeof data === "string" ? new TextEncoder().encode(data) : data);
  }

  /** Time goes on, and what is due happens. */
  pass(ms: number): void {
    const end = this.now + ms;
    while (this.session.nextDeadline <= end) {
      this.now = this.session.nextDeadline;
      this.session.tick(this.now);
    }
    this.now = end;
    this.session.tick(end);
  }

  /** Up to the answer to PLAY, each step granted. */
  play(fields: { options?: Answer; describe?: Answer; setUp?: Answer; play?: Answer } = {}): this {
    const grants: Record<string, Answer> = {
      OPTIONS: fields.options ?? [200, { Public: "OPTIONS, GET_PARAMETER" }],
      DESCRIBE: fields.describe ?? [200, {}, SDP],
      SETUP: fields.setUp ?? [200, { Session: "12345678" }],
      PLAY: fields.play ?? [200],
    };
    while (this.starts === undefined && this.fault === undefined) {
      const asked = this.requests.length;
      this.answer(...grants[this.last.method]!);
      assert(this.requests.length > asked || this.starts || this.fault, "nothing goes on");
    }
    return this;
  }

  #sent(text: string): void {
    const head = parseHead(text);
    assert(head && text.endsWith("\r\n\r\n") && bodyLength(head) === 0, `not a message: ${text}`);
    if (head.type === "request") this.requests.push({ ...head, text });
    else this.answers.push(text);
  }
}
