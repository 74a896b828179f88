/**
 * Libraries where the environment leads to, on a machine that has none of its own, as far as
 * the search can tell.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { chmod, copyFile, mkdir, realpath, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { LIBRARIES } from "../../ffi/symbols/mod.ts";
import { output } from "../support/command.ts";
import { isDeno } from "../support/process.ts";
import { runChild, type RunOptions } from "./child.ts";
import {
  fileOf,
  link,
  live,
  outcomeOf,
  realFile,
  script,
  withDirectory,
} from "./library_directory.ts";
import type { Outcome } from "./load_child.ts";
import { madeUpProgram } from "./made_up_program.ts";

/** A directory `lib` of a prefix, with these libraries as links. */
async function makeLib(prefix: string, changes = {}): Promise<string> {
  const directory = join(prefix, "lib");
  await mkdir(directory, { recursive: true });
  await link(directory, changes);
  return directory;
}

/** A command that is there, and that nobody starts. */
async function makeCommand(prefix: string, content: string | Uint8Array = "#!/bin/sh\n") {
  const directory = join(prefix, "bin");
  await mkdir(directory, { recursive: true });
  const file = join(directory, "ffmpeg");
  await writeFile(file, content);
  await chmod(file, 0o755);
  return file;
}

/** What is loaded where the system has nothing. */
async function loadWith(
  { PATH = "/nowhere", ...env }: Record<string, string>,
  options: RunOptions = {},
  order = "hidden",
): Promise<Outcome> {
  // Where the system's own commands are, one of which starts the child.
  const variables = { CONDA_PREFIX: "", NIX_PROFILES: "", ...env, PATH: `${PATH}:/usr/bin:/bin` };
  const result = await runChild(script, [order], { ...options, env: variables });
  assertEquals(result.stderr, "");
  return outcomeOf(result);
}

function assertLoadedFrom(directory: string, { failure, paths, release }: Outcome): void {
  assert(paths, failure?.message);
  const wanted = LIBRARIES.map((library) => [library, join(directory, fileOf(library))]);
  assertEquals([release, paths], [live().name, Object.fromEntries(wanted)]);
}

function assertNotFound({ failure, loaded }: Outcome): string {
  assertEquals([failure?.code, loaded ?? []], ["LIBAV_NOT_FOUND", []]);
  return failure!.message;
}

test("an active conda environment's libraries are loaded", async () => {
  await withDirectory(async (prefix) => {
    const directory = await makeLib(prefix);
    assertLoadedFrom(directory, await loadWith({ CONDA_PREFIX: prefix }));
  });
});

test("the libraries beside the directory of an ffmpeg in PATH are loaded", async () => {
  await withDirectory(async (prefix) => {
    const directory = await makeLib(prefix);
    await makeCommand(prefix);
    const PATH = `:.:bin:/nowhere:${join(prefix, "bin")}:/usr/bin`;
    assertLoadedFrom(directory, await loadWith({ PATH }));
  });
});

test("the links from a directory of PATH to the command are followed", async () => {
  await withDirectory(async (prefix) => {
    const directory = await makeLib(join(await realpath(prefix), "ffmpeg-8.0"));
    const command = await makeCommand(join(prefix, "ffmpeg-8.0"));
    const PATH = join(prefix, "bin");
    await mkdir(PATH);
    await symlink(command, join(prefix, "ffmpeg"));
    await symlink("../ffmpeg", join(PATH, "ffmpeg"));
    assertLoadedFrom(directory, await loadWith({ PATH }));
  });
});

test("the command itself says where its libraries are, as Nix has it", async () => {
  await withDirectory(async (store) => {
    const directory = await makeLib(join(store, "ffmpeg-lib"));
    await makeCommand(join(store, "ffmpeg-bin"), madeUpProgram(`/nowhere/lib:${directory}`));
    assertLoadedFrom(directory, await loadWith({ PATH: join(store, "ffmpeg-bin", "bin") }));
  });
});

