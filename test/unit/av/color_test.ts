import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { colorOptions, colorSpaceFor } from "../../../src/av/color.ts";

/** AVColorSpace (libavutil/pixfmt.h). */
const BT709 = 1;
const SMPTE170M = 6;

test("HD is ITU-R BT.709 and SD is BT.601, where the codec can say so", () => {
  for (const codec of ["h264", "hevc"] as const) {
    assertEquals(colorSpaceFor(codec, 480), SMPTE170M);
    assertEquals(colorSpaceFor(codec, 576), SMPTE170M);
    assertEquals(colorSpaceFor(codec, 578), BT709);
    assertEquals(colorSpaceFor(codec, 1080), BT709);
  }
  assertEquals(colorSpaceFor("mjpeg", 1080), SMPTE170M);
  assertEquals(colorSpaceFor("mpeg4", 1080), SMPTE170M);
});

test("the colours of RGB are declared as what it is made into", () => {
  const hd = { colorspace: "bt709", color_primaries: "bt709", color_trc: "bt709" };
  const sd = { colorspace: "smpte170m", color_primaries: "smpte170m", color_trc: "smpte170m" };
  assertEquals(colorOptions("h264", 1080, "rgb24"), { ...hd, color_range: "tv" });
  assertEquals(colorOptions("hevc", 720, "bgra"), { ...hd, color_range: "tv" });
  assertEquals(colorOptions("h264", 576, "gray8"), { ...sd, color_range: "tv" });
  assertEquals(colorOptions("mpeg4", 1080, "rgb24"), { ...sd, color_range: "tv" });
  assertEquals(colorOptions("h264", 1080, undefined), { ...hd, color_range: "tv" });
});

test("nothing is declared of YUV, which is passed on as it came", () => {
  assertEquals(colorOptions("h264", 1080, "yuv420p"), {});
  assertEquals(colorOptions("hevc", 480, "nv12"), {});
});
