/** The conversation with a server (RFC 2326), with the servers of the field. */

import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { test } from "node:test";
import type { SessionDescription } from "../../../src/core/rtsp/sdp.ts";
import { type Drawn, forAll } from "../property.ts";
import {
  all,
  type Answer,
  Conversation,
  DEADLINES,
  interleaved,
  SDP,
  udp,
} from "./conversation.ts";

const URL = "rtsp://192.0.2.1:8554/live";
const WITH_PASSWORD = "rtsp://admin:Se%3Acret-1@192.0.2.1:8554/live";
const BASIC = { "WWW-Authenticate": 'Basic realm="cam"' };
const DIGEST = { "WWW-Authenticate": 'Digest realm="cam", nonce="1"' };

function begin(url = URL, options = {}): Conversation {
  return new Conversation(url, all(interleaved), options);
}

/** Plays, and nothing is asked any more. */
function playing(fields: Parameters<Conversation["play"]>[0] = {}, url = URL): Conversation {
  const talk = begin(url).play(fields);
  assert(talk.starts, talk.fault?.message);
  return talk;
}

/** Up to the first request of this method. */
function upTo(method: string, url = URL, options = {}): Conversation {
  const talk = begin(url, options);
  const grants: Record<string, Answer> = {
    DESCRIBE: [200, {}, SDP],
    SETUP: [200, { Session: "9" }],
  };
  while (talk.last.method !== method) talk.answer(...grants[talk.last.method] ?? [200]);
  return talk;
}

function failure(talk: Conversation): unknown[] {
  const { kind, method, status } = talk.fault ?? {};
  return [kind, method, status];
}

test("from the first request to the pictures", () => {
  const talk = playing({
    play: [200, { "RTP-Info": "url=rtsp://192.0.2.1:8554/live/track2;seq=5;rtptime=6" }],
  });
  assertEquals(talk.lines, [
    `OPTIONS ${URL}`,
    `DESCRIBE ${URL}`,
    `SETUP ${URL}/track1`,
    `SETUP ${URL}/track2`,
    `PLAY ${URL}`,
  ]);
  const [options, describe, first, second, play] = talk.requests.map(({ headers }) => headers);
  assertEquals(talk.requests.map(({ headers }) => headers.first("CSeq")), [..."12345"]);
  assertEquals([options!.first("User-Agent"), describe!.first("Accept")], [
    "test",
    "application/sdp",
  ]);
  assertEquals([first, second].map((one) => one!.first("Transport")), [
    "RTP/AVP/TCP;unicast;interleaved=0-1",
    "RTP/AVP/TCP;unicast;interleaved=2-3",
  ]);
  assertEquals([first, second, play].map((one) => one!.first("Session")), [
    undefined,
    "12345678",
    "12345678",
  ]);
  assertEquals(play!.first("Range"), "npt=0.000-");
  assertEquals(talk.starts, [{ sequence: undefined, time: undefined }, { sequence: 5, time: 6 }]);
});

test("only the media that are wanted are set up", () => {
  const talk = new Conversation(URL, ({ media }) => {
    return [{ media: media[1]!, transport: udp(0) }];
  }).play();
  assertEquals(talk.methods, ["OPTIONS", "DESCRIBE", "SETUP", "PLAY"]);
  assertEquals(talk.requests[2]!.url, `${URL}/track2`);
  assertEquals(talk.setUps.map(([kind]) => kind), ["audio"]);
});

test("the media may be chosen later; meanwhile no time is over", () => {
  const talk = new Conversation(URL);
  talk.answer(200).answer(200, {}, SDP);
  assertEquals([talk.description?.media.length, talk.session.nextDeadline], [2, Infinity]);
  talk.pass(1e9);
  talk.session.setUp(all(interleaved)(talk.description!), talk.now);
  assertEquals(talk.last.method, "SETUP");
  assertEquals(talk.session.nextDeadline, 1e9 + DEADLINES.setUp);
});

