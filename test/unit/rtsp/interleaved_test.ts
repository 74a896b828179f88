/** The bytes of a connection, taken apart (RFC 2326, section 10.12). */

import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { test } from "node:test";
import { RtspFault } from "../../../src/core/rtsp/fault.ts";
import { Deframer } from "../../../src/core/rtsp/interleaved.ts";
import { type Drawn, forAll } from "../property.ts";

const utf8 = new TextEncoder();

type Event = readonly [channel: number, bytes: string] | string;

function bytes(...parts: readonly (string | readonly number[] | Uint8Array)[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => typeof part === "string" ? [...utf8.encode(part)] : [...part]),
  );
}

/** `$`, channel, length, and a packet of RTP of so many bytes. */
function frame(channel: number, length: number, fill = 7): Uint8Array {
  const header = [0x24, channel, length >> 8, length & 255];
  return bytes(header, [0x80], Array.from({ length: length - 1 }, () => fill));
}

class Received {
  readonly events: Event[] = [];
  /** Whether packets lay in the piece that was pushed. */
  readonly inPlace: boolean[] = [];
  readonly deframer = new Deframer({
    packet: (channel, data, start, end) => {
      this.events.push([channel, [...data.subarray(start, end)].join()]);
      this.inPlace.push(data === this.#piece);
    },
    message: (message) => {
      const first = message.type === "response" ? `${message.status}` : message.method;
      this.events.push(`${first} ${message.headers.first("CSeq")} ${message.body}`);
    },
  });
  #piece: Uint8Array | undefined;

  push(piece: Uint8Array): this {
    this.#piece = piece;
    this.deframer.push(piece);
    return this;
  }

  /** All of it, or the kind of the fault at the end. */
  outcome(pieces: readonly Uint8Array[]): Event[] {
    try {
      for (const piece of pieces) this.push(piece);
    } catch (error) {
      assertInstanceOf(error, RtspFault);
      this.events.push(`fault ${error.kind}`);
    }
    return this.events;
  }
}

function kindOf(run: () => unknown): string {
  return assertThrows(run, RtspFault).kind;
}

/** At random places, of which some follow each other at once. */
function cut(all: Uint8Array, drawn: Drawn): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < all.length;) {
    const length = drawn.pick([1, 1, 2, 3, 5, 40, 700, 5000]);
    pieces.push(all.slice(at, at + length));
    at += length;
  }
  return pieces;
}

const OK = "RTSP/1.0 200 OK\r\nCSeq: 3\r\nContent-Length: 4\r\n\r\nbody";

test("the example of RFC 2326, section 10.12: packets behind an answer", () => {
  const answer = "RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: 12345678\r\n" +
    "Date: 05 Jun 1997 18:59:15 GMT\r\n" +
    "RTP-Info: url=rtsp://foo.com/bar.file;seq=232433;rtptime=972948234\r\n\r\n";
  const { events } = new Received().push(
    bytes(answer, frame(0, 4, 1), frame(0, 2, 2), frame(1, 3)),
  );
  assertEquals(events, ["200 3 ", [0, "128,1,1,1"], [0, "128,2"], [1, "128,7,7"]]);
});

test("what lies wholly in a piece is not copied; what is cut is whole all the same", () => {
  const received = new Received();
  const all = bytes(frame(0, 9), frame(2, 5), frame(0, 6));
  received.push(all.slice(0, 16)).push(all.slice(16));
  assertEquals(received.inPlace, [true, false, true]);
  assertEquals(received.events.map(([channel]) => channel), [0, 2, 0]);
});

test("a packet without bytes, and the longest", () => {
  const { events } = new Received().push(bytes([0x24, 3, 0, 0], frame(1, 65535)));
  assertEquals(events.map((event) => [event[0], event[1]!.split(",").length]), [[3, 1], [
    1,
    65535,
  ]]);
  assertEquals(events[0], [3, ""]);
});