test("a shell of Nix names the directory", async () => {
  await withDirectory(async (store) => {
    const directory = await makeLib(join(store, "ffmpeg-8.0-lib"));
    const NIX_LDFLAGS = `-rpath /nowhere/lib -L${store}/zlib/lib -L${directory}`;
    assertLoadedFrom(directory, await loadWith({ NIX_LDFLAGS }));
  });
});

test("what the system has is loaded, also where the environment leads elsewhere", async () => {
  await withDirectory(async (prefix) => {
    await makeLib(prefix);
    await makeCommand(prefix);
    const env = { CONDA_PREFIX: prefix, PATH: `${join(prefix, "bin")}:/usr/bin:/bin` };
    const { paths } = outcomeOf(await runChild(script, ["load"], { env }));
    assertEquals(paths?.avformat, fileOf("avformat"));
  });
});

test("an environment without FFmpeg is passed over for the command in PATH", async () => {
  await withDirectory(async (prefix) => {
    const [conda, own] = [join(prefix, "conda"), join(prefix, "own")];
    await mkdir(join(conda, "lib"), { recursive: true });
    const directory = await makeLib(own);
    await makeCommand(own);
    const env = { CONDA_PREFIX: conda, PATH: join(own, "bin") };
    assertLoadedFrom(directory, await loadWith(env));
  });
});

test("of a directory that is not whole nothing is loaded: others would be bound to it", async () => {
  await withDirectory(async (prefix) => {
    const [conda, own] = [join(prefix, "conda"), join(prefix, "own")];
    await mkdir(join(conda, "lib"), { recursive: true });
    // A copy: two links to one file are one library.
    await copyFile(await realFile("avutil"), join(conda, "lib", fileOf("avutil")));
    const directory = await makeLib(own);
    await makeCommand(own);
    const outcome = await loadWith({ CONDA_PREFIX: conda, PATH: join(own, "bin") });
    assertLoadedFrom(directory, outcome);
    assertEquals(outcome.loaded?.filter((file) => file.startsWith(prefix)), []);
  });
});

test("of a system that is not whole nothing is loaded either", async () => {
  await withDirectory(async (prefix) => {
    const directory = await makeLib(prefix, { avutil: undefined });
    const copy = join(directory, fileOf("avutil"));
    await copyFile(await realFile("avutil"), copy);
    const outcome = await loadWith({ CONDA_PREFIX: prefix }, {}, "half-hidden");
    assertLoadedFrom(directory, outcome);
    assertEquals(outcome.loaded?.filter((file) => file.includes("libavutil")), [copy]);
  });
});

test("libraries that are bound to another directory's are not used", async () => {
  await withDirectory(async (prefix) => {
    const [conda, own] = [join(prefix, "conda"), join(prefix, "own")];
    await makeLib(conda, { avutil: undefined, avformat: undefined });
    await copyFile(await realFile("avutil"), join(conda, "lib", fileOf("avutil")));
    await writeFile(join(conda, "lib", fileOf("avformat")), "no library\n".repeat(50));
    const directory = await makeLib(own);
    await makeCommand(own);
    const { failure } = await loadWith({ CONDA_PREFIX: conda, PATH: join(own, "bin") });
    assertEquals(failure?.code, "LIBAV_NOT_FOUND");
    assertStringIncludes(
      failure?.message ?? "",
      `${join(conda, "lib")} (${fileOf("avformat")} cannot be used: invalid ELF header)`,
    );
    const reasons = failure?.attempts.map(({ path, reason }) => `${path} ${reason}`) ?? [];
    const path = join(directory, fileOf("avformat"));
    assert(
      reasons.includes(`${path} uses another libavutil, which was loaded before`),
      reasons.join("\n"),
    );
  });
});

