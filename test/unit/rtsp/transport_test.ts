/** The Transport field (RFC 2326, section 12.39). */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  formatTransport,
  parseTransport,
  type TransportAnswer,
  type TransportRequest,
} from "../../../src/core/rtsp/transport.ts";
import { forAll } from "../property.ts";

const TCP: TransportRequest = { kind: "interleaved", channels: [4, 5] };
const UDP: TransportRequest = { kind: "udp", ports: [3456, 3457] };
const GROUP: TransportRequest = { kind: "multicast" };

test("what is asked for", () => {
  assertEquals([TCP, UDP, GROUP].map((request) => formatTransport("RTP/AVP", request)), [
    "RTP/AVP/TCP;unicast;interleaved=4-5",
    "RTP/AVP;unicast;client_port=3456-3457",
    "RTP/AVP;multicast",
  ]);
  assertEquals(formatTransport("RTP/SAVPF", TCP), "RTP/SAVPF/TCP;unicast;interleaved=4-5");
  assertEquals(formatTransport("RTP/AVP/TCP", UDP), "RTP/AVP;unicast;client_port=3456-3457");
});

/** All that is not undefined. */
function told(value: string | undefined, request: TransportRequest): Partial<TransportAnswer> {
  const entries = Object.entries(parseTransport(value, request));
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

const ANSWERS: readonly (readonly [
  value: string | undefined,
  request: TransportRequest,
  told: Partial<TransportAnswer>,
])[] = [
  [
    // RFC 2326, section 14.1.
    "RTP/AVP/UDP;unicast;client_port=3056-3057;server_port=5000-5001",
    UDP,
    { kind: "udp", clientPorts: [3056, 3057], serverPorts: [5000, 5001] },
  ],
  [
    // RFC 2326, section 12.39.
    'RTP/AVP;multicast;ttl=127;mode="PLAY"',
    GROUP,
    { kind: "multicast", ttl: 127, mode: "PLAY" },
  ],
  [
    // RFC 2326, section 14.4.
    "RTP/AVP;multicast;destination=224.2.0.1;port=3456-3457;ttl=16",
    GROUP,
    { kind: "multicast", destination: "224.2.0.1", ports: [3456, 3457], ttl: 16 },
  ],
  ["RTP/AVP/TCP;interleaved=0-1", TCP, { kind: "interleaved", channels: [0, 1] }],
  ["RTP/AVP/TCP;unicast", TCP, { kind: "interleaved", channels: [4, 5] }],
  ["RTP/AVP/TCP;interleaved=2", TCP, { kind: "interleaved", channels: [2, 3] }],
  ["RTP/AVP/TCP;interleaved=7-6", TCP, { kind: "interleaved", channels: [7, 6] }],
  ["RTP/AVP/TCP;interleaved=300-301", TCP, { kind: "interleaved", channels: [4, 5] }],
  ["RTP/AVP/tcp", TCP, { kind: "interleaved", channels: [4, 5] }],
  ["RTP/AVP/TCP;interleaved=254-255;ttl=255", TCP, {
    kind: "interleaved",
    channels: [254, 255],
    ttl: 255,
  }],
  ["RTP/AVP/TCP;interleaved=1-0;ttl=1e1", TCP, { kind: "interleaved", channels: [1, 0] }],
  ["RTP/AVP/TCP;interleaved=255", TCP, { kind: "interleaved", channels: [4, 5] }],
  ["RTP/AVP;unicast;interleaved=0-1", TCP, { kind: "interleaved", channels: [0, 1] }],
  ["rtp/avp/tcp;UNICAST;Interleaved=0-1", TCP, { kind: "interleaved", channels: [0, 1] }],
  [" RTP/AVP/TCP ; unicast ; interleaved = 0 - 1 ;", TCP, {
    kind: "interleaved",
    channels: [0, 1],
  }],
  ["RTP/AVP/TCP;interleaved=0-1,RTP/AVP;unicast", TCP, { kind: "interleaved", channels: [0, 1] }],
  [undefined, TCP, { kind: "interleaved", channels: [4, 5] }],
  ["", UDP, { kind: "udp" }],
  ["RTP/AVP;unicast;client_port=1-2", TCP, { kind: "udp", clientPorts: [1, 2] }],
  ["RTP/AVP;unicast;server_port=6970", UDP, { kind: "udp", serverPorts: [6970, 6971] }],
  ["RTP/AVP;server_port=0-0;client_port=x;port=70000", UDP, { kind: "udp" }],
  ["RTP/AVP;source=192.0.2.1;destination=", UDP, { kind: "udp", source: "192.0.2.1" }],
  ["RTP/AVP/TCP;ssrc=2b6e8fd4;mode=play", TCP, {
    kind: "interleaved",
    channels: [4, 5],
    ssrc: 0x2b6e8fd4,
    mode: "PLAY",
  }],
  ["RTP/AVP;ssrc=FFFFFFFF", UDP, { kind: "udp", ssrc: 0xffffffff }],
  ["RTP/AVP;ssrc= 0x1F", UDP, { kind: "udp", ssrc: 31 }],
  ["RTP/AVP;ssrc=123456789;ttl=256", UDP, { kind: "udp" }],
  ["RTP/AVP;ssrc=xyz;ttl=-1;", UDP, { kind: "udp" }],
];

for (const [value, request, expected] of ANSWERS) {
  test(`${request.kind} is granted by: ${value}`, () => {
    assertEquals(told(value, request), expected);
  });
}

test("no text is refused, and numbers are within their bounds", () => {
  const pieces = ["RTP/AVP", "/TCP", ";", "=", "-", ",", '"', " ", "interleaved", "server_port"];
  const more = ["ttl", "ssrc", "port", "0", "9", "65536", "f", "multicast", "é"];
  forAll(400, (drawn) => {
    const value = drawn.text([...pieces, ...more], 0, 20);
    const { channels, serverPorts, ttl, ssrc } = parseTransport(
      value,
      drawn.pick([TCP, UDP, GROUP]),
    );
    for (const channel of channels ?? []) assertEquals(channel >= 0 && channel <= 255, true);
    for (const port of serverPorts ?? []) assertEquals(port > 0 && port < 65536, true);
    assertEquals((ttl ?? 0) <= 255 && (ssrc ?? 0) < 2 ** 32, true);
  });
});
