import { assertEquals, assertFalse, assertStringIncludes, assertThrows } from "@std/assert";
import { test } from "node:test";
import { parseMediaUrl } from "../../../src/core/connection/url.ts";
import {
  CONTAINERS,
  type OutputFormat,
  outputFormatOf,
} from "../../../src/core/output/output_format.ts";

const SCHEMES: readonly (readonly [string, string])[] = [
  ["rtsp", "rtsp"],
  ["rtsps", "rtsp"],
  ["rtmp", "flv"],
  ["rtmps", "flv"],
  ["srt", "mpegts"],
  ["udp", "mpegts"],
];

const EXTENSIONS: readonly (readonly [string, string])[] = [
  ["mp4", "mp4"],
  ["m4v", "mp4"],
  ["mov", "mov"],
  ["mkv", "matroska"],
  ["flv", "flv"],
  ["ts", "mpegts"],
  ["mts", "mpegts"],
  ["avi", "avi"],
];

function target(url: string, container?: string): OutputFormat {
  return outputFormatOf(parseMediaUrl(url), container);
}

function refusal(url: string, container?: string): string {
  return assertThrows(() => target(url, container), TypeError).message;
}

/** The same word in small, capital and mixed letters. */
function cases(word: string): string[] {
  const mixed = [...word].map((letter, i) => i % 2 ? letter.toUpperCase() : letter).join("");
  return [word, word.toUpperCase(), mixed];
}

test("a network's muxer follows from its scheme, in small or capital letters", () => {
  for (const [scheme, muxer] of SCHEMES) {
    for (const name of cases(scheme)) {
      const { live, ...rest } = target(`${name}://server:9000/live/key`);
      assertEquals([live, rest.muxer], [true, muxer], name);
    }
  }
});

test("a file's muxer follows from its extension, in small or capital letters", () => {
  for (const [extension, muxer] of EXTENSIONS) {
    for (const name of cases(extension)) {
      for (const path of ["clip.", "./a.b/clip.old.", "file:///var/rec/clip.", "C:\\rec\\clip."]) {
        const { live, ...rest } = target(path + name);
        assertEquals([live, rest.muxer], [false, muxer], path + name);
      }
    }
  }
});

test("an extension of a network's path says nothing", () => {
  assertEquals(target("rtmp://server/live/clip.mp4").muxer, "flv");
  assertEquals(target("srt://server:9000/clip.mkv").muxer, "mpegts");
});

test("only RTSP makes its own connection", () => {
  for (const [scheme] of SCHEMES) {
    const { connectsItself } = target(`${scheme}://server:9000/x`);
    assertEquals(connectsItself, scheme.startsWith("rtsp"), scheme);
  }
  for (const [extension] of EXTENSIONS) {
    assertFalse(target(`clip.${extension}`).connectsItself, extension);
  }
});

test("parameter sets are in the header of all but MPEG-TS and AVI", () => {
  const urls = [
    ...SCHEMES.map(([scheme]) => `${scheme}://server:9000/x`),
    ...EXTENSIONS.map(([extension]) => `clip.${extension}`),
  ];
  for (const url of urls) {
    const { globalHeader, muxer } = target(url);
    assertEquals(globalHeader, !["mpegts", "avi"].includes(muxer), url);
  }
});

test("the containers that can be named are those of the extensions, each once", () => {
  assertEquals(CONTAINERS, ["mp4", "mov", "matroska", "flv", "mpegts", "avi"]);
});

test("a container that is named goes before the extension, or the lack of one", () => {
  for (const path of ["clip.mp4", "clip.webm", "clip", "./rec.d/clip"]) {
    for (const container of CONTAINERS) {
      assertEquals(target(path, container), {
        muxer: container,
        live: false,
        connectsItself: false,
        globalHeader: !["mpegts", "avi"].includes(container),
      }, `${path} ${container}`);
    }
  }
});

test("a container that the scheme does not carry is refused", () => {
  assertEquals(target("udp://239.0.0.1:1234", "mpegts").muxer, "mpegts");
  assertStringIncludes(
    refusal("udp://239.0.0.1:1234", "flv"),
    'container must be "mpegts" for udp, got "flv"',
  );
  assertStringIncludes(refusal("rtsp://server/live", "mp4"), 'container must be "rtsp" for rtsp');
  assertStringIncludes(refusal("http://server/x", "mpegts"), "the scheme must be one of");
});

test("a path without an extension is refused with those there are", () => {
  const paths = ["clip", "./clip", "rec.mp4/clip", "clip.", "clip.mp4~", "a.ts\\clip"];
  for (const path of paths) {
    const message = refusal(path);
    assertStringIncludes(message, `Cannot write ${path}: `);
    for (const [extension] of EXTENSIONS) assertStringIncludes(message, `.${extension}`);
    assertStringIncludes(message, "the option container");
  }
});

test("an unknown extension is refused with those there are", () => {
  for (const extension of ["webm", "mp3", "mp44", "mp", "constructor", "toString", "h264"]) {
    const message = refusal(`clip.${extension}`);
    assertStringIncludes(message, `Cannot write clip.${extension}: `);
    assertStringIncludes(message, ".mp4 .m4v .mov .mkv .flv .ts .mts .avi");
    assertStringIncludes(message, "the option container");
  }
});

test("a scheme that can only be read is refused with those that can be published to", () => {
  for (const url of ["http://server/x.mp4", "HTTPS://server/live.ts", "http://server/"]) {
    assertStringIncludes(
      refusal(url),
      "the scheme must be one of rtsp, rtsps, rtmp, rtmps, srt, udp, or a file path",
    );
  }
});

test("an unknown scheme is refused with those that are known", () => {
  for (const url of ["gopher://server/x", "rtp://server:5004", "constructor://x", "pipe:1"]) {
    const message = refusal(url);
    for (const [scheme] of SCHEMES) assertStringIncludes(message, scheme);
    assertStringIncludes(message, "file paths");
  }
});

test("no message shows a password", () => {
  const urls = [
    "http://admin:hunter2@server/x.mp4",
    "https://admin:hunter%32@server/live",
    "http://server/x?token=hunter2",
    "http://server/user=admin_password=hunter2_channel=1",
    "gopher://admin:hunter2@server/x",
  ];
  for (const url of urls) {
    const message = refusal(url);
    assertFalse(/hunter/.test(message), message);
  }
  const media = parseMediaUrl("http://server/x", { username: "admin", password: "hunter2" });
  const { message } = assertThrows(() => outputFormatOf(media), TypeError);
  assertFalse(message.includes("hunter2"), message);
  assertStringIncludes(message, "http://***@server/x");
});