test("no media at all cannot be set up", () => {
  const talk = new Conversation(URL);
  talk.answer(200).answer(200, {}, SDP);
  assertThrows(() => talk.session.setUp([], 0), TypeError);
});

test("channels are those of the server", () => {
  const talk = playing({ setUp: [200, { Transport: "RTP/AVP/TCP;unicast;interleaved=6-7" }] });
  assertEquals(talk.setUps.map(([, { channels }]) => channels), [[6, 7], [6, 7]]);
});

test("URLs are below Content-Base", () => {
  const talk = playing({ describe: [200, { "Content-Base": "rtsp://192.0.2.1/x/" }, SDP] });
  assertEquals(talk.lines.slice(2), [
    "SETUP rtsp://192.0.2.1/x/track1",
    "SETUP rtsp://192.0.2.1/x/track2",
    "PLAY rtsp://192.0.2.1/x/",
  ]);
});

for (const status of [400, 404, 405, 501, 551]) {
  test(`OPTIONS that is refused with ${status} is done without`, () => {
    const talk = playing({ options: [status, { Public: "GET_PARAMETER" }] });
    talk.pass(30_000);
    assertEquals(talk.last.method, "OPTIONS");
  });
}

// Each step, and what refuses it.
for (const method of ["DESCRIBE", "SETUP", "PLAY"]) {
  for (const status of [300, 403, 404, 453, 500, 503]) {
    test(`${method} that is refused with ${status} ends it`, () => {
      const talk = upTo(method).answer(status);
      assertEquals(failure(talk), ["status", method, status]);
    });
  }
}

test("a session that the server has forgotten", () => {
  const talk = upTo("PLAY").answer(454);
  assertEquals(failure(talk), ["session-lost", "PLAY", 454]);
  assertEquals(talk.last.method, "PLAY");
});

test("after a failure there is a farewell where media were set up, and nothing else", () => {
  const early = upTo("DESCRIBE").answer(404);
  assertEquals(early.last.method, "DESCRIBE");
  const late = upTo("PLAY").answer(503);
  assertEquals([late.last.method, late.last.headers.first("Session")], ["TEARDOWN", "9"]);
  const asked = late.requests.length;
  late.session.close();
  late.session.connected(0);
  late.answer(200).answer(401, BASIC);
  late.pass(1e9);
  assertEquals([late.requests.length, late.session.nextDeadline], [asked, Infinity]);
});

test("a description that is empty, or has no media", () => {
  for (const body of ["", " \r\n", "v=0\r\ns=x\r\n"]) {
    assertEquals(failure(upTo("DESCRIBE").answer(200, {}, body))[0], "description");
  }
});

// Transports.

test("a transport that is refused leaves the choice of another one", () => {
  let choose = all(udp);
  const talk = new Conversation(URL, (description) => choose(description));
  talk.answer(200).answer(200, {}, SDP).answer(461);
  assertEquals(talk.refusals.map(([kind, fault]) => [kind, fault.kind, fault.status]), [
    ["video", "transport", 461],
  ]);
  assertEquals([talk.fault, talk.session.nextDeadline], [undefined, Infinity]);
  choose = all(interleaved);
  talk.session.setUp(choose(talk.description as SessionDescription), talk.now);
  talk.play();
  assertEquals(talk.requests.slice(2).map(({ headers }) => headers.first("Transport")), [
    "RTP/AVP;unicast;client_port=40000-40001",
    "RTP/AVP/TCP;unicast;interleaved=0-1",
    "RTP/AVP/TCP;unicast;interleaved=2-3",
    undefined,
  ]);
});

test("the second media alone may be refused", () => {
  const talk = new Conversation(URL, all(udp));
  talk.answer(200).answer(200, {}, SDP).answer(200, { Session: "9" }).answer(461);
  assertEquals(talk.refusals.map(([kind]) => kind), ["audio"]);
  const [, audio] = talk.description!.media;
  talk.session.setUp([{ media: audio!, transport: interleaved(0) }], talk.now);
  talk.play();
  assertEquals([talk.setUps.length, talk.starts?.length], [2, 2]);
  assertEquals(talk.last.headers.first("Session"), "12345678");
});

