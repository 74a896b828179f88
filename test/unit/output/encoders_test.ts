import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  CODECS,
  type EncoderChoice,
  encoderChoices,
  type EncodingRequest,
} from "../../../src/core/output/encoders.ts";

const REQUEST: EncodingRequest = {
  codec: "h264",
  encoder: "auto",
  live: true,
  fps: 25,
  width: 640,
  height: 480,
};

function choices(more: Partial<EncodingRequest> = {}): readonly EncoderChoice[] {
  return encoderChoices({ ...REQUEST, ...more });
}

function names(more: Partial<EncodingRequest>): string[] {
  return choices(more).map(({ name }) => name);
}

/** The options of the encoder that is tried first. */
function options(more: Partial<EncodingRequest> = {}): Readonly<Record<string, string>> {
  return choices(more)[0]!.options;
}

/** Those of the encoder itself, without rate and keyframes. */
function ownOptions(more: Partial<EncodingRequest>): Readonly<Record<string, string>> {
  const { b: _b, maxrate: _m, bufsize: _s, g: _g, ...own } = options(more);
  return own;
}

const ORDER = {
  h264: [
    "libx264",
    "h264_videotoolbox",
    "h264_nvenc",
    "h264_qsv",
    "h264_amf",
    "h264_mf",
    "h264_v4l2m2m",
    "libopenh264",
  ],
  hevc: ["libx265", "hevc_videotoolbox", "hevc_nvenc", "hevc_qsv", "hevc_amf", "hevc_v4l2m2m"],
  mpeg4: ["mpeg4"],
  mjpeg: ["mjpeg"],
} as const;

test("the codecs that can be named are those that have encoders", () => {
  assertEquals([...CODECS], Object.keys(ORDER));
});

test("auto tries software first, then what the machine may have, live or not", () => {
  for (const codec of CODECS) {
    for (const live of [true, false]) assertEquals(names({ codec, live }), [...ORDER[codec]]);
  }
});

test("an encoder that is named is the only one, with what is known of it", () => {
  for (const codec of CODECS) {
    for (const live of [true, false]) {
      const all = choices({ codec, live });
      for (const encoder of ORDER[codec]) {
        const expected = all.find(({ name }) => name === encoder);
        assertEquals(choices({ codec, live, encoder }), [expected as EncoderChoice], encoder);
      }
    }
  }
});

test("an encoder that nobody knows is tried as it is, with rate and keyframes alone", () => {
  const rate = { b: "921600", maxrate: "921600", bufsize: "460800" };
  for (const encoder of ["h264_vaapi", "libx265", "constructor", ""]) {
    assertEquals(choices({ encoder }), [
      { name: encoder, pixelFormat: "yuv420p", options: { ...rate, g: "50" } },
    ]);
  }
  const file = choices({ encoder: "h264_vaapi", live: false, bitrate: 5_000 });
  assertEquals(file[0]!.options, { b: "5000" });
});

test("software encoders of a live stream are fast and hold nothing back", () => {
  assertEquals(ownOptions({}), { preset: "veryfast", tune: "zerolatency", bf: "0" });
  assertEquals(ownOptions({ codec: "hevc" }), {
    preset: "ultrafast",
    tune: "zerolatency",
    "x265-params": "log-level=none:bframes=0",
  });
  assertEquals(ownOptions({ codec: "mpeg4" }), { bf: "0" });
});

test("software encoders of a file are left as they are", () => {
  assertEquals(ownOptions({ live: false }), {});
  assertEquals(ownOptions({ live: false, codec: "hevc" }), { "x265-params": "log-level=none" });
  assertEquals(ownOptions({ live: false, codec: "mpeg4" }), { bf: "0" });
});

test("those of a file that holds nothing back are as careful as of any other file", () => {
  const file = (codec: EncodingRequest["codec"]) =>
    ownOptions({ codec, live: false, prompt: true });
  assertEquals(file("h264"), { tune: "zerolatency", bf: "0" });
  assertEquals(file("hevc"), { tune: "zerolatency", "x265-params": "log-level=none:bframes=0" });
  assertEquals(file("mpeg4"), { bf: "0" });
  assertEquals(file("mjpeg"), ownOptions({ codec: "mjpeg", live: false }));
});

test("the machine's encoders are told of a live stream, and not of a file", () => {
  const rows: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ["h264_videotoolbox", { realtime: "1", bf: "0" }],
    ["h264_nvenc", { preset: "p3", tune: "ull", zerolatency: "1", delay: "0", bf: "0" }],
    ["h264_qsv", { async_depth: "1", bf: "0" }],
    ["h264_amf", { usage: "ultralowlatency" }],
    ["h264_mf", { scenario: "live_streaming" }],
    ["libopenh264", {}],
  ];
  for (const [encoder, live] of rows) {
    assertEquals(ownOptions({ encoder }), live, encoder);
    assertEquals(ownOptions({ encoder, live: false }), {}, encoder);
  }
});

test("MJPEG has full range, live or not", () => {
  for (const live of [true, false]) {
    assertEquals(ownOptions({ codec: "mjpeg", live }), {
      color_range: "pc",
      strict: "unofficial",
      // What RTP can carry.
      ...(live ? { huffman: "default", force_duplicated_matrix: "1" } : {}),
    });
  }
});

