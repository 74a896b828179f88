import { assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  codecTag,
  type ContainerQuery,
  fits,
  misfit,
} from "../../../src/core/output/container_codecs.ts";
import { CODECS } from "../../../src/core/output/encoders.ts";
import { CONTAINERS } from "../../../src/core/output/output_format.ts";

/** What FFmpeg 5.1 answers. */
const ask: ContainerQuery = (muxer, codec) => {
  switch (muxer) {
    case "flv":
      return codec === "h264" || codec === "mpeg4";
    case "avi":
      return codec !== "hevc";
    case "mpegts":
    case "rtsp":
      return undefined;
    default:
      return true;
  }
};

test("libav's answer counts, and what it does not know follows from the specifications", () => {
  const taken = [...CONTAINERS, "rtsp"].map((muxer) => [
    muxer,
    CODECS.filter((codec) => fits(ask, muxer, codec)).join(" "),
  ]);
  assertEquals(taken, [
    ["mp4", "h264 hevc mpeg4 mjpeg"],
    ["mov", "h264 hevc mpeg4 mjpeg"],
    ["matroska", "h264 hevc mpeg4 mjpeg"],
    // It has a tag for MPEG-4, and refuses it.
    ["flv", "h264"],
    ["mpegts", "h264 hevc mpeg4"],
    ["avi", "h264 mpeg4 mjpeg"],
    ["rtsp", "h264 hevc mpeg4 mjpeg"],
  ]);
});

test("a codec that does not fit: what would", () => {
  assertEquals(
    misfit(ask, "flv", "hevc", { containers: CONTAINERS, codecs: CODECS }),
    "the container flv cannot carry hevc with this FFmpeg; hevc fits into mp4 (.mp4), " +
      "mov (.mov), matroska (.mkv) and mpegts (.ts); flv takes h264",
  );
  assertEquals(
    misfit(ask, "flv", "hevc", { containers: [], codecs: CODECS }),
    "the container flv cannot carry hevc with this FFmpeg; flv takes h264",
  );
  assertEquals(
    misfit(() => false, "flv", "strange", { containers: CONTAINERS, codecs: [] }),
    "the container flv cannot carry strange with this FFmpeg",
  );
});

test("HEVC has the tag that Apple's players take, where containers have tags", () => {
  assertEquals(["mp4", "mov"].map((muxer) => codecTag(muxer, "hevc")), ["hvc1", "hvc1"]);
  assertEquals([codecTag("matroska", "hevc"), codecTag("mp4", "h264")], [undefined, undefined]);
});