for (
  const [name, text, expected] of [
    ["line feeds alone", "RTSP/1.0 200 OK\nCSeq: 3\n\nRTSP/1.0 404 No\nCSeq: 4\n\n", [
      "200 3 ",
      "404 4 ",
    ]],
    ["both ends of lines, mixed", "RTSP/1.0 200 OK\r\nCSeq: 3\n\r\n", ["200 3 "]],
    ["a line more than the length says", `${OK}\r\n\r\n${OK}`, ["200 3 body", "200 3 body"]],
    ["no phrase", "RTSP/1.0 200\r\nCSeq: 3\r\n\r\n", ["200 3 "]],
    ["RTSP 2.0", "RTSP/2.0 200 OK\r\nCSeq: 3\r\n\r\n", ["200 3 "]],
    ["a request of the server", "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n", ["OPTIONS 1 "]],
    ["a method that nobody knows", "SET_X rtsp://a/b RTSP/1.0\r\nCSeq: 1\r\n\r\n", ["SET_X 1 "]],
    ["a length that is no number", "RTSP/1.0 200 OK\r\nCSeq: 3\r\nContent-Length: -4\r\n\r\n", [
      "200 3 ",
    ]],
  ] as const
) {
  test(`a message with ${name}`, () => {
    assertEquals(new Received().push(bytes(text)).events, expected as unknown as Event[]);
  });
}

test("a body is text in UTF-8", () => {
  const body = "s=Höf 🎥";
  const length = utf8.encode(body).length;
  const text = `RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: ${length}\r\n\r\n${body}`;
  assertEquals(new Received().push(bytes(text)).events, [`200 1 ${body}`]);
});

test("garbage before an answer is skipped", () => {
  const garbage = [0, 1, 0x24, 9, 0, 255, 65, 66, 0x24, 0x52, 0x54, 0x53, 0x50];
  const { events } = new Received().push(bytes(garbage, OK, frame(5, 2)));
  assertEquals(events, ["200 3 body", [5, "128,7"]]);
});

test("garbage between packets is skipped up to one of an expected channel", () => {
  const received = new Received();
  received.deframer.expect(0);
  received.push(bytes(frame(0, 3), [1, 2, 3], frame(8, 3), [0x24, 0, 0, 9, 0x12], frame(0, 4)));
  assertEquals(received.events, [[0, "128,7,7"], [0, "128,7,7,7"]]);
});

test("what cannot become a message is known before its line ends", () => {
  // Behind the capitals: no line, no word, a name in small letters.
  for (
    const garbage of [[0x41, 1], [0x41, 0x5a, 0x20, 0x2a, 0], [0x41, 0x61], [0x52, 0x54, 0x20, 2]]
  ) {
    const received = new Received();
    received.deframer.expect(0);
    assertEquals(received.push(bytes(garbage, frame(0, 2))).events, [[0, "128,7"]]);
  }
  const { events } = new Received().push(bytes("A_Z\t*\tRTSP/1.0\r\nCSeq: 1\r\n\r\n"));
  assertEquals(events, ["A_Z 1 "]);
});

test("a line without an end is no message", () => {
  const received = new Received();
  received.deframer.expect(0);
  received.push(bytes(`OPTIONS ${"x".repeat(5000)}`, frame(0, 2)));
  assertEquals(received.events, [[0, "128,7"]]);
});

test("without an expected channel, no packet is found behind garbage", () => {
  assertEquals(new Received().push(bytes([1, 2, 3], frame(0, 4), OK)).events, ["200 3 body"]);
});

test("so much garbage is skipped, and no more", () => {
  const noise = (length: number) => new Uint8Array(length).fill(0xee);
  assertEquals(new Received().push(bytes(noise(65536), OK)).events, ["200 3 body"]);
  // What was understood in between begins a new count.
  const received = new Received().push(bytes(noise(60000), OK, noise(60000), OK));
  assertEquals(received.events, ["200 3 body", "200 3 body"]);
  assertEquals(kindOf(() => new Received().push(noise(65537))), "not-rtsp");
});

test("a server of HTTP is told at once", () => {
  const fault = assertThrows(() => new Received().push(bytes("HTTP/")), RtspFault);
  assertEquals([fault.kind, /HTTP/.test(fault.message)], ["not-rtsp", true]);
});

