/** What is said of an FFmpeg that cannot be used. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { loadBackend } from "../../ffi/backend/mod.ts";
import { DIRECTORY_VARIABLE } from "../../ffi/load/locate.ts";
import { DISTRIBUTION_FILE, installAdvice, mendAdvice } from "../../ffi/load/package_managers.ts";
import { RELEASES } from "../../ffi/load/releases.ts";
import { openLibav } from "../../ffi/mod.ts";
import { LIBRARIES } from "../../ffi/symbols/mod.ts";
import { runChild, scriptPath } from "./child.ts";
import {
  failureIn,
  fileOf,
  link,
  live,
  moved,
  outcomeOf,
  realFile,
  script,
  withDirectory,
} from "./library_directory.ts";
import type { Change } from "./load_child.ts";
import { madeUpProgram } from "./made_up_program.ts";

const backend = loadBackend();
const host = { ...backend.platform, distribution: backend.fileText(DISTRIBUTION_FILE) };
const advice = installAdvice(host);

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

/** The lines of an error about a directory that has some of the libraries. */
async function partLines(directory: string, changes?: readonly Change[]): Promise<string[]> {
  const { code, message } = await failureIn(directory, changes);
  assertEquals(code, "LIBAV_NOT_FOUND");
  const lines = message.split("\n");
  assert(lines.length <= 5, message);
  assertStringIncludes(lines[0]!, `FFmpeg is installed only in part in ${directory}`);
  assertEquals(lines[1], `To mend it: ${mendAdvice(host, directory, live())}`);
  return lines;
}

test("a directory without avformat is an error of four lines that says how to mend it", async () => {
  await withDirectory(async (directory) => {
    await link(directory, { avformat: undefined });
    const lines = await partLines(directory);
    const releases = RELEASES.map(({ name }) => name).join(", ");
    assertEquals(lines, [
      `FFmpeg is installed only in part in ${directory} (${DIRECTORY_VARIABLE}): ` +
      `${fileOf("avformat")} is missing`,
      `To mend it: ${mendAdvice(host, directory, live())}`,
      `Needed are libavutil, libswresample, libswscale, libavcodec, libavformat of one release, ` +
      `${releases}: where you have them elsewhere, set ${DIRECTORY_VARIABLE} to their directory`,
      `Looked in: ${directory}`,
    ]);
  });
});

test("a link that leads nowhere is named, and where it leads", async () => {
  await withDirectory(async (directory) => {
    await link(directory, { swscale: undefined });
    await symlink("libswscale.so.0.0", join(directory, fileOf("swscale")));
    const [first] = await partLines(directory);
    const words = `${fileOf("swscale")} is a link to libswscale.so.0.0, which is not there`;
    assertStringIncludes(first!, words);
  });
});

test("a library for another processor is named, and both processors", async () => {
  await withDirectory(async (directory) => {
    await link(directory, { avcodec: undefined });
    const own = backend.platform.arch === "aarch64";
    const foreign = madeUpProgram("/opt/one/lib", own ? 62 : 183);
    await writeFile(join(directory, fileOf("avcodec")), foreign);
    const [first] = await partLines(directory);
    assertStringIncludes(
      first!,
      `${fileOf("avcodec")} is for processors of the kind ${own ? "x86_64" : "aarch64"}, and ` +
        `this ${backend.runtime} is for ${backend.platform.arch}`,
    );
  });
});

test("libraries that are all for another processor are named once", async () => {
  await withDirectory(async (directory) => {
    for (const library of LIBRARIES) {
      await writeFile(join(directory, fileOf(library)), madeUpProgram("", 40));
    }
    const [first] = await partLines(directory);
    assertStringIncludes(first!, "its libraries are for processors of the kind arm, and this");
  });
});

test("libraries of two releases in one directory: what is there of the other is named", async () => {
  await withDirectory(async (directory) => {
    await link(directory, { avformat: undefined });
    const other = RELEASES.find(({ majors }) => majors.avformat !== live().majors.avformat)!;
    const file = fileOf("avformat", other.majors.avformat);
    await symlink(await realFile("avformat"), join(directory, file));
    const [first] = await partLines(directory);
    const words = `${fileOf("avformat")} is missing; there is ${file}, of another release`;
    assertStringIncludes(first!, words);
  });
});

test("a library that needs another one which is not there says so in the loader's words", async () => {
  await withDirectory(async (directory) => {
    await link(directory, { swscale: undefined });
    await writeFile(join(directory, fileOf("swscale")), "no library\n".repeat(50));
    const [first] = await partLines(directory);
    assertStringIncludes(first!, `${fileOf("swscale")} cannot be used: invalid ELF header`);
  });
});

test("one library alone names the four that are missing", async () => {
  await withDirectory(async (directory) => {
    const others = LIBRARIES.filter((library) => library !== "avutil");
    await link(directory, Object.fromEntries(others.map((library) => [library, undefined])));
    const [first] = await partLines(directory);
    assertStringIncludes(first!, `${others.map((one) => fileOf(one)).join(", ")} are missing`);
  });
});

test("where nothing is: what is missing, how to install it, what is not enough, where it was looked for", async () => {
  await withDirectory(async (directory) => {
    const { message } = await failureIn(directory);
    const releases = RELEASES.map(({ name }) => name).join(", ");
    assertEquals(message.split("\n"), [
      `Cannot find FFmpeg's shared libraries in ${directory} (${DIRECTORY_VARIABLE}): libavutil, ` +
      `libswresample, libswscale, libavcodec, libavformat of one release, ${releases}`,
      `Install them: ${advice}; or set ${DIRECTORY_VARIABLE} to their directory`,
      "A static ffmpeg command is not enough: no other program can load libraries from it",
      `Looked in: ${directory}`,
    ]);
  });
});

test("a directory of the variable that is not there is named as such", async () => {
  await withDirectory(async (directory) => {
    const gone = join(directory, "gone");
    const { message } = await failureIn(gone);
    assertEquals(
      message.split("\n").at(-1),
      `Looked in: no directory; these are not there: ${gone}`,
    );
  });
});

test("without the variable all directories are named, those that are not there apart", async () => {
  const { failure } = outcomeOf(
    await runChild(script, ["load", JSON.stringify([{ majors: moved(20) }]), live().name]),
  );
  const last = failure?.message.split("\n").at(-1) ?? "";
  assertStringIncludes(last, "Looked in: where the system's loader looks, ");
  const [there, absent] = last.split("; these are not there: ");
  assertStringIncludes(there!, "/usr/lib");
  assertStringIncludes(absent!, "/run/current-system/sw/lib");
  assertStringIncludes(absent!, "/snap/ffmpeg/current/usr/lib");
});
