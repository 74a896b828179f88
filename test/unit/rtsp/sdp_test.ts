/** Session descriptions (RFC 8866, RFC 4566; RFC 2326, appendix C). */

import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { test } from "node:test";
import { RtspFault } from "../../../src/core/rtsp/fault.ts";
import type { MediaFormat } from "../../../src/core/rtsp/media_format.ts";
import { type MediaSection, parseDescription } from "../../../src/core/rtsp/sdp.ts";
import { type Drawn, forAll } from "../property.ts";

function lines(...all: readonly string[]): string {
  return all.map((line) => `${line}\r\n`).join("");
}

function media(...all: readonly string[]): MediaSection {
  return parseDescription(lines("v=0", ...all)).media[0]!;
}

function format(...all: readonly string[]): MediaFormat {
  return media(...all).formats[0]!;
}

function parameters(fmtp: string): Record<string, string> {
  return Object.fromEntries(format("m=video 0 RTP/AVP 96", `a=fmtp:96 ${fmtp}`).parameters);
}

test("the example of RFC 4566, section 5", () => {
  const { name, control, media: [audio, video, ...more] } = parseDescription(lines(
    "v=0",
    "o=jdoe 2890844526 2890842807 IN IP4 10.47.16.5",
    "s=SDP Seminar",
    "i=A Seminar on the session description protocol",
    "u=http://www.example.com/seminars/sdp.pdf",
    "e=j.doe@example.com (Jane Doe)",
    "c=IN IP4 224.2.17.12/127",
    "t=2873397496 2873404696",
    "a=recvonly",
    "m=audio 49170 RTP/AVP 0",
    "m=video 51372 RTP/AVP 99",
    "a=rtpmap:99 h263-1998/90000",
  ));
  assertEquals([name, control, more], ["SDP Seminar", undefined, []]);
  const connection = { family: 4, address: "224.2.17.12", multicast: true, ttl: 127 };
  assertEquals([audio!.kind, audio!.port, audio!.protocol, audio!.direction, audio!.connection], [
    ...["audio", 49170, "RTP/AVP", "recvonly"],
    connection,
  ]);
  assertEquals(
    audio!.formats.map(({ payloadType, encoding, clockRate, channels }) => {
      return [payloadType, encoding, clockRate, channels];
    }),
    [[0, "PCMU", 8000, 1]],
  );
  assertEquals([video!.kind, video!.port, video!.connection], ["video", 51372, connection]);
  assertEquals([video!.formats[0]!.encoding, video!.formats[0]!.channels], [
    "H263-1998",
    undefined,
  ]);
});

test("the example of RFC 2326, section C.3: media below an aggregate control", () => {
  const { name, control, media } = parseDescription(lines(
    "v=0",
    "o=- 2890844256 2890842807 IN IP4 204.34.34.32",
    "s=I contain",
    "i=<more info>",
    "t=0 0",
    "c=IN IP4 0.0.0.0",
    "a=control:rtsp://example.com/movie/",
    "m=video 8002 RTP/AVP 31",
    "a=control:trackID=1",
    "m=audio 8004 RTP/AVP 3",
    "a=control:trackID=2",
  ));
  assertEquals([name, control], ["I contain", "rtsp://example.com/movie/"]);
  assertEquals(media.map(({ control, formats }) => [control, formats[0]!.encoding]), [
    ["trackID=1", "H261"],
    ["trackID=2", "GSM"],
  ]);
});

test("formats: by the description, by the table, or unknown", () => {
  const { formats } = media(
    "m=audio 0 RTP/AVP 97 8 10 14 111 98",
    "a=rtpmap:97 mpeg4-generic/48000/2",
    "a=rtpmap:111 opus/48000/2",
    "a=rtpmap:8 PCMA/16000",
  );
  assertEquals(
    formats.map(({ payloadType, encoding, clockRate, channels }) => {
      return [payloadType, encoding, clockRate, channels];
    }),
    [
      [97, "MPEG4-GENERIC", 48000, 2],
      [8, "PCMA", 16000, 1],
      [10, "L16", 44100, 2],
      [14, "MPA", 90000, 1],
      [111, "OPUS", 48000, 2],
      [98, undefined, undefined, 1],
    ],
  );
});

test("payload types that are none are left out, and those that stand twice", () => {
  const { formats } = media("m=video 0 RTP/AVP 96 x 128 999 96 -1 127");
  assertEquals(formats.map(({ payloadType }) => payloadType), [96, 127]);
});

