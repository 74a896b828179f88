import { assertEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import { resolveStreamOptions } from "../../../src/core/options/stream_options.ts";
import { resolveWriterOptions } from "../../../src/core/options/writer_options.ts";
import { parseMediaUrl } from "../../../src/core/connection/url.ts";

type Value = string | number | boolean;

const TOO_MUCH: readonly (readonly ["format" | "codec", string, Value])[] = [
  ["codec", "threads", 1_000_000],
  ["codec", "threads", "257"],
  ["codec", "threads", " 1e6 "],
  ["codec", "threads", "0x400"],
  ["format", "probesize", 2 ** 40],
  ["format", "probesize", "2G"],
  ["format", "probesize", "1Gi"],
  ["format", "probesize", "100MB"],
  ["format", "formatprobesize", "1G"],
  ["format", "blocksize", 2 ** 31 - 1],
  ["format", "pkt_size", 2 ** 31 - 1],
  ["format", "fifo_size", 2 ** 31 - 1],
  ["format", "reorder_queue_size", 2 ** 31 - 1],
  ["format", "max_streams", 2 ** 31 - 1],
];

for (const [dictionary, name, value] of TOO_MUCH) {
  test(`ffmpeg.${dictionary}.${name}: ${JSON.stringify(value)} is a RangeError`, () => {
    const ffmpeg = { [dictionary]: { [name]: value } };
    const server = parseMediaUrl("rtsp://server/stream");
    for (
      const resolve of [
        () => resolveStreamOptions({ ffmpeg }),
        () => resolveWriterOptions(server, { ffmpeg }),
      ]
    ) {
      assertThrows(resolve, RangeError, `ffmpeg.${dictionary}.${name} must be at most `);
    }
  });
}

test("native options within their bounds, and others, are handed on as they are", () => {
  const ffmpeg = {
    format: { probesize: "50M", max_streams: 1000, fifo_size: "1000000", analyzeduration: 2 ** 40 },
    codec: { threads: "auto", flags: "low_delay", probesize: 2 ** 40 },
  };
  assertEquals(resolveStreamOptions({ ffmpeg }).ffmpeg, {
    format: {
      probesize: "50M",
      max_streams: "1000",
      fifo_size: "1000000",
      analyzeduration: String(2 ** 40),
    },
    codec: { threads: "auto", flags: "low_delay", probesize: String(2 ** 40) },
  });
  assertEquals(resolveStreamOptions({ ffmpeg: { codec: { threads: 256 } } }).ffmpeg.codec, {
    threads: "256",
  });
});
