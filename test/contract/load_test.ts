/** How the libraries are loaded, and what is said when they are not there. */

import { assert, assertEquals, assertExists, assertFalse, assertStringIncludes } from "@std/assert";
import { access, copyFile, realpath, symlink, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { test } from "node:test";
import { loadBackend } from "../../ffi/backend/mod.ts";
import { DIRECTORY_VARIABLE } from "../../ffi/load/locate.ts";
import { DISTRIBUTION_FILE, installAdvice } from "../../ffi/load/package_managers.ts";
import { RELEASES } from "../../ffi/load/releases.ts";
import { openLibav } from "../../ffi/mod.ts";
import { LIBRARIES, type LibraryName, SYMBOLS } from "../../ffi/symbols/mod.ts";
import { runChild } from "./child.ts";
import {
  failureIn,
  fileOf,
  link,
  live,
  loadedFile,
  outcomeIn,
  outcomeOf,
  outcomeWith,
  realFile,
  script,
  withDirectory,
} from "./library_directory.ts";
import type { Failure } from "./load_child.ts";

const backend = loadBackend();

/** What is looked for where the C library has another name. */
const STRAY_LIBC = ["libdl.so.2", "libc.so.7", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];

test("every release names a major of every library, and no two have the same versions", () => {
  for (const { name, majors } of RELEASES) {
    assertEquals(Object.keys(majors).sort(), [...LIBRARIES].sort(), `release ${name}`);
  }
  const rows = RELEASES.map(({ majors, minors = {} }) => JSON.stringify([majors, minors]));
  assertEquals(new Set(rows).size, rows.length);
});

test("releases are listed newest first", () => {
  const avutil = RELEASES.map(({ majors }) => majors.avutil);
  assertEquals(avutil, avutil.toSorted((a, b) => b - a));
});

test("an empty directory is an error that names it and the advice, and knows each file", async () => {
  await withDirectory(async (directory) => {
    const { message, attempts } = await failureIn(directory);
    const wanted = RELEASES.map(({ majors }) => join(directory, fileOf("avutil", majors.avutil)));
    assertEquals(attempts.map(({ path }) => path), [...new Set(wanted)]);
    for (const { reason } of attempts) assertStringIncludes(reason.toLowerCase(), "no such file");
    assertStringIncludes(message, `${directory} (${DIRECTORY_VARIABLE})`);
    assertStringIncludes(
      message,
      installAdvice({ ...backend.platform, distribution: backend.fileText(DISTRIBUTION_FILE) }),
    );
    for (const { name } of RELEASES) assertStringIncludes(message, name);
  });
});

test("every release and its own file is tried before giving up", async () => {
  await withDirectory(async (directory) => {
    const { attempts } = await failureIn(directory, [
      { majors: { avutil: 99 } },
      { majors: { avutil: 98 } },
      {},
    ]);
    const files = [99, 98, live().majors.avutil].map((major) =>
      join(directory, fileOf("avutil", major))
    );
    assertEquals(attempts.map(({ path }) => path), files);
  });
});

test("a text file named like a library is named with the loader's reason", async () => {
  await withDirectory(async (directory) => {
    await link(directory, { avutil: undefined });
    const file = join(directory, fileOf("avutil"));
    await writeFile(file, "this is not a library\n".repeat(50));
    const { attempts, message } = await failureIn(directory);
    assertStringIncludes(message, "invalid ELF header");
    const attempt = attempts.find(({ path }) => path === file);
    assertExists(attempt);
    assertStringIncludes(attempt.reason, "invalid ELF header");
  });
});

/** The reason that `path` was not used names a function of the library it should be. */
function assertNamesSymbol(failure: Failure, path: string, library: LibraryName): void {
  const attempt = failure.attempts.find((one) => one.path === path);
  assertExists(attempt, `${path} was used`);
  const words: readonly string[] = attempt.reason.match(/\w+/g) ?? [];
  const named = Object.keys(SYMBOLS[library]).filter((name) => words.includes(name));
  assertEquals(named.length, 1, attempt.reason);
}

for (const library of ["swresample", "swscale", "avcodec", "avformat"] as const) {
  test(`avutil under the name of ${library} is refused, naming a symbol it lacks`, async () => {
    await withDirectory(async (directory) => {
      await link(directory, { [library]: "avutil" });
      const failure = await failureIn(directory);
      assertNamesSymbol(failure, join(directory, fileOf(library)), library);
    });
  });
}

test("a library of another kind named like avutil is refused, naming a symbol it lacks", async () => {
  await withDirectory(async (directory) => {
    await link(directory, { avutil: undefined });
    const file = join(directory, fileOf("avutil"));
    await symlink(await loadedFile(/\/(libc\.so\.6|libc-2\.\d+\.so|libc\.musl|ld-musl)/), file);
    assertNamesSymbol(await failureIn(directory), file, "avutil");
  });
});

for (const missing of LIBRARIES.slice(1)) {
  test(`a set without ${missing} is not used, and the missing file is named`, async () => {
    await withDirectory(async (directory) => {
      await link(directory, { [missing]: undefined });
      const { attempts, message } = await failureIn(directory);
      assert(attempts.some(({ path }) => path === join(directory, fileOf(missing))), message);
      const [first] = message.split("\n");
      assertStringIncludes(first ?? "", `${fileOf(missing)} is missing`);
    });
  });
}

test("a directory with only avutil is not a release: all libraries or none", async () => {
  await withDirectory(async (directory) => {
    const others = LIBRARIES.filter((library) => library !== "avutil");
    await link(directory, Object.fromEntries(others.map((library) => [library, undefined])));
    const { attempts, message } = await failureIn(directory);
    assert(attempts.some(({ path }) => path === join(directory, fileOf("swresample"))), message);
  });
});

test("a complete directory is used, and each library comes from there", async () => {
  await withDirectory(async (directory) => {
    await link(directory);
    const { release, paths } = await outcomeWith(directory);
    assertEquals(release, live().name);
    const wanted = LIBRARIES.map((library) => [library, join(directory, fileOf(library))]);
    assertEquals(paths, Object.fromEntries(wanted));
  });
});

for (const library of LIBRARIES) {
  test(`a file name that lies about the major of ${library} is found out`, async () => {
    await withDirectory(async (directory) => {
      await link(directory);
      const found = live().majors[library];
      const lie = join(directory, fileOf(library, 99));
      await symlink(await realFile(library), lie);
      const { attempts } = await failureIn(directory, [{ majors: { [library]: 99 } }]);
      const reason = `has version ${found}, release ${live().name}-0 needs 99`;
      assertEquals(attempts, [{ path: lie, reason }]);
    });
  });
}

test("after a release that is not complete the next one is used", async () => {
  await withDirectory(async (directory) => {
    await link(directory);
    const { release } = await outcomeWith(directory, [{ majors: { avformat: 99 } }, {}]);
    assertEquals(release, `${live().name}-1`);
  });
});

test("of two releases that are complete the newer one is used", async () => {
  await withDirectory(async (directory) => {
    await link(directory);
    const { release } = await outcomeWith(directory, [{}, {}]);
    assertEquals(release, `${live().name}-0`);
  });
});

test("openLibav tells the file that each library came from", async () => {
  const { paths } = openLibav();
  for (const library of LIBRARIES) {
    assert(isAbsolute(paths[library]), paths[library]);
    assertStringIncludes(await loadedFile(new RegExp(`/lib${library}[.-]`)), library);
    await access(paths[library]);
  }
});

test("nothing is loaded from the working directory", async () => {
  await withDirectory(async (directory) => {
    const majors = new Set([...RELEASES.map((release) => release.majors.avutil), 99]);
    const hostile = [...[...majors].map((major) => fileOf("avutil", major)), ...STRAY_LIBC];
    for (const file of hostile) await copyFile(await realFile("avutil"), join(directory, file));
    const cwd = await realpath(directory);
    const opened = outcomeOf(await runChild(script, ["open"], { cwd }));
    assertEquals([opened.version, opened.stray], [openLibav().version, []]);
    const unknown = ["load", JSON.stringify([{ majors: { avutil: 99 } }]), live().name];
    const { failure, stray } = outcomeOf(await runChild(script, unknown, { cwd }));
    assertEquals([failure?.code, stray], ["LIBAV_NOT_FOUND", []]);
    assertFalse(failure?.message.includes(cwd), failure?.message);
  });
});

test("openLibav gives the same object to all calls of a thread", () => {
  const [first, second] = [openLibav(), openLibav()];
  assert(first === second);
  assert(first === openLibav());
});

test("openLibav takes the libraries from the override only", async () => {
  await withDirectory(async (directory) => {
    const { failure } = await outcomeIn(directory, "open");
    assertEquals(failure?.code, "LIBAV_NOT_FOUND");
    await link(directory);
    const { paths } = await outcomeIn(directory, "open");
    assertEquals(paths?.avformat, join(directory, fileOf("avformat")));
  });
});

test("openLibav tries again after a failure", async () => {
  await withDirectory(async (directory) => {
    const { failure, version, same, sameAtOnce } = await outcomeIn(directory, "retry");
    assertEquals(failure?.code, "LIBAV_NOT_FOUND");
    assertEquals(version, openLibav().version);
    assertEquals({ same, sameAtOnce }, { same: true, sameAtOnce: true });
  });
});
