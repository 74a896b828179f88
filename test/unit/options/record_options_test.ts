import { assert, assertEquals, assertFalse, assertStringIncludes, assertThrows } from "@std/assert";
import { test } from "node:test";
import { resolve } from "../../../src/core/options/fields.ts";
import {
  assertKept,
  fileName,
  HISTORY_FIELDS,
  type HistoryOptions,
  numberedName,
  type RecordOptions,
  resolveRecording,
} from "../../../src/core/options/record_options.ts";
import { forAll } from "../property.ts";

const MAX_TIME = 2_147_483_647;
/** The fifth of March 2026, 07:08:09 local time. */
const DATE = new Date(2026, 2, 5, 7, 8, 9);

function resolveHistory(options: HistoryOptions | undefined) {
  return resolve("history", options, HISTORY_FIELDS);
}

/** What a program without types may pass. */
function record(path: unknown, options?: unknown) {
  return resolveRecording(path as string, options as RecordOptions);
}

test("a recording without options is one file from now on", () => {
  assertEquals(record("rec/cam.mp4"), {
    template: "rec/cam.mp4",
    muxer: "mp4",
    segment: 0,
    preEvent: 0,
  });
  assertEquals(record("cam.mkv", {}), record("cam.mkv"));
  const nothing = { segment: undefined, preEvent: undefined, container: undefined };
  assertEquals(record("cam.mkv", nothing), record("cam.mkv"));
});

test("a file URL is the path in it", () => {
  assertEquals(record("file:///var/rec/my%20cam.ts").template, "/var/rec/my cam.ts");
  assertEquals(record("file:cam.avi").template, "cam.avi");
  assertEquals(record("C:\\rec\\cam.MOV"), {
    template: "C:\\rec\\cam.MOV",
    muxer: "mov",
    segment: 0,
    preEvent: 0,
  });
});

test("what was given is kept", () => {
  const options = { segment: 60_000, preEvent: 5_000, container: "mpegts" };
  assertEquals(record("cam-%H%M.m2ts", options), {
    template: "cam-%H%M.m2ts",
    muxer: "mpegts",
    segment: 60_000,
    preEvent: 5_000,
  });
});

test("a container that is named goes before the extension, or the lack of one", () => {
  assertEquals(record("cam", { container: "matroska" }).muxer, "matroska");
  assertEquals(record("cam.mp4", { container: "avi" }).muxer, "avi");
});

test("a path with an extension that no container has is refused with those there are", () => {
  for (const path of ["cam", "cam.webm", "rec.mp4/cam", "cam.%S"]) {
    const { message } = assertThrows(() => record(path), TypeError);
    assertStringIncludes(message, ".mp4 .m4v .mov .mkv .flv .ts .mts .avi");
    assertStringIncludes(message, "container");
  }
});

test("a URL of a network is refused, without its password", () => {
  const urls = [
    "rtmp://admin:hunter2@server/live",
    "rtsp://admin:hunter2@server/live",
    "http://admin:hunter2@server/cam.mp4",
    "udp://239.0.0.1:1234",
    "srt://server:9000?passphrase=hunter2",
  ];
  for (const url of urls) {
    for (const options of [undefined, { container: "mpegts" }]) {
      const { message } = assertThrows(() => record(url, options), TypeError, "it is not a file");
      assertStringIncludes(message, "VideoWriter");
      assertFalse(message.includes("hunter2"), message);
    }
  }
});

test("what is no path is refused", () => {
  for (const path of [undefined, null, 5, "", " ", " cam.mp4", "cam\n.mp4", "gopher://x/cam.mp4"]) {
    assertThrows(() => record(path), TypeError);
  }
});

test("segments need a path with a time in it", () => {
  for (const path of ["cam.mp4", "cam-%.mp4", "cam-%y.mp4", "cam-%%.mp4", "cam-%03d.mp4"]) {
    const { message } = assertThrows(() => record(path, { segment: 1_000 }), TypeError);
    assertStringIncludes(message, "record.segment needs a path with a time in it");
    assertStringIncludes(message, JSON.stringify(path));
  }
  for (const code of ["%Y", "%m", "%d", "%H", "%M", "%S"]) {
    assertEquals(record(`cam-${code}.mp4`, { segment: 1_000 }).segment, 1_000);
    assertEquals(record(`${code}/cam.mp4`, { segment: 1_000 }).segment, 1_000);
  }
});