test("spaces within a map, and a map of nothing", () => {
  const { encoding, clockRate, channels } = format(
    "m=audio 0 RTP/AVP 97",
    "a=rtpmap:97",
    "a=rtpmap:97 opus / 48000 / 2",
  );
  assertEquals([encoding, clockRate, channels], ["OPUS", 48000, 2]);
});

test("of one attribute, 32 lines are read for each payload type", () => {
  const many = Array.from({ length: 40 }, (_, i) => `a=rtcp-fb:96 x${i}`);
  assertEquals(format("m=video 0 RTP/AVP 96", ...many).feedback.length, 32);
});

test("a media line without payload types has those that are mapped", () => {
  assertEquals(format("m=video 0 RTP/AVP", "a=rtpmap:96 H264/90000").encoding, "H264");
});

test("pictures without a clock have that of all pictures", () => {
  assertEquals(format("m=video 0 RTP/AVP 96", "a=rtpmap:96 H264").clockRate, 90000);
});

test("parameters: names in small letters, values as they are", () => {
  assertEquals(
    parameters(
      "Packetization-Mode=1; profile-level-id=42C01F;sprop-parameter-sets=Z0LAH9k=,aMuMsg==; x ;",
    ),
    {
      "packetization-mode": "1",
      "profile-level-id": "42C01F",
      "sprop-parameter-sets": "Z0LAH9k=,aMuMsg==",
      "x": "",
    },
  );
  assertEquals(parameters('config="000001B0F5";mode=AAC-hbr'), {
    config: "000001B0F5",
    mode: "AAC-hbr",
  });
});

test("parameters may stand before the map, and in two lines", () => {
  const { encoding, parameters } = format(
    "m=video 0 RTP/AVP 96",
    "a=fmtp:96 a=1",
    "a=fmtp:97 a=9",
    "a=fmtp:96 b=2",
    "a=rtpmap:96 H265/90000",
  );
  assertEquals([encoding, Object.fromEntries(parameters)], ["H265", { a: "1", b: "2" }]);
});

test("feedback: of one payload type, or of all (RFC 4585, section 4.2)", () => {
  const { protocol, formats } = media(
    "m=video 0 RTP/AVPF 96 97",
    "a=rtcp-fb:96 nack pli",
    "a=rtcp-fb:* ccm  FIR",
    "a=rtcp-fb:97 nack",
    "a=rtcp-fb:98 nack rpsi",
  );
  assertEquals([protocol, ...formats.map(({ feedback }) => feedback)], [
    "RTP/AVPF",
    ["nack pli", "ccm fir"],
    ["nack", "ccm fir"],
  ]);
});

test("sizes of pictures", () => {
  assertEquals(media("m=video 0 RTP/AVP 96", "a=x-dimensions:2688,1520").size, {
    width: 2688,
    height: 1520,
  });
  for (const value of ["640-480", "640x480", "640X480", "640 - 480"]) {
    const { size } = format("m=video 0 RTP/AVP 96", `a=framesize:96 ${value}`);
    assertEquals(size, { width: 640, height: 480 }, value);
  }
  for (const value of ["0,480", "640,0", "640", "-1,2", "999999,1", "640,480,1", ""]) {
    const { size } = media("m=video 0 RTP/AVP 96", `a=x-dimensions:${value}`);
    assertEquals(size, undefined, value);
  }
});

test("pictures a second", () => {
  const rates = ["25", "29.97", "30000/1001", "25.000000 ", "0", "x", "-5", "1/0"].map((rate) => {
    return media("m=video 0 RTP/AVP 96", `a=framerate:${rate}`).frameRate;
  });
  assertEquals(rates, [25, 29.97, 30000 / 1001, 25, ...Array(4).fill(undefined)]);
  assertEquals(media("m=video 0 RTP/AVP 96", "a=x-framerate: 12").frameRate, 12);
});

test("directions: of the media, of the whole, or both ways", () => {
  const { media } = parseDescription(lines(
    "a=sendonly",
    "m=video 0 RTP/AVP 96",
    "m=audio 0 RTP/AVP 0",
    "a=recvonly",
    "m=audio 0 RTP/AVP 0",
    "a=inactive",
  ));
  assertEquals(media.map(({ direction }) => direction), ["sendonly", "recvonly", "inactive"]);
  assertEquals(parseDescription("m=video 0 RTP/AVP 96").media[0]!.direction, "sendrecv");
});

