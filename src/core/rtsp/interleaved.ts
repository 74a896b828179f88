/**
 * Takes the bytes of a connection apart: messages, and packets between them (RFC 2326,
 * section 10.12).
 *
 * @module
 */

import { RtspFault } from "./fault.ts";
import {
  bodyLength,
  isFirstLine,
  type MessageHead,
  parseHead,
  type RtspMessage,
} from "./message.ts";

/** What a connection brings. */
export interface DeframerHandler {
  /** A packet is `data` from `start` to `end`; the bytes are valid during the call only. */
  packet(channel: number, data: Uint8Array, start: number, end: number): void;
  message(message: RtspMessage): void;
}

const MAX_HEAD = 64 * 1024;
const MAX_BODY = 256 * 1024;
const MAX_FIRST_LINE = 4096;
/** So much is skipped until something is understood again. */
const MAX_GARBAGE = 64 * 1024;
/** `$`, channel, and two bytes of length. */
const FRAME_HEADER = 4;
/** Copied at a time while nobody knows how long the rest is. */
const PORTION = 512;

const [DOLLAR, LF, CR, TAB, SPACE] = [0x24, 0x0a, 0x0d, 0x09, 0x20];
const PROTOCOL = bytesOf("RTSP/");
const HTTP = bytesOf("HTTP/");

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The pieces may be cut anywhere. What lies wholly in one is not copied, and no packet costs an
 * object. After bytes that nobody understands it looks for the next answer, or for a packet of an
 * expected channel.
 */
export class Deframer {
  readonly #handler: DeframerHandler;
  readonly #expected = new Set<number>();
  /** The beginning of an item whose end has not come. */
  #rest = new Uint8Array(0);
  #kept = 0;
  /** Bytes without which nothing more can be said. */
  #missing = 0;
  /** Of the message that has begun: looked through; its head, and where its body begins. */
  #scanned = 0;
  #head: MessageHead | undefined;
  #body = 0;
  /** Bytes that were skipped since the last item. */
  #garbage = 0;

  constructor(handler: DeframerHandler) {
    this.#handler = handler;
  }

  /** Names a channel on which packets are awaited: they are recognised behind garbage. */
  expect(channel: number): void {
    this.#expected.add(channel);
  }

  /**
   * @throws {RtspFault} `not-rtsp` or `too-large`: the connection is of no use any more
   */
  push(piece: Uint8Array): void {
    let at = 0;
    while (this.#kept > 0 && at < piece.length) {
      const end = Math.min(at + this.#missing, piece.length);
      this.#keep(piece, at, end);
      at = end;
      const done = this.#take(this.#rest, 0, this.#kept);
      this.#rest.copyWithin(0, done, this.#kept);
      this.#kept -= done;
    }
    if (at === piece.length) return;
    this.#keep(piece, this.#take(piece, at, piece.length), piece.length);
  }

  /** Grows by what has come, whatever length was told. */
  #keep(piece: Uint8Array, start: number, end: number): void {
    const length = this.#kept + end - start;
    if (length > this.#rest.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#rest.length));
      grown.set(this.#rest.subarray(0, this.#kept));
      this.#rest = grown;
    }
    // A view is an object: most pieces end with an item.
    if (end > start) this.#rest.set(piece.subarray(start, end), this.#kept);
    this.#kept = length;
  }

  /** Takes all that is complete; returns where the rest begins. */
  #take(data: Uint8Array, start: number, end: number): number {
    while (start < end) {
      const next = this.#item(data, start, end);
      if (next === start) break;
      start = next;
    }
    return start;
  }

  /** Takes one item; returns where the next one begins, or `start` while it is not complete. */
  #item(data: Uint8Array, start: number, end: number): number {
    if (this.#garbage > 0) return this.#searched(data, start, end);
    if (data[start] === DOLLAR) return this.#packet(data, start, end);
    // Some servers end a body with a line more than its length says.
    if (data[start] === CR || data[start] === LF) return start + 1;
    return this.#message(data, start, end);
  }