test("an infinite segment is one file, and its path needs no time", () => {
  assertEquals(record("cam.mp4", { segment: Infinity }).segment, 0);
  assertEquals(record("cam-%Y.mp4", { segment: Infinity }).segment, 0);
});

test("a value of the wrong type is a TypeError with the option and what is allowed", () => {
  const rows: readonly (readonly [string, unknown, string])[] = [
    ["segment", "60000", "a number of milliseconds"],
    ["segment", null, "a number of milliseconds"],
    ["preEvent", true, "a number of milliseconds"],
    ["container", 5, '"mp4", "mov", "matroska", "flv", "mpegts", "avi"'],
  ];
  for (const [name, value, allowed] of rows) {
    const { message } = assertThrows(() => record("%Y.mp4", { [name]: value }), TypeError);
    assert(message.startsWith(`record.${name} must `), message);
    assertStringIncludes(message, allowed);
  }
});

test("a value out of range is a RangeError with the option and what is allowed", () => {
  const rows: readonly (readonly [string, unknown, string])[] = [
    ...[0, 0.5, -1, NaN, -Infinity, MAX_TIME + 1].map((value) => {
      return ["segment", value, `from 1 to ${MAX_TIME}`] as const;
    }),
    ...[-1, NaN, Infinity, MAX_TIME + 1].map((value) => {
      return ["preEvent", value, `from 0 to ${MAX_TIME}`] as const;
    }),
    ["container", "mkv", '"matroska"'],
  ];
  for (const [name, value, allowed] of rows) {
    const { message } = assertThrows(() => record("%Y.mp4", { [name]: value }), RangeError);
    assert(message.startsWith(`record.${name} must `), message);
    assertStringIncludes(message, allowed);
  }
});

test("an unknown option of a recording is a TypeError with the closest one", () => {
  const { message } = assertThrows(() => record("cam.mp4", { preevents: 1 }), TypeError);
  assertEquals(message, 'unknown option "record.preevents"; did you mean "preEvent"?');
  const other = assertThrows(() => record("cam.mp4", { zzzzzzzzzz: 1 }), TypeError).message;
  assertEquals(
    other,
    'unknown option "record.zzzzzzzzzz"; known are segment, preEvent, container',
  );
  for (const options of [null, 5, "cam", []]) {
    assertThrows(() => record("cam.mp4", options), TypeError, "record must be an object");
  }
});

test("preEvent needs a history, whatever its length", () => {
  const before = record("cam.mp4", { preEvent: 5_000 });
  const { message } = assertThrows(() => assertKept(before, resolveHistory({})), TypeError);
  assertStringIncludes(message, "record.preEvent needs the stream's option history");
  assertKept(before, resolveHistory({ duration: 1 }));
  assertKept(record("cam.mp4"), resolveHistory({}));
});

test("no history is kept by default, and 64 MB of it at most", () => {
  const none = { duration: 0, bytes: 67_108_864 };
  assertEquals(resolveHistory(undefined), none);
  assertEquals(resolveHistory({}), none);
  assertEquals(resolveHistory({ duration: undefined, bytes: undefined }), none);
  assertEquals(resolveHistory({ duration: 5_000 }), { ...none, duration: 5_000 });
  assertEquals(resolveHistory({ bytes: 1 }), { ...none, bytes: 1 });
  assert(Object.isFrozen(resolveHistory({ duration: 5_000 })));
});

