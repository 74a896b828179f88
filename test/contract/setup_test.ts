/** What `./run` says while it installs, and where it may not or cannot. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { Child } from "../support/child.ts";
import { scriptPath } from "./child.ts";

const ROOT = scriptPath("../../", import.meta.url);
/** What `setup.sh` uses of every system. */
const TOOLS = ["cut", "date", "env", "grep", "mktemp", "rm", "setpriv", "sh", "sort", "tail", "tr"];

/** As apt-get prints it where it is asked to tell how far it is. */
const PROGRESS = `
echo "$*" >>"$0.calls"
echo "Reading package lists..."
echo "dlstatus:1:12.5:Retrieving file 1 of 8 (9s remaining)"
echo "pmstatus:dpkg-exec:40.0000:Running dpkg"
echo "Setting up libavformat61:amd64 (7:7.1.5) ..."`;

/** A system that has no other programs than these. */
class System implements AsyncDisposable {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async with(programs: Readonly<Record<string, string>>): Promise<System> {
    const directory = await mkdtemp(join(tmpdir(), "rtsp-stream-setup-"));
    const bin = join(directory, "bin");
    await mkdir(bin);
    for (const tool of TOOLS) {
      const child = new Child("sh", ["-c", `command -v ${tool}`]);
      await child.exited;
      await symlink(child.stdout.trim(), join(bin, tool));
    }
    for (const [name, text] of Object.entries(programs)) {
      await writeFile(join(bin, name), `#!/bin/sh\n${text}\n`);
      await chmod(join(bin, name), 0o755);
    }
    return new System(directory);
  }

  async run(command: string): Promise<{ code: number | null; said: string }> {
    const script = `set -eu; . ./setup.sh; ${command}`;
    await using child = new Child("sh", ["-c", script], {
      cwd: ROOT,
      env: { PATH: join(this.#directory, "bin"), RTSP_STREAM_LIBAV: "" },
    });
    const { code } = await child.exited;
    assertEquals(child.stdout, "");
    return { code, said: child.stderr };
  }

  /** What apt-get was called with, a line each. */
  async calls(): Promise<string[]> {
    return (await readFile(join(this.#directory, "bin/apt-get.calls"), "utf8")).trim().split("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** A system of Debian's that has none of the libraries. */
const DEBIAN = {
  "apt-get": PROGRESS,
  // Names of older releases may still be known, and others that provide the same are found too.
  "apt-cache": `case $* in
    *libavformat*) echo "libavformat59 - old"; echo "libavformat61 - FFmpeg library"
      echo "libavformat-extra61 - FFmpeg library, with more" ;;
    *libswscale*) echo "libswscale8 - FFmpeg library" ;;
  esac`,
  "dpkg-query": "exit 1",
  "ldconfig": "exit 0",
};
const ROOT_USER = { id: "echo 0" };
const USER = { id: "echo 1000" };
const skip = process.platform === "win32";

test("the libraries alone are installed, and how far that is is told", { skip }, async () => {
  await using system = await System.with({ ...DEBIAN, ...ROOT_USER });
  const { code, said } = await system.run("libraries demo");
  assertEquals(code, 0, said);
  assertStringIncludes(said, "The demo needs libavformat61 libswscale8");
  assertMatch(said, /^Packages of this system: fetched 12 %$/m);
  assertMatch(said, /^Packages of this system: done$/m);
  assert(!said.includes("Setting up"), said);
  const [update = "", install = "", ...others] = await system.calls();
  assertEquals(others, []);
  assertMatch(update, / update$/);
  assertMatch(install, / install -y --no-install-recommends libavformat61 libswscale8$/);
});

test("libraries that are there are not installed", { skip }, async () => {
  const ldconfig = `echo "libavformat.so.61 (libc6,x86-64) => /usr/lib/libavformat.so.61"
    echo "libswscale.so.8 (libc6,x86-64) => /usr/lib/libswscale.so.8"`;
  await using system = await System.with({ ...DEBIAN, ...USER, ldconfig });
  assertEquals(await system.run("libraries demo"), { code: 0, said: "" });
});

test("who may not install is told what root has to do", { skip }, async () => {
  await using system = await System.with({ ...DEBIAN, ...USER });
  const { code, said } = await system.run("libraries demo");
  assertEquals(code, 1);
  assertStringIncludes(said, "there is no sudo");
  assertStringIncludes(
    said,
    "apt-get update && apt-get install --no-install-recommends libavformat61 libswscale8",
  );
});

test("a password that nobody can type is not waited for", { skip }, async () => {
  await using system = await System.with({ ...DEBIAN, ...USER, sudo: "exit 1" });
  const { code, said } = await system.run("libraries demo");
  assertEquals(code, 1);
  assertStringIncludes(said, "there is no terminal");
  assertStringIncludes(said, "sudo sh -c 'apt-get update && apt-get install");
});

test("what apt-get cannot fetch is told with its own words", { skip }, async () => {
  const failing = `echo "dlstatus:1:0.0:Retrieving file 1 of 8"
    echo "E: Failed to fetch libavformat61.deb  Could not resolve host"; exit 100`;
  await using system = await System.with({ ...DEBIAN, ...ROOT_USER, "apt-get": failing });
  const { code, said } = await system.run("libraries demo");
  assertEquals(code, 1);
  assertStringIncludes(said, "Packages of this system: failed\nE: Failed to fetch libavformat61");
  assertStringIncludes(said, "Is there a network?");
});

test("a system that knows no package of the libraries is told so", { skip }, async () => {
  await using system = await System.with({ ...DEBIAN, ...ROOT_USER, "apt-cache": "exit 0" });
  const { code, said } = await system.run("libraries demo");
  assertEquals(code, 1);
  assertStringIncludes(said, "knows no package of FFmpeg's libraries. Is there a network?");
});

test(
  "without apt-get the program says itself what is missing; npm is named",
  { skip },
  async () => {
    await using system = await System.with({ ...USER });
    assertEquals(await system.run("libraries demo"), { code: 0, said: "" });
    const { code, said } = await system.run("cd ..; packages");
    assertEquals(code, 1);
    assertStringIncludes(said, "npm is missing");
  },
);
