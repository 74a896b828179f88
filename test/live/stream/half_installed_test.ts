/** An FFmpeg that is there in part, or not at all: one error, and no other attempt. */

import { assert, assertEquals, assertLessOrEqual, assertMatch } from "@std/assert";
import { symlink } from "node:fs/promises";
import { basename } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { VideoStream } from "../../../mod.ts";
import { countingVideo } from "../../support/patterns.ts";
import { runScript } from "../../support/process.ts";
import { SLOW, SMALL, TemporaryDirectory } from "../reading.ts";

const SCRIPT = fileURLToPath(new URL("../fixtures/permissions.ts", import.meta.url));

/** The files of the libraries that this test reads with. */
async function libraries(film: string): Promise<Readonly<Record<string, string>>> {
  await using stream = new VideoStream(film);
  await stream.next();
  return stream.stats().libraries!.paths;
}

/** The libraries that are there, and the lines that say so and how it is mended. */
const CASES: Readonly<Record<string, readonly [there: readonly string[], ...lines: RegExp[]]>> = {
  "an FFmpeg without libswscale": [
    ["avutil", "swresample", "avcodec", "avformat"],
    /^Cannot load .*: FFmpeg is installed only in part in .*: libswscale\S* is missing$/,
    /^To mend it: ./,
  ],
  "no FFmpeg": [[], /^Cannot load .*: cannot find FFmpeg's shared libraries/, /^Install them: ./],
};

for (const [what, [there, ...lines]] of Object.entries(CASES)) {
  test(`of ${what} the error says how it is mended, once and for all`, SLOW, async () => {
    await using directory = await TemporaryDirectory.make();
    const film = await countingVideo(12, SMALL);
    const paths = await libraries(film);
    for (const name of there) await symlink(paths[name]!, directory.file(basename(paths[name]!)));
    const { code, stdout, stderr } = await runScript(SCRIPT, [film, directory.file("x.mkv")], {
      env: { RTSP_STREAM_LIBAV: directory.file(".") },
    });
    assertEquals(code, 0, stderr);
    const { read: { frames, state, ...read }, write, attempts, leftBehind } = JSON.parse(stdout);
    assertEquals([frames, state, attempts, leftBehind], [0, "failed", 1, []]);
    for (const { code, operation, retryable, message } of [read, write]) {
      assertEquals([code, operation, retryable], ["LIBAV_NOT_FOUND", "load", false], message);
      const said = message.split("\n");
      assertLessOrEqual(said.length, 5);
      lines.forEach((line, at) => assertMatch(said[at], line));
      assert(message.includes("Looked in:"), message);
    }
  });
}