test("addresses: unicast and multicast, of both families", () => {
  const address = (line: string) => media("m=video 0 RTP/AVP 96", `c=${line}`).connection;
  assertEquals(address("IN IP4 224.2.1.1/127/3"), {
    family: 4,
    address: "224.2.1.1",
    multicast: true,
    ttl: 127,
  });
  // What stands behind the address is a count of addresses in IPv6 (RFC 8866, section 5.7).
  assertEquals(address("IN IP6 FF15::101/3"), {
    family: 6,
    address: "FF15::101",
    multicast: true,
    ttl: undefined,
  });
  for (const plain of ["192.0.2.1", "0.0.0.0", "223.255.255.255", "240.0.0.1", "camera.example"]) {
    assertEquals(address(`IN IP4 ${plain}`)?.multicast, false, plain);
  }
  assertEquals(address("IN IP4 239.255.0.1/300")?.ttl, undefined);
  for (const bad of ["", "IN IP5 1.2.3.4", "IN IP4", "IN IP4 a b", "OUT IP4 1.2.3.4"]) {
    assertEquals(address(bad), undefined, bad);
  }
});

test("whose packets of a group are wanted (RFC 4570, section 3)", () => {
  const filter = (value: string) =>
    media("m=video 0 RTP/AVP 96", `a=source-filter:${value}`)
      .sourceFilter;
  assertEquals(filter(" incl IN IP4 232.3.4.5 192.0.2.10 192.0.2.11"), {
    mode: "incl",
    destination: "232.3.4.5",
    sources: ["192.0.2.10", "192.0.2.11"],
  });
  assertEquals(filter("EXCL IN * * 192.0.2.10")?.mode, "excl");
  assertEquals(filter(` incl IN IP4 * ${"192.0.2.1 ".repeat(100)}`)?.sources.length, 32);
  for (const bad of ["", "incl", "incl IN IP4 *", "some IN IP4 * 192.0.2.1"]) {
    assertEquals(filter(bad), undefined, bad);
  }
});

test("odd lines are left out: those of cameras", () => {
  const { name, range, media } = parseDescription(
    "\uFEFFv=0\nm=video 0 RTP/AVP 96\n  a=rtpmap:96 H264/90000\nA=x\na\n=\nfoo\n" +
      "a=control\nc=IN IP4\na=CONTROL: track1 \ns=late\ns=later\n\na=range:npt=now-\r\rm=audio x\n" +
      "a=control:lost\nm=audio 0/2 rtp/avp 8\na=control:track2",
  );
  assertEquals([name, range], ["late", undefined]);
  assertEquals(
    media.map(({ kind, protocol, control, range }) => [kind, protocol, control, range]),
    [
      ["video", "RTP/AVP", "", "npt=now-"],
      ["audio", "RTP/AVP", "track2", undefined],
    ],
  );
  assertEquals(media[0]!.formats[0]!.encoding, "H264");
});

test("spaces around names and values, and capitals", () => {
  const { name, media } = parseDescription(lines(
    "s=  camera ",
    "m= VIDEO 65535 rtp/avp 96 ",
    "c= in ip4 239.0.0.1/255 ",
    "a= Range : npt=now- ",
  ));
  const { kind, port, protocol, connection, range } = media[0]!;
  assertEquals([name, kind, port, protocol, connection?.ttl, range], [
    ...["camera", "video", 65535, "RTP/AVP", 255, "npt=now-"],
  ]);
});

test("at most 32 media are read", () => {
  const many = Array.from({ length: 40 }, (_, i) => [`m=video ${i} RTP/AVP 96`, `a=control:${i}`]);
  const { media } = parseDescription(lines(...many.flat()));
  assertEquals([media.length, media.at(-1)!.port, media.at(-1)!.control], [32, 31, "31"]);
});

test("a description without media is a fault", () => {
  for (
    const text of ["", "v=0\r\ns=x\r\n", "<html></html>", "m=video\nm=", "m=video 70000 RTP/AVP 96"]
  ) {
    assertEquals(assertThrows(() => parseDescription(text), RtspFault).kind, "description");
  }
});

