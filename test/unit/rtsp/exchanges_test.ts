/**
 * Whole exchanges: what the client sends is compared byte by byte. Those of gst-rtsp-server (1.22)
 * were recorded, but for the name of the machine; the others have the answers that servers of these makers are known to give, with
 * addresses for documentation.
 */

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { all, type Choose, Conversation, interleaved, udp } from "./conversation.ts";
import { forAll } from "../property.ts";
import { readBytes, readExchange } from "./exchange.ts";

interface Expected {
  readonly url: string;
  readonly choose: Choose;
  /** Kind, encoding, clock rate, channels and size of each media. */
  readonly media: unknown[][];
  /** Of each transport that is granted: its source's number, and the server's RTP port. */
  readonly setUps: [ssrc: number | undefined, port: number | undefined][];
  readonly starts: [sequence: number, time: number][];
  /** Milliseconds from PLAY to the keep-alive. */
  readonly keepAlive: number;
}

const onlyVideo = (choose: Choose): Choose => (description) =>
  choose(description).filter(({ media }) => media.kind === "video");

const EXPECTED: Readonly<Record<string, Expected>> = {
  gst_digest: {
    url: "rtsp://admin:camera%201@127.0.0.1:18555/stream",
    choose: all(interleaved),
    media: [["video", "H264", 90000, undefined, undefined, 10]],
    setUps: [[0x40b4af3d, undefined]],
    starts: [[3631, 2329433085]],
    keepAlive: 30_000,
  },
  gst_udp: {
    url: "rtsp://127.0.0.1:18554/stream",
    choose: all(udp),
    media: [
      ["video", "H264", 90000, undefined, undefined, 10],
      ["audio", "PCMA", 8000, 1, undefined, undefined],
    ],
    setUps: [[0x75d7965e, 20000], [0x514773d3, 20002]],
    starts: [[12210, 1006992512], [4537, 4022784047]],
    keepAlive: 30_000,
  },
  hikvision: {
    url: "rtsp://admin:camera%201@192.0.2.64:554/Streaming/Channels/101",
    choose: onlyVideo(all(interleaved)),
    media: [
      ["video", "H264", 90000, undefined, { width: 2688, height: 1520 }, undefined],
      ["audio", "PCMA", 8000, 1, undefined, undefined],
      ["application", "VND.ONVIF.METADATA", 90000, undefined, undefined, undefined],
    ],
    setUps: [[0x2b6e8fd4, undefined]],
    starts: [[49037, 1268214594]],
    keepAlive: 30_000,
  },
  dahua: {
    url: "rtsp://admin:camera%201@192.0.2.108:554/cam/realmonitor?channel=1&subtype=0",
    choose: all(udp),
    media: [
      ["video", "H265", 90000, undefined, undefined, 25],
      ["audio", "MPEG4-GENERIC", 16000, 1, undefined, undefined],
    ],
    setUps: [[0x53a6a4e8, 20594], [0x00b1c0ff, 20596]],
    starts: [[47121, 0], [8, 160]],
    keepAlive: 30_000,
  },
  axis: {
    url:
      "rtsp://root:camera%201@192.0.2.90/axis-media/media.amp?videocodec=h264&resolution=640x480",
    choose: all(interleaved),
    media: [["video", "H264", 90000, undefined, { width: 640, height: 480 }, 25]],
    setUps: [[0xb0ba7855, undefined]],
    starts: [[21060, 3283310563]],
    keepAlive: 30_000,
  },
  live555: {
    url: "rtsp://192.0.2.20:8554/street.mkv",
    choose: all(udp),
    media: [["video", "H264", 90000, undefined, undefined, undefined]],
    setUps: [[undefined, 6970]],
    starts: [[11593, 3414563262]],
    keepAlive: 32_500,
  },
  mediamtx: {
    url: "rtsp://reader:camera%201@192.0.2.30:8554/cam",
    choose: all(interleaved),
    media: [
      ["video", "H264", 90000, undefined, undefined, undefined],
      ["audio", "OPUS", 48000, 2, undefined, undefined],
    ],
    setUps: [[0x3fa91b02, undefined], [0x0c55e1a7, undefined]],
    starts: [[34557, 2451234567], [101, 48000]],
    keepAlive: 30_000,
  },
};

for (const [name, expected] of Object.entries(EXPECTED)) {
  test(`an exchange with ${name}`, () => {
    const turns = readExchange(name);
    const talk = new Conversation(expected.url, expected.choose);
    const asked: string[] = [];
    for (const { from, text } of turns) {
      if (from === "server") {
        talk.receive(text);
        continue;
      }
      asked.push(text);
      if (text.startsWith("GET_PARAMETER")) {
        assertEquals(talk.session.nextDeadline, expected.keepAlive);
        talk.pass(expected.keepAlive);
      }
      if (text.startsWith("TEARDOWN")) talk.session.close();
      assertEquals(talk.requests.map((request) => request.text), asked);
    }
    assertEquals(talk.fault, undefined);
    assertEquals(
      talk.description?.media.map(({ kind, formats: [format], size, frameRate }) => {
        const { encoding, clockRate, channels } = format!;
        return [kind, encoding, clockRate, channels, size ?? format!.size, frameRate];
      }),
      expected.media,
    );
    const setUps = talk.setUps.map(([, { ssrc, serverPorts }]) => ({
      ssrc,
      port: serverPorts?.[0],
    }));
    assertEquals(setUps, expected.setUps.map(([ssrc, port]) => ({ ssrc, port })));
    assertEquals(
      talk.starts,
      expected.starts.map(([sequence, time]) => ({ sequence, time })),
    );
  });
}

test("the bytes of gst-rtsp-server, pictures and sound between the answers, cut anywhere", () => {
  const bytes = readBytes("gst_tcp.bin");
  forAll(20, (drawn) => {
    const talk = new Conversation("rtsp://127.0.0.1:18554/stream", all(interleaved));
    for (let at = 0; at < bytes.length;) {
      const end = at + drawn.integer(1, 3000);
      talk.receive(bytes.subarray(at, end));
      at = end;
    }
    assertEquals(talk.methods, ["OPTIONS", "DESCRIBE", "SETUP", "SETUP", "PLAY"]);
    for (const [channel, count, first] of [[0, 11, 26887], [2, 3, 32107]] as const) {
      const packets = talk.packets.filter(([one]) => one === channel).map(([, packet]) => packet);
      assertEquals(packets.length, count);
      // Version 2 of RTP, and no number is left out (RFC 3550, section 5.1).
      assert(packets.every((packet) => packet[0]! >> 6 === 2));
      const numbers = packets.map((packet) => packet[2]! << 8 | packet[3]!);
      assertEquals(numbers, packets.map((_, i) => first + i));
      assertEquals(talk.starts?.[channel / 2]?.sequence, first);
    }
  });
});