test("heads and bodies have bounds", () => {
  const head = (length: number) => {
    const start = "RTSP/1.0 200 OK\r\nCSeq: 3\r\nX: ";
    return `${start}${"x".repeat(length - start.length - 4)}\r\n\r\n`;
  };
  assertEquals(new Received().push(bytes(head(65536))).events, ["200 3 "]);
  assertEquals(kindOf(() => new Received().push(bytes(head(65537)))), "too-large");
  assertEquals(kindOf(() => new Received().push(bytes(head(90000).slice(0, 65537)))), "too-large");
  const body = (length: number) => `RTSP/1.0 200 OK\r\nContent-Length: ${length}\r\n\r\n`;
  const most = bytes(body(256 * 1024), new Uint8Array(256 * 1024).fill(0x61));
  assertEquals(new Received().push(most).events.length, 1);
  for (const length of [256 * 1024 + 1, 2 ** 31, 1e300]) {
    const text = body(length).replace("1e+300", "9".repeat(400));
    assertEquals(kindOf(() => new Received().push(bytes(text))), "too-large");
  }
});

/** Parts of a connection, good and bad. */
function part(drawn: Drawn): Uint8Array {
  const number = drawn.integer(0, 99);
  const end = drawn.pick(["\r\n", "\n"]);
  switch (drawn.integer(0, 6)) {
    case 0:
      return bytes(`RTSP/1.0 ${drawn.pick([200, 401])} OK${end}CSeq: ${number}${end}${end}`);
    case 1: {
      const body = "v=0\r\n".repeat(drawn.integer(1, 40));
      const head = `RTSP/1.0 200 OK${end}CSeq: ${number}${end}Content-Length: ${body.length}${end}`;
      return bytes(head, end, body);
    }
    case 2:
      return bytes(`GET_PARAMETER * RTSP/1.0${end}CSeq: ${number}${end}${end}`);
    case 3:
      return frame(drawn.integer(0, 3), drawn.integer(1, 3000), number);
    case 4:
      return bytes(
        drawn.pick(["\r\n", "\n", "RTSP", "RTSP/1.0 ", "OPTIONS ", "$", "Ab", "AB C\n"]),
      );
    case 5:
      return Uint8Array.from({ length: drawn.integer(1, 30) }, () => drawn.integer(0, 255));
    default:
      return frame(drawn.integer(0, 3), drawn.integer(1, 30));
  }
}

test("any cut gives the same events", () => {
  forAll(200, (drawn) => {
    const all = bytes(...Array.from({ length: drawn.integer(1, 12) }, () => part(drawn)));
    const [whole, pieces] = [new Received(), new Received()];
    for (const { deframer } of [whole, pieces]) [0, 1, 2].forEach((one) => deframer.expect(one));
    assertEquals(pieces.outcome(cut(all, drawn)), whole.outcome([all]));
  });
});

test("good parts come out as they went in", () => {
  forAll(100, (drawn) => {
    const expected: Event[] = [];
    const parts = Array.from({ length: drawn.integer(1, 12) }, (_, i) => {
      if (drawn.integer(0, 2) === 0) {
        const body = "x".repeat(drawn.integer(0, 300));
        expected.push(`200 ${i} ${body}`);
        return bytes(
          `RTSP/1.0 200 OK\r\nCSeq: ${i}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        );
      }
      const sent = frame(drawn.integer(0, 255), drawn.integer(1, 2000), i);
      expected.push([sent[1]!, [...sent.subarray(4)].join()]);
      return sent;
    });
    assertEquals(new Received().outcome(cut(bytes(...parts), drawn)), expected);
  });
});

test("random bytes give no error but its own", () => {
  forAll(200, (drawn) => {
    const alphabet = drawn.pick([
      [0x24, 0, 1, 0x80],
      [...utf8.encode("RTSP/1.0 2\r\n:$A ")],
      undefined,
    ]);
    const all = Uint8Array.from({ length: drawn.integer(0, 400) }, () => {
      return alphabet === undefined ? drawn.integer(0, 255) : drawn.pick(alphabet);
    });
    assert(Array.isArray(new Received().outcome(cut(all, drawn))));
  });
});
