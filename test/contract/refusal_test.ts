/** What is said of an FFmpeg that cannot be used. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { loadBackend } from "../../ffi/backend/mod.ts";
import { DIRECTORY_VARIABLE, DISTRIBUTION_FILE, installAdvice } from "../../ffi/load/locate.ts";
import { RELEASES } from "../../ffi/load/releases.ts";
import { openLibav } from "../../ffi/mod.ts";
import { LIBRARIES } from "../../ffi/symbols/mod.ts";
import { scriptPath } from "./child.ts";
import { failureIn, fileOf, link, live, moved, withDirectory } from "./library_directory.ts";

const backend = loadBackend();
const advice = installAdvice(backend.platform.os, backend.fileText(DISTRIBUTION_FILE));

/** Every library in `directory` with its version. */
function inventory(directory: string): string {
  const { versions } = openLibav();
  return LIBRARIES.map((library) => `${join(directory, fileOf(library))} (${versions[library]})`)
    .join(", ");
}

test("libraries newer than every table are named, with the command that adds them", async () => {
  await withDirectory(async (directory) => {
    await link(directory);
    const changes = [{ majors: moved(-1) }, { majors: moved(-2) }];
    const { code, message } = await failureIn(directory, changes);
    assertEquals(code, "LIBAV_UNSUPPORTED");
    const { version } = openLibav();
    const { name } = live();
    assertStringIncludes(
      message,
      `Cannot use the FFmpeg ${version} that was found in ${directory}`,
    );
    assertStringIncludes(message, `newer than ${name}-0, the newest`);
    assertStringIncludes(message, inventory(directory));
    assertStringIncludes(message, `Known releases: ${name}-0, ${name}-1;`);
    const release = version.match(/\d+\.\d+/)?.[0] ?? "";
    const file = `ffi/layouts/release_${release.replace(".", "_")}.ts`;
    assertStringIncludes(message, `./run layouts ${release} > ${file}`);
    assertStringIncludes(message, "pull request");
    const heading = message.match(/CONTRIBUTING\.md says in "(.*?)"/)?.[1];
    const guide = await readFile(scriptPath("../../CONTRIBUTING.md", import.meta.url), "utf8");
    assertStringIncludes(guide, `## ${heading}\n`);
  });
});

test("libraries older than every table are named, and what to install", async () => {
  await withDirectory(async (directory) => {
    await link(directory);
    const changes = [{ majors: moved(2) }, { majors: moved(1) }];
    const { code, message } = await failureIn(directory, changes);
    assertEquals(code, "LIBAV_UNSUPPORTED");
    assertStringIncludes(message, `older than ${live().name}-1, the oldest`);
    assertStringIncludes(message, inventory(directory));
    assertStringIncludes(message, advice);
  });
});

test("an older release with the majors of a known one is told apart by its minor", async () => {
  await withDirectory(async (directory) => {
    await link(directory);
    const failure = await failureIn(directory, [{ minors: { avformat: 255 } }]);
    assertEquals(failure.code, "LIBAV_UNSUPPORTED");
    assertStringIncludes(failure.message, `older than ${live().name}-0, the oldest`);
    const [major, minor] = openLibav().versions.avformat.split(".");
    assertEquals(failure.attempts, [{
      path: join(directory, fileOf("avformat")),
      reason: `has version ${major}.${minor}, release ${live().name}-0 needs ${major}.255 or newer`,
    }]);
  });
});

test("libraries of two releases are not one, and are listed", async () => {
  await withDirectory(async (directory) => {
    await link(directory);
    const { avformat } = live().majors;
    const changes = [{ majors: { avformat: avformat + 1 } }, {
      majors: { ...moved(-1), avformat },
    }];
    const { code, message } = await failureIn(directory, changes);
    assertEquals(code, "LIBAV_NOT_FOUND");
    assertStringIncludes(message, "What is there is not whole, or not of one release: ");
    assertStringIncludes(message, inventory(directory));
  });
});

test("the first three lines say what is missing, how to install it here, and what is not enough", async () => {
  await withDirectory(async (directory) => {
    const { message } = await failureIn(directory);
    const lines = message.split("\n");
    const releases = RELEASES.map(({ name }) => name).join(", ");
    assertEquals(lines.slice(0, 4), [
      `Cannot find FFmpeg's shared libraries in ${directory} (${DIRECTORY_VARIABLE}): libavutil, ` +
      `libswresample, libswscale, libavcodec, libavformat of one release, ${releases}`,
      `Install them: ${advice}; or set ${DIRECTORY_VARIABLE} to their directory`,
      "A static ffmpeg command is not enough: no other program can load libraries from it",
      "Tried:",
    ]);
    // Every release looks for another file.
    assert(lines.length > 4 + 5, message);
    for (const line of lines.slice(4)) assertStringIncludes(line, directory);
  });
});