test("a transport that was not asked for is none that can be taken", () => {
  const talk = new Conversation(URL, all(interleaved));
  const other = { Transport: "RTP/AVP;unicast;client_port=1-2", Session: "9" };
  talk.answer(200).answer(200, {}, SDP).answer(200, other);
  assertEquals([talk.setUps, talk.refusals[0]![1].kind], [[], "transport"]);
  talk.session.close();
  assertEquals([talk.last.method, talk.last.headers.first("Session")], ["TEARDOWN", "9"]);
});

// PLAY.

for (const status of [400, 451, 456, 457, 501]) {
  test(`PLAY is asked without a range where ${status} refuses one, once`, () => {
    const talk = upTo("PLAY").answer(status);
    assertEquals([talk.last.method, talk.last.headers.first("Range")], ["PLAY", undefined]);
    assertEquals(talk.fault, undefined);
    talk.answer(status);
    assertEquals(failure(talk), ["status", "PLAY", status]);
  });
}

test("each media is played by itself where all together are refused (RFC 2326, section 11.3)", () => {
  const talk = upTo("PLAY").answer(459);
  const played = () => talk.lines.filter((line) => line.startsWith("PLAY"));
  assertEquals([played(), talk.starts], [[`PLAY ${URL}`, `PLAY ${URL}/track1`], undefined]);
  talk.answer(200, { "RTP-Info": "url=track1;seq=1" });
  assertEquals([played().at(-1), talk.starts], [`PLAY ${URL}/track2`, undefined]);
  talk.answer(200, { "RTP-Info": "url=track2;seq=2" });
  assertEquals(talk.starts?.map(({ sequence }) => sequence), [1, 2]);
});

test("but not for ever", () => {
  const talk = upTo("PLAY").answer(459).answer(459);
  assertEquals(failure(talk), ["status", "PLAY", 459]);
});

// Passwords.

test("a password is told when it is wanted, and from then on", () => {
  const talk = begin(WITH_PASSWORD);
  talk.answer(200).answer(401, BASIC).play();
  const told = talk.requests.map(({ method, headers }) => [method, headers.first("Authorization")]);
  const basic = `Basic ${btoa("admin:Se:cret-1")}`;
  assertEquals(told, [
    ["OPTIONS", undefined],
    ["DESCRIBE", undefined],
    ["DESCRIBE", basic],
    ["SETUP", basic],
    ["SETUP", basic],
    ["PLAY", basic],
  ]);
  assertEquals(talk.requests[2]!.headers.first("Accept"), "application/sdp");
  assertFalse(talk.requests.some(({ url }) => url.includes("@")));
});

test("a digest is of the URL that is asked", () => {
  const talk = begin(WITH_PASSWORD).answer(401, DIGEST).play();
  for (const { headers, url } of talk.requests.slice(1)) {
    assert(headers.first("Authorization")?.includes(`uri="${url}"`));
  }
});

test("a password that is wrong is told once, and nowhere else", () => {
  for (const challenge of [BASIC, DIGEST]) {
    const talk = begin(WITH_PASSWORD).answer(200).answer(401, challenge).answer(401, challenge);
    assertEquals(failure(talk), ["auth", "DESCRIBE", 401]);
    assertEquals(talk.methods, ["OPTIONS", "DESCRIBE", "DESCRIBE"]);
    assertFalse(talk.fault!.message.includes("cret"));
    assertEquals(talk.fault!.offered.length, 1);
  }
});

test("without a password, the fault says what the server would take", () => {
  const talk = begin().answer(200);
  talk.answer(401, { "WWW-Authenticate": `${DIGEST["WWW-Authenticate"]}\nBasic realm="x"` });
  assertEquals(talk.fault?.offered, ["Digest with MD5", "Basic"]);
  assertEquals(talk.methods, ["OPTIONS", "DESCRIBE"]);
});