  #packet(data: Uint8Array, start: number, end: number): number {
    const header = end - start >= FRAME_HEADER;
    const length = FRAME_HEADER + (header ? data[start + 2]! << 8 | data[start + 3]! : 0);
    const next = start + length;
    if (!header || next > end) return this.#await(start, next - end);
    this.#garbage = 0;
    this.#handler.packet(data[start + 1]!, data, start + FRAME_HEADER, next);
    return next;
  }

  #message(data: Uint8Array, start: number, end: number): number {
    if (this.#head === undefined) {
      if (this.#scanned === 0) {
        const verdict = firstLine(data, start, end);
        if (verdict === "no") return this.#skip(data, start, end);
        if (verdict === "unknown") return this.#await(start, PORTION);
      }
      const body = this.#endOfHead(data, start, end);
      if ((body < 0 ? end : body) - start > MAX_HEAD) {
        throw new RtspFault("too-large", `the head of a message has more than ${MAX_HEAD} bytes`);
      }
      if (body < 0) return this.#await(start, PORTION);
      this.#head = parseHead(utf8.decode(data.subarray(start, body)))!;
      this.#body = body - start;
    }
    const length = bodyLength(this.#head);
    if (length > MAX_BODY) {
      throw new RtspFault("too-large", `the body of a message has more than ${MAX_BODY} bytes`);
    }
    const next = start + this.#body + length;
    if (next > end) return this.#await(start, next - end);
    const body = utf8.decode(data.subarray(start + this.#body, next));
    const message = { ...this.#head, body };
    this.#head = undefined;
    this.#scanned = this.#garbage = 0;
    this.#handler.message(message);
    return next;
  }

  /** Behind the empty line, or -1; what was looked through is not looked through again. */
  #endOfHead(data: Uint8Array, start: number, end: number): number {
    for (let i = start + this.#scanned; i < end; i++) {
      if (data[i] !== LF) continue;
      const last = data[i - 1] === CR ? i - 2 : i - 1;
      if (data[last] === LF && last > start) return i + 1;
    }
    this.#scanned = end - start;
    return -1;
  }

  /** Leaves out bytes until something is there that chance hardly makes. */
  #searched(data: Uint8Array, start: number, end: number): number {
    if (this.#scanned > 0 || this.#head !== undefined) return this.#message(data, start, end);
    if (data[start] === DOLLAR) {
      // Version 2 of RTP and RTCP (RFC 3550, sections 5.1 and 6.4.1).
      if (end - start <= FRAME_HEADER) return this.#await(start, FRAME_HEADER + 1 - (end - start));
      const known = this.#expected.has(data[start + 1]!);
      if (known && data[start + FRAME_HEADER]! >> 6 === 2) return this.#packet(data, start, end);
      return this.#skip(data, start, end);
    }
    if (data[start] !== PROTOCOL[0]) return this.#skip(data, start, end);
    if (!sameSoFar(data, start, end, PROTOCOL)) return this.#skip(data, start, end);
    return this.#message(data, start, end);
  }

  #skip(data: Uint8Array, start: number, end: number): number {
    // What is in capitals was awaited as a method: all of it is there.
    if (this.#garbage === 0 && end - start >= HTTP.length && sameSoFar(data, start, end, HTTP)) {
      throw new RtspFault("not-rtsp", "what answers is not a server of RTSP, but one of HTTP");
    }
    if (++this.#garbage > MAX_GARBAGE) {
      throw new RtspFault("not-rtsp", "what answers is not a server of RTSP");
    }
    return start + 1;
  }

  #await(start: number, bytes: number): number {
    this.#missing = bytes;
    return start;
  }
}

/** Whether a message begins there, as far as it has come. */
function firstLine(data: Uint8Array, start: number, end: number): "yes" | "no" | "unknown" {
  const limit = Math.min(end, start + MAX_FIRST_LINE);
  let word = true;
  for (let i = start; i < limit; i++) {
    const byte = data[i]!;
    if (byte === LF) {
      const line = data.subarray(start, data[i - 1] === CR ? i - 1 : i);
      return isFirstLine(utf8.decode(line)) ? "yes" : "no";
    }
    if (word) {
      // A method, or the protocol: nothing else is in capitals at the beginning of a line.
      const isWord = byte >= 0x41 && byte <= 0x5a || byte === 0x5f;
      const ends = i > start && (byte === SPACE || byte === TAB);
      if (!isWord && !ends && !sameSoFar(data, start, i + 1, PROTOCOL)) return "no";
      word = isWord;
    } else if (byte < SPACE && byte !== TAB && byte !== CR) {
      return "no";
    }
  }
  return limit - start === MAX_FIRST_LINE ? "no" : "unknown";
}

/** Whether the bytes are the word, or a beginning of it. */
function sameSoFar(data: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  const length = Math.min(end - start, word.length);
  for (let i = 0; i < length; i++) if (data[start + i] !== word[i]) return false;
  return true;
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