test("a live stream has a keyframe every two seconds, a file as the encoder has it", () => {
  const rows: readonly (readonly [number, string])[] = [
    [25, "50"],
    [29.97, "60"],
    [12.3, "25"],
    [0.5, "1"],
    [0.01, "1"],
    [1_000, "2000"],
  ];
  for (const codec of ["h264", "hevc", "mpeg4"] as const) {
    for (const [fps, gop] of rows) assertEquals(options({ codec, fps }).g, gop, `${codec} ${fps}`);
    assertEquals(options({ codec, live: false }).g, undefined, codec);
  }
});

test("the distance of keyframes that was asked for is kept, live or not", () => {
  for (const live of [true, false]) {
    for (const { options } of choices({ live, gop: 12 })) assertEquals(options.g, "12");
    for (const { options } of choices({ live, gop: 1 })) assertEquals(options.g, "1");
  }
});

test("MJPEG has no keyframes to ask for", () => {
  for (const live of [true, false]) {
    for (const gop of [undefined, 12]) {
      assertEquals("g" in options({ codec: "mjpeg", live, gop }), false);
    }
  }
});

test("without a bitrate it follows from size, rate and codec", () => {
  const rows = [["h264", 0.12], ["hevc", 0.08], ["mpeg4", 0.2], ["mjpeg", 1]] as const;
  for (const [codec, share] of rows) {
    for (
      const [width, height, fps] of [[640, 480, 25], [1920, 1080, 29.97], [320, 200, 5]] as const
    ) {
      const bits = Math.round(width! * height! * fps! * share);
      for (const { name, options } of choices({ codec, width, height, fps })) {
        assertEquals(options.b, `${bits}`, name);
      }
    }
  }
});

test("a network is never given more than the bitrate, a file may be", () => {
  for (const codec of CODECS) {
    for (const bitrate of [undefined, 1_000, 2_000_001]) {
      for (const { name, options } of choices({ codec, bitrate })) {
        assertEquals(options.maxrate, options.b, name);
        assertEquals(options.bufsize, `${Math.round(Number(options.b) / 2)}`, name);
      }
      for (const { name, options } of choices({ codec, bitrate, live: false })) {
        assertEquals([options.maxrate, options.bufsize], [undefined, undefined], name);
      }
    }
  }
});

test("the bitrate that was asked for is the encoder's, live or not", () => {
  for (const codec of CODECS) {
    for (const live of [true, false]) {
      for (const { name, options } of choices({ codec, live, bitrate: 750_000 })) {
        assertEquals(options.b, "750000", name);
      }
    }
  }
});

test("a file of libx264 or libx265 has constant quality, unless a bitrate is asked for", () => {
  for (const codec of CODECS) {
    for (const { name, options } of choices({ codec, live: false })) {
      assertEquals("b" in options, !["libx264", "libx265"].includes(name), name);
    }
  }
  assertEquals(options({ live: false, bitrate: 9_000 }), { b: "9000" });
});

test("every value is a text that libav can read", () => {
  for (const codec of CODECS) {
    for (const live of [true, false]) {
      for (const fps of [0.01, 29.97, 1_000]) {
        for (const { options } of choices({ codec, live, fps, width: 16_384, height: 16_384 })) {
          for (const [name, value] of Object.entries(options)) {
            assertEquals(typeof value, "string", name);
            assert(!/NaN|undefined|Infinity|e\+/.test(value), `${name}=${value}`);
          }
        }
      }
    }
  }
});

test("preset and tune that were asked for are in place of the encoder's", () => {
  for (const codec of CODECS) {
    for (const live of [true, false]) {
      for (const { name, options } of choices({ codec, live, preset: "slow", tune: "film" })) {
        assertEquals([options.preset, options.tune], ["slow", "film"], name);
      }
    }
  }
  assertEquals(ownOptions({ preset: "slow" }), { preset: "slow", tune: "zerolatency", bf: "0" });
  assertEquals(ownOptions({ tune: "film" }), { preset: "veryfast", tune: "film", bf: "0" });
  assertEquals(ownOptions({ live: false, preset: "slow" }), { preset: "slow" });
});

test("all take 4:2:0, in the layout that the encoder has", () => {
  const nv12 = ["h264_qsv", "h264_mf", "hevc_qsv"];
  for (const codec of CODECS) {
    for (const { name, pixelFormat } of choices({ codec })) {
      assertEquals(pixelFormat, nv12.includes(name) ? "nv12" : "yuv420p", name);
    }
  }
});

test("a pixel format that was asked for is that of every encoder", () => {
  for (const codec of CODECS) {
    for (const { name, pixelFormat } of choices({ codec, pixelFormat: "yuv444p" })) {
      assertEquals(pixelFormat, "yuv444p", name);
    }
  }
  const [unknown] = choices({ encoder: "h264_vaapi", pixelFormat: "vaapi" });
  assertEquals(unknown!.pixelFormat, "vaapi");
});

test("what was given for one request is not there in the next", () => {
  const before = choices();
  choices({ preset: "slow", tune: "film", gop: 1, bitrate: 1_000, pixelFormat: "yuv444p" });
  assertEquals(choices(), before);
});