test("OPTIONS that wants a password and does not say how is done without", () => {
  const talk = begin(WITH_PASSWORD).answer(401).answer(401, DIGEST);
  assertEquals([talk.fault, talk.methods], [undefined, ["OPTIONS", "DESCRIBE", "DESCRIBE"]]);
  assertEquals(failure(begin(WITH_PASSWORD).answer(401).answer(401)), [
    "auth-way",
    "DESCRIBE",
    401,
  ]);
});

test("a challenge that has become too old while it plays is answered anew", () => {
  const talk = begin(WITH_PASSWORD).answer(401, DIGEST).play();
  talk.pass(30_000);
  assertEquals(talk.last.method, "GET_PARAMETER");
  talk.answer(401, { "WWW-Authenticate": 'Digest realm="cam", nonce="2", stale=true' });
  assertEquals(talk.last.method, "GET_PARAMETER");
  assert(talk.last.headers.first("Authorization")?.includes('nonce="2"'));
  talk.answer(200);
  assertEquals(talk.fault, undefined);
});

test("a password that is refused while it plays is told no more, not even in a farewell", () => {
  const talk = begin(WITH_PASSWORD).answer(401, DIGEST).play();
  talk.pass(30_000);
  talk.answer(401, DIGEST).answer(401, DIGEST);
  assertEquals(failure(talk), ["auth", "GET_PARAMETER", 401]);
  assertEquals(talk.methods.slice(-3), ["PLAY", "GET_PARAMETER", "GET_PARAMETER"]);
  talk.session.close();
  assertEquals(talk.last.method, "GET_PARAMETER");
});

test("a proxy wants a password by fields of its own (RFC 2326, section 12.27)", () => {
  const talk = begin(WITH_PASSWORD);
  talk.answer(407, { "Proxy-Authenticate": 'Basic realm="proxy"' });
  assertEquals(talk.last.headers.first("Authorization"), undefined);
  assert(talk.last.headers.first("Proxy-Authorization")?.startsWith("Basic "));
  talk.answer(200).answer(401, DIGEST);
  assert(talk.last.headers.first("Proxy-Authorization")?.startsWith("Basic "));
  assert(talk.last.headers.first("Authorization")?.startsWith("Digest "));
});

test("a challenge of a proxy may become too old as well, again and again", () => {
  const challenge = { "Proxy-Authenticate": 'Basic realm="proxy"' };
  const talk = begin(WITH_PASSWORD).answer(407, challenge).play();
  for (let i = 0; i < 3; i++) {
    talk.pass(30_000);
    talk.answer(407, challenge).answer(200);
  }
  assertEquals([talk.fault, talk.methods.slice(-2)], [undefined, Array(2).fill("GET_PARAMETER")]);
});

// Redirections.

for (const status of [301, 302, 303, 305, 307, 308]) {
  test(`${status} leads to another URL of the same host, with the password`, () => {
    const talk = upTo("DESCRIBE", WITH_PASSWORD).answer(status, {
      Location: "rtsp://192.0.2.1/other",
    });
    assertEquals([talk.redirections, talk.session.endpoint.port], [
      ["rtsp://192.0.2.1/other"],
      554,
    ]);
    assertEquals(talk.session.nextDeadline, Infinity);
    // Nothing is asked before there is a connection.
    assertEquals(talk.last.method, "DESCRIBE");
    talk.session.connected(talk.now);
    assertEquals(talk.last.url, "rtsp://192.0.2.1/other");
    talk.answer(401, BASIC);
    assertEquals(talk.last.headers.first("Authorization"), `Basic ${btoa("admin:Se:cret-1")}`);
    talk.play();
    assert(talk.starts);
  });
}

test("another host is not gone to", () => {
  const talk = upTo("DESCRIBE", WITH_PASSWORD).answer(302, { Location: "rtsp://192.0.2.9/live" });
  assertEquals([failure(talk)[0], talk.redirections], ["redirect", []]);
});

