import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { describeLibraries } from "../../../src/core/connection/libraries.ts";

const LIBRARIES = {
  version: "5.0.3-1",
  release: "5.1",
  paths: { avformat: "/usr/lib/libavformat.so.59", avutil: "/usr/lib/libavutil.so.57" },
  missingFlag: undefined,
};
const LINE = "FFmpeg 5.0.3-1, used as release 5.1, /usr/lib/libavformat.so.59";

test("the log's line has the version, the release and the first file", () => {
  assertEquals(describeLibraries(LIBRARIES), LINE);
});

test("the log's line names the flag without which a variable was not read", () => {
  const missingFlag = "--allow-env=RTSP_STREAM_LIBAV";
  assertEquals(
    describeLibraries({ ...LIBRARIES, missingFlag }),
    `${LINE}; ${missingFlag} is missing, so this variable was not read`,
  );
});