test("options of the history are checked by name, type and range", () => {
  const history = (options: unknown) => resolveHistory(options as HistoryOptions);
  const rows: readonly (readonly [unknown, typeof TypeError, string])[] = [
    [null, TypeError, "history must be an object, got null"],
    [5_000, TypeError, "history must be an object, got 5000"],
    [{ durations: 5 }, TypeError, 'unknown option "history.durations"; did you mean "duration"?'],
    [{ zzzzzz: 5 }, TypeError, 'unknown option "history.zzzzzz"; known are duration, bytes'],
    [{ duration: "5" }, TypeError, "history.duration must be a number of milliseconds"],
    [{ duration: -1 }, RangeError, `history.duration must be a number of milliseconds from 0 to`],
    [{ duration: Infinity }, RangeError, "history.duration must be"],
    [{ bytes: "1" }, TypeError, "history.bytes must be a whole number of bytes"],
    [{ bytes: 0 }, RangeError, "history.bytes must be a whole number of bytes from 1 to"],
    [{ bytes: 1.5 }, RangeError, "history.bytes must be a whole number of bytes"],
    [{ bytes: 2 ** 33 + 1 }, RangeError, "to 8589934592, got 8589934593"],
  ];
  for (const [options, kind, message] of rows) assertThrows(() => history(options), kind, message);
  assertEquals(resolveHistory({ duration: MAX_TIME, bytes: 2 ** 33 }).bytes, 2 ** 33);
});

test("fileName() puts the local time in, each part with two digits", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["%Y", "2026"],
    ["%m", "03"],
    ["%d", "05"],
    ["%H", "07"],
    ["%M", "08"],
    ["%S", "09"],
    ["rec/%Y/%m/%d/cam-%H%M%S.mp4", "rec/2026/03/05/cam-070809.mp4"],
    ["%S%S-%Y%Y", "0909-20262026"],
    ["cam.mp4", "cam.mp4"],
    ["", ""],
  ];
  for (const [template, expected] of rows) assertEquals(fileName(template, DATE), expected);
  const last = new Date(2031, 11, 31, 23, 59, 58);
  assertEquals(fileName("%Y-%m-%d_%H.%M.%S", last), "2031-12-31_23.59.58");
});

test("fileName() makes one % of two, and what comes after them is no code", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["100%%.mp4", "100%.mp4"],
    ["%%Y", "%Y"],
    ["%%%Y", "%2026"],
    ["%%%%Y", "%%Y"],
    ["%Y%%%m", "2026%03"],
  ];
  for (const [template, expected] of rows) assertEquals(fileName(template, DATE), expected);
});

test("fileName() leaves alone what is no code", () => {
  const templates = ["%y", "%D", "%h", "%s", "%03d", "%", "cam%", "% Y", "%é", "$1$&", "%-d"];
  for (const template of templates) assertEquals(fileName(template, DATE), template);
  assertEquals(fileName("%q%Y%", DATE), "%q2026%");
});

test("numberedName() puts the number before the extension", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["cam.mp4", "cam-7.mp4"],
    ["cam", "cam-7"],
    ["rec/cam.mp4", "rec/cam-7.mp4"],
    ["/var/rec.d/cam", "/var/rec.d/cam-7"],
    ["/var/rec.d/cam.mp4", "/var/rec.d/cam-7.mp4"],
    ["C:\\rec.d\\cam", "C:\\rec.d\\cam-7"],
    ["C:\\rec.d\\cam.mp4", "C:\\rec.d\\cam-7.mp4"],
    ["../cam", "../cam-7"],
    ["./cam.tar.mp4", "./cam.tar-7.mp4"],
    ["cam.", "cam-7."],
    ["$1$&.mp4", "$1$&-7.mp4"],
  ];
  for (const [name, expected] of rows) assertEquals(numberedName(name, 7), expected);
});

test("numberedName() with the number 0 is the name itself", () => {
  for (const name of ["cam.mp4", "cam", "rec.d/cam", ".mp4", ""]) {
    assertEquals(numberedName(name, 0), name);
  }
});

test("no two numbers of a name are the same, and all are in its directory with its extension", () => {
  const alphabet = ["a", ".", "-", "1", " ", "é", "%"];
  forAll(300, (random) => {
    const directory = random.pick(["", "/", "rec.d/", "a.b\\c.d\\", "../"]);
    const extension = random.pick(["", ".mp4", ".ts"]);
    const stem = random.text(alphabet.filter((c) => extension || c !== "."), 1, 6);
    const name = directory + stem + extension;
    const names = [0, 1, 2, 10, 999].map((number) => numberedName(name, number));
    assertEquals(new Set(names).size, 5, name);
    for (const other of names) {
      assert(other.startsWith(directory + stem) && other.endsWith(extension), `${name} ${other}`);
      assertEquals(other.slice(directory.length).search(/[/\\]/), -1, other);
    }
  });
});