test("but where that is allowed, and the password stays here", () => {
  const talk = upTo("DESCRIBE", WITH_PASSWORD, { redirects: "any" });
  talk.answer(401, DIGEST).answer(302, { Location: "rtsp://192.0.2.9/live" });
  talk.session.connected(talk.now);
  talk.answer(200).answer(401, DIGEST);
  assertEquals(talk.fault?.kind, "auth");
  const there = talk.requests.filter(({ url }) => url.startsWith("rtsp://192.0.2.9/"));
  assertEquals(there.map(({ method, headers }) => [method, headers.first("Authorization")]), [
    ["OPTIONS", undefined],
    ["DESCRIBE", undefined],
  ]);
});

test("five redirections are followed, and no more", () => {
  const talk = begin();
  for (let i = 1; i <= 5; i++) {
    talk.answer(302, { Location: `/${i}` });
    assertEquals(talk.redirections.length, i);
    talk.session.connected(talk.now);
  }
  talk.answer(302, { Location: "/6" });
  assertEquals([talk.fault?.kind, talk.redirections.length], ["redirect", 5]);
});

test("a redirection without a place is a fault", () => {
  assertEquals(failure(begin().answer(302))[0], "redirect");
});

test("what was set up is ended before another URL is asked", () => {
  const talk = upTo("PLAY").answer(302, { Location: "/other" });
  assertEquals([talk.last.method, talk.last.url, talk.redirections.length], ["TEARDOWN", URL, 1]);
  talk.session.connected(talk.now);
  assertEquals(talk.last.headers.first("Session"), undefined);
  talk.play();
  assertEquals(talk.starts?.length, 2);
});

// Answers that are odd.

test("the number of an answer may be wrong, or missing", () => {
  for (const fields of ["CSeq: 0\r\n", "CSeq: 999\r\n", "CSeq: x\r\n", ""]) {
    const talk = begin();
    talk.receive(`RTSP/1.0 200 OK\r\n${fields}\r\n`);
    assertEquals(talk.last.method, "DESCRIBE", fields);
  }
});

test("an answer that announces another one is waited behind (RFC 2326, section 7.1.1)", () => {
  const talk = begin().answer(100);
  assertEquals(talk.methods, ["OPTIONS"]);
  talk.answer(200);
  assertEquals(talk.methods, ["OPTIONS", "DESCRIBE"]);
});

test("answers that nothing was asked for are left out", () => {
  const talk = playing();
  talk.answer(404).answer(401).answer(302, { Location: "/x" });
  assertEquals([talk.fault, talk.redirections, talk.methods.length], [undefined, [], 5]);
});

// Deadlines.

for (
  const [method, step] of [
    ["OPTIONS", "options"],
    ["DESCRIBE", "describe"],
    ["SETUP", "setUp"],
    ["PLAY", "play"],
  ] as const
) {
  test(`${method} has its deadline`, () => {
    const talk = upTo(method);
    assertEquals(talk.session.nextDeadline, DEADLINES[step]);
    talk.pass(DEADLINES[step] - 1);
    assertEquals(talk.fault, undefined);
    talk.pass(1);
    assertEquals(failure(talk), ["timeout", method, undefined]);
    assertEquals(talk.session.nextDeadline, Infinity);
  });
}

test("a password does not prolong a deadline", () => {
  const talk = begin(WITH_PASSWORD);
  talk.pass(900);
  talk.answer(401, DIGEST);
  assertEquals(talk.session.nextDeadline, DEADLINES.options);
});

// Keep-alives (RFC 2326, sections 10.8 and 12.37).

for (
  const [timeout, every] of [["", 30_000], [";timeout=20", 10_000], [";timeout=1", 500]] as const
) {
  test(`a session${timeout} is kept alive every ${every} ms`, () => {
    const talk = playing({ setUp: [200, { Session: `1${timeout}` }] });
    for (let i = 1; i <= 3; i++) {
      talk.pass(every - 1);
      assertEquals(talk.requests.length, 4 + i);
      talk.pass(1);
      assertEquals([talk.last.method, talk.last.url, talk.last.headers.first("Session")], [
        "GET_PARAMETER",
        URL,
        "1",
      ]);
      talk.answer(200);
    }
  });
}