/** A media, and the lines that say it. */
function drawMedia(drawn: Drawn): [MediaSection, string[]] {
  const kind = drawn.pick(["video", "audio", "application"]);
  const token = () => drawn.text(["a", "B", "7", "-", "="], 1, 6);
  const payloads = Array.from({ length: drawn.integer(1, 3) }, (_, i) => 96 + i);
  const formats = payloads.map((payloadType): MediaFormat => ({
    payloadType,
    encoding: drawn.pick(["H264", "H265", "X-Y.1"]).toUpperCase(),
    clockRate: drawn.integer(1, 999_999_999),
    channels: kind === "audio" ? drawn.integer(1, 8) : undefined,
    parameters: new Map(
      Array.from({ length: drawn.integer(0, 3) }, (_, i) => [`name-${i}`, token()]),
    ),
    feedback: drawn.pick([[], ["nack pli"], ["ccm fir", "nack"]]),
    size: drawn.pick([undefined, {
      width: drawn.integer(1, 9999),
      height: drawn.integer(1, 9999),
    }]),
  }));
  const media: MediaSection = {
    kind,
    port: drawn.integer(0, 65535),
    protocol: drawn.pick(["RTP/AVP", "RTP/AVPF", "RTP/SAVP", "RTP/SAVPF"]),
    formats,
    control: drawn.pick([undefined, token(), "rtsp://192.0.2.1/a?b=c"]),
    range: drawn.pick([undefined, "npt=now-"]),
    direction: drawn.pick(["sendrecv", "sendonly", "recvonly", "inactive"]),
    frameRate: drawn.pick([undefined, drawn.integer(1, 240), 12.5]),
    size: drawn.pick([undefined, { width: 640, height: 480 }]),
    connection: drawn.pick([
      undefined,
      { family: 4, address: "239.1.2.3", multicast: true, ttl: drawn.integer(0, 255) } as const,
      { family: 6, address: "2001:db8::1", multicast: false, ttl: undefined } as const,
    ]),
    sourceFilter: drawn.pick([
      undefined,
      { mode: "incl", destination: "*", sources: ["192.0.2.1", "192.0.2.2"] } as const,
    ]),
  };
  const { connection, sourceFilter, size } = media;
  const attributes = [
    ...media.control === undefined ? [] : [`a=control:${media.control}`],
    ...media.range ? [`a=range:${media.range}`] : [],
    `a=${media.direction}`,
    ...media.frameRate ? [`a=framerate:${media.frameRate}`] : [],
    ...size ? [`a=x-dimensions:${size.width},${size.height}`] : [],
    ...sourceFilter ? [`a=source-filter: incl IN IP4 * ${sourceFilter.sources.join(" ")}`] : [],
    ...formats.flatMap((one) => {
      const { payloadType, parameters, feedback, size } = one;
      const channels = one.channels ? `/${one.channels}` : "";
      const all = [...parameters].map(([name, value]) => `${name}=${value}`).join("; ");
      return [
        `a=rtpmap:${payloadType} ${one.encoding}/${one.clockRate}${channels}`,
        ...all ? [`a=fmtp:${payloadType} ${all}`] : [],
        ...feedback.map((one) => `a=rtcp-fb:${payloadType} ${one}`),
        ...size ? [`a=framesize:${payloadType} ${size.width}-${size.height}`] : [],
      ];
    }),
  ];
  const first = drawn.integer(0, attributes.length);
  // Attributes of one name stay in their order.
  const turned = drawn.integer(0, 1) ? attributes : [
    ...attributes.slice(first),
    ...attributes.slice(0, first),
  ];
  const ttl = connection?.ttl === undefined ? "" : `/${connection.ttl}`;
  const isTurnedApart = formats.some(({ feedback }) => feedback.length > 1);
  return [media, [
    `m=${kind} ${media.port} ${media.protocol} ${payloads.join(" ")}`,
    ...connection ? [`c=IN IP${connection.family} ${connection.address}${ttl}`] : [],
    ...isTurnedApart ? attributes : turned,
  ]];
}

test("a description that is written is what is read", () => {
  forAll(150, (drawn) => {
    const drawnMedia = Array.from({ length: drawn.integer(1, 4) }, () => drawMedia(drawn));
    const end = drawn.pick(["\r\n", "\n"]);
    const text = ["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=camera", "t=0 0", "a=control:*"]
      .concat(drawnMedia.flatMap(([, lines]) => lines)).join(end);
    assertEquals(parseDescription(text), {
      name: "camera",
      control: "*",
      range: undefined,
      media: drawnMedia.map(([media]) => media),
    });
  });
});

test("random texts give no error but its own", () => {
  const pieces = [
    ..."ma=:/ 0\r\n;*-".split(""),
    ...["m=video 0 RTP/AVP 96\n", "a=rtpmap:96 ", "a=fmtp:", "c=IN IP4 ", "a=rtcp-fb:", "\uD800"],
    ...["a=framesize:", "a=source-filter:", "a=framerate:", "999999999999", "a=__proto__:1\n"],
    ...["a=rtpmap", "a=constructor:1\n"],
  ];
  forAll(300, (drawn) => {
    try {
      assert(parseDescription(drawn.text(pieces, 0, 60)).media.length > 0);
    } catch (error) {
      assertInstanceOf(error, RtspFault);
    }
  });
});
