/** Which streams over HTTP have an end. */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { isEndless, type StreamFacts } from "../../../src/core/connection/liveness.ts";

const CASES: [string, StreamFacts["size"], StreamFacts["duration"], boolean][] = [
  // A length ends everything but what cameras tell one of without meaning it.
  ["mpegts", 100_000, undefined, false],
  ["flv", 100_000, undefined, false],
  ["mjpeg", 100_000, undefined, false],
  ["mpjpeg", 100_000, undefined, true],
  // Without one, the container's duration ends it, but for FLV, whose servers send any.
  ["mpegts", undefined, undefined, true],
  ["mov,mp4,m4a,3gp,3g2,mj2", undefined, 2, false],
  ["mov,mp4,m4a,3gp,3g2,mj2", undefined, undefined, true],
  ["flv", undefined, 2, true],
  ["live_flv", undefined, 2, true],
  // The length is that of the playlist.
  ["hls", 300, undefined, true],
  ["hls", 300, 6, false],
  ["dash", 300, undefined, true],
  ["dash", undefined, 6, false],
  // One picture is no live stream.
  ["jpeg_pipe", undefined, undefined, false],
  ["png_pipe", 100_000, undefined, false],
];

for (const [container, size, duration, endless] of CASES) {
  const facts = `${container}, ${size ?? "any number of"} bytes, ${duration ?? "no"} duration`;
  test(`${facts}: ${endless ? "live" : "it has an end"}`, () => {
    assertEquals(isEndless({ container, size, duration }), endless);
  });
}