test("OPTIONS keeps alive what does not offer GET_PARAMETER, and what refuses it", () => {
  const talk = playing({ options: [200, { Public: "OPTIONS, PLAY" }] });
  talk.pass(30_000);
  assertEquals(talk.last.method, "OPTIONS");
  const other = playing();
  other.pass(30_000);
  other.answer(405);
  other.pass(30_000);
  assertEquals(other.methods.slice(-2), ["GET_PARAMETER", "OPTIONS"]);
  other.answer(404);
  other.pass(30_000);
  assertEquals([other.fault, other.last.method], [undefined, "OPTIONS"]);
});

test("a server that names no session is kept alive and left as well", () => {
  const talk = playing({ setUp: [200] });
  talk.pass(30_000);
  assertEquals([talk.last.method, talk.last.headers.first("Session")], [
    "GET_PARAMETER",
    undefined,
  ]);
  talk.session.close();
  assertEquals(talk.last.method, "TEARDOWN");
});

test("keep-alives need no answers, and late ones are not taken for others", () => {
  const talk = playing();
  talk.pass(150_000);
  assertEquals([talk.requests.length, talk.fault], [10, undefined]);
  const [before, last] = talk.requests.slice(-2).map(({ headers }) => headers.first("CSeq")!);
  talk.answer(454, { CSeq: before! });
  assertEquals(talk.fault, undefined);
  talk.answer(454, { CSeq: last! });
  assertEquals(failure(talk), ["session-lost", "GET_PARAMETER", 454]);
});

// Requests of the server.

test("what the server asks is answered", () => {
  const talk = playing();
  const ask = (method: string) => {
    talk.receive(`${method} ${URL} RTSP/1.0\r\nCSeq: 7\r\nSession: 1\r\n\r\n`);
    return talk.answers.at(-1);
  };
  assertEquals(
    ask("OPTIONS"),
    "RTSP/1.0 200 OK\r\nCSeq: 7\r\nSession: 1\r\n" +
      "Public: OPTIONS, ANNOUNCE, REDIRECT, GET_PARAMETER, TEARDOWN\r\n\r\n",
  );
  for (const method of ["ANNOUNCE", "GET_PARAMETER"]) {
    assertEquals(ask(method), "RTSP/1.0 200 OK\r\nCSeq: 7\r\nSession: 1\r\n\r\n");
  }
  assertEquals(ask("RECORD"), "RTSP/1.0 501 Not Implemented\r\nCSeq: 7\r\nSession: 1\r\n\r\n");
  assertEquals([talk.fault, talk.methods.length], [undefined, 5]);
});

test("a request of the server is no answer to ours", () => {
  const talk = begin();
  talk.receive(`OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n`);
  assertEquals([talk.methods, talk.answers.length], [["OPTIONS"], 1]);
});

test("a server that asks without an end is not answered without an end", () => {
  const talk = playing();
  for (let i = 0; i < 1000; i++) talk.receive("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n");
  assertEquals(talk.answers.length, 100);
  talk.pass(30_000);
  talk.receive("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n");
  assertEquals(talk.answers.length, 101);
});

test("REDIRECT and TEARDOWN of the server (RFC 2326, section 10.10)", () => {
  const moved = playing();
  moved.receive(`REDIRECT ${URL} RTSP/1.0\r\nCSeq: 7\r\nLocation: rtsp://192.0.2.1/b\r\n\r\n`);
  assertEquals([moved.redirections, moved.last.method], [["rtsp://192.0.2.1/b"], "TEARDOWN"]);
  assertEquals(moved.answers.length, 1);
  for (const method of ["REDIRECT", "TEARDOWN"]) {
    const ended = playing();
    ended.receive(`${method} ${URL} RTSP/1.0\r\nCSeq: 7\r\n\r\n`);
    assertEquals([ended.fault?.kind, ended.last.method], ["ended", "PLAY"]);
  }
});

// The end.

