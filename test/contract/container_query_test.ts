/** What the installed libav says of codecs and containers. */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { openLibav } from "../../ffi/mod.ts";
import { containerQuery } from "../../src/av/container_query.ts";
import { fits } from "../../src/core/output/container_codecs.ts";
import { CODECS } from "../../src/core/output/encoders.ts";
import { CONTAINERS } from "../../src/core/output/output_format.ts";

test("the codecs of each container on this release", () => {
  const libav = openLibav();
  const ask = containerQuery(libav);
  const taken = Object.fromEntries([...CONTAINERS, "rtsp"].map((muxer) => [
    muxer,
    CODECS.filter((codec) => fits(ask, muxer, codec)).join(" "),
  ]));
  assertEquals(taken, {
    mp4: "h264 hevc mpeg4 mjpeg",
    mov: "h264 hevc mpeg4 mjpeg",
    matroska: "h264 hevc mpeg4 mjpeg",
    // Enhanced RTMP came with 6.1.
    flv: Number(libav.release) < 6.1 ? "h264" : "h264 hevc",
    mpegts: "h264 hevc mpeg4",
    avi: "h264 mpeg4 mjpeg",
    rtsp: "h264 hevc mpeg4 mjpeg",
  });
});

test("names that nobody knows", () => {
  const ask = containerQuery(openLibav());
  assertEquals([ask("no_such_muxer", "h264"), ask("mp4", "no_such_codec")], [false, false]);
});