const INSIDE: Readonly<Record<string, (prefix: string) => Record<string, string>>> = {
  "CONDA_PREFIX leads there": (prefix) => ({ CONDA_PREFIX: prefix }),
  "CONDA_PREFIX is relative": () => ({ CONDA_PREFIX: ".." }),
  "it is beside a directory of PATH": (prefix) => ({ PATH: join(prefix, "bin") }),
  "it is beside a directory of PATH by another name": (prefix) => ({
    PATH: join(prefix, "alias", "bin"),
  }),
  "PATH has relative and empty entries": () => ({ PATH: ":.:../bin:../lib:bin" }),
  "PATH names it": (prefix) => ({ PATH: join(prefix, "lib") }),
  "PATH names it by /proc": () => ({ PATH: "/proc/self/cwd:/proc/self/cwd/../bin" }),
};

for (const [name, env] of Object.entries(INSIDE)) {
  test(`nothing is loaded from the working directory when ${name}`, async () => {
    await withDirectory(async (made) => {
      const prefix = await realpath(made);
      const cwd = await makeLib(prefix);
      await makeCommand(prefix);
      await symlink(join(prefix, "bin", "ffmpeg"), join(cwd, "ffmpeg"));
      await symlink(prefix, join(prefix, "alias"));
      const last = assertNotFound(await loadWith(env(prefix), { cwd })).split("\n").at(-1)!;
      for (const directory of last.split(/; |, |: /)) {
        assert(!`${directory}/`.startsWith(`${cwd}/`), `${directory} was looked in`);
      }
    });
  });
}

test("a pipe in place of the command or of a library holds nobody up", async () => {
  await withDirectory(async (prefix) => {
    await makeLib(prefix, { avutil: undefined });
    await mkdir(join(prefix, "bin"));
    for (const pipe of [join(prefix, "bin", "ffmpeg"), join(prefix, "lib", fileOf("avutil"))]) {
      await output("no pipe", "mkfifo", pipe);
    }
    const env = { CONDA_PREFIX: prefix, PATH: join(prefix, "bin") };
    const { failure } = await loadWith(env);
    assertStringIncludes(failure?.message ?? "", `${fileOf("avutil")} is missing`);
  });
});

if (isDeno) {
  test("without --allow-env no place of the environment is looked at, and the error says so", async () => {
    await withDirectory(async (prefix) => {
      await makeLib(prefix);
      await makeCommand(prefix);
      const env = { CONDA_PREFIX: prefix, PATH: join(prefix, "bin") };
      const message = assertNotFound(await loadWith(env, { permissions: ["--allow-ffi"] }));
      assert(!message.includes(prefix), message);
      const flag = "--allow-env=CONDA_PREFIX,HOME,NIX_LDFLAGS,NIX_PROFILES,PATH";
      assertStringIncludes(message, `with ${flag} also where these variables lead`);
    });
  });

  test("--allow-env for a variable is enough for the directory that it names", async () => {
    await withDirectory(async (prefix) => {
      const directory = await makeLib(prefix);
      await makeCommand(prefix);
      const env = { CONDA_PREFIX: prefix, PATH: join(prefix, "bin") };
      for (const variable of ["CONDA_PREFIX", "PATH"]) {
        const permissions = ["--allow-ffi", `--allow-env=${variable}`];
        assertLoadedFrom(directory, await loadWith(env, { permissions }));
      }
    });
  });

  test("a link to the command is followed with --allow-read alone", async () => {
    await withDirectory(async (prefix) => {
      const directory = await makeLib(join(await realpath(prefix), "own"));
      const command = await makeCommand(join(prefix, "own"));
      const PATH = join(prefix, "bin");
      await mkdir(PATH);
      await symlink(command, join(PATH, "ffmpeg"));
      const permissions = ["--allow-ffi", "--allow-env=PATH"];
      assertNotFound(await loadWith({ PATH }, { permissions }));
      permissions.push(`--allow-read=${PATH}`);
      assertLoadedFrom(directory, await loadWith({ PATH }, { permissions }));
    });
  });
}