test("a farewell has the session and the password, and is said once", () => {
  const talk = begin(WITH_PASSWORD).answer(401, BASIC).play();
  talk.session.close();
  talk.session.close();
  assertEquals(talk.lines.filter((line) => line.startsWith("TEARDOWN")), [`TEARDOWN ${URL}`]);
  assertEquals(talk.last.headers.first("Session"), "12345678");
  assert(talk.last.headers.first("Authorization"));
  talk.answer(401, BASIC);
  talk.pass(1e9);
  assertEquals([talk.last.method, talk.fault], ["TEARDOWN", undefined]);
});

test("before anything was set up there is nothing to say", () => {
  const talk = upTo("DESCRIBE");
  talk.session.close();
  talk.answer(200, {}, SDP);
  assertEquals([talk.last.method, talk.description], ["DESCRIBE", undefined]);
});

test("who closes it while it reports is not asked to go on", () => {
  for (const after of ["SETUP", "DESCRIBE"]) {
    const talk: Conversation = new Conversation(URL, (description) => {
      if (after === "DESCRIBE") talk.session.close();
      return all(interleaved)(description);
    });
    talk.answer(200).answer(200, {}, SDP);
    if (after === "SETUP") {
      talk.setUps.push = () => (talk.session.close(), 1);
      talk.answer(200, { Session: "9" });
    }
    assertEquals(talk.last.method, after === "SETUP" ? "TEARDOWN" : "DESCRIBE");
  }
});

/** Some answer or request that a server might send. */
function something(drawn: Drawn): string {
  const status = drawn.pick([100, 200, 200, 200, 200, 301, 302, 401, 407, 404, 454, 459, 461, 457]);
  const body = drawn.pick(["", SDP, SDP, "v=0\r\n", "m=video 0 RTP/AVP 96\r\n"]);
  const fields = [
    `CSeq: ${drawn.integer(0, 12)}`,
    `Content-Length: ${body.length}`,
    drawn.pick(["Session: 7", "Session: 7;timeout=1", "Session: ;"]),
    drawn.pick(["Location: /x", "Location: rtsp://192.0.2.9/", "Location: x:y", "X: y"]),
    drawn.pick(["WWW-Authenticate: Basic", 'WWW-Authenticate: Digest nonce="1", stale=true']),
    drawn.pick(["Proxy-Authenticate: Basic", "WWW-Authenticate: Bearer"]),
    drawn.pick(["Transport: RTP/AVP/TCP;interleaved=0-1", "Transport: RTP/AVP", "Public: A"]),
    drawn.pick(["RTP-Info: url=track1;seq=1", "Content-Base: rtsp://h/", "Content-Base: \x01"]),
  ].join("\r\n");
  const first = drawn.integer(0, 9) === 0
    ? `${drawn.pick(["OPTIONS", "REDIRECT", "TEARDOWN", "X"])} * RTSP/1.0`
    : `RTSP/1.0 ${status} x`;
  return `${first}\r\n${fields}\r\n\r\n${body}`;
}

test("whatever a server says, it ends or goes on, and nobody hears the password", () => {
  forAll(150, (drawn) => {
    const redirects = drawn.pick(["any", "same-host"] as const);
    const talk = new Conversation(WITH_PASSWORD, all(interleaved), { redirects });
    for (let i = 0; i < 30; i++) {
      const over = talk.fault !== undefined;
      const asked = talk.requests.length;
      if (drawn.integer(0, 5) === 0) talk.pass(drawn.pick([10, 500, 5000, 60_000]));
      else talk.receive(something(drawn));
      if (over) assertEquals(talk.requests.length, asked);
      if (drawn.integer(0, 2) === 0) talk.session.connected(talk.now);
    }
    assert(talk.redirections.length <= 5);
    assertFalse(`${talk.fault?.message} ${talk.fault?.offered}`.includes("cret-1"));
    for (const { url, headers } of talk.requests) {
      const isElsewhere = url.startsWith("rtsp://192.0.2.9/");
      assertFalse(isElsewhere && (headers.first("Authorization") ?? "").includes("admin"));
      assertFalse(isElsewhere && (headers.first("Authorization") ?? "").startsWith("Basic"));
      assertFalse(url.includes("cret-1"));
    }
  });
});
