/** Runtimes that are too old are refused with a word. */

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { LibavError } from "../../ffi/backend/errors.ts";
import { assertNotTooOld, isOlder, LEAST_VERSIONS } from "../../ffi/backend/least_version.ts";
import { scriptPath } from "./child.ts";

test("versions are compared by their numbers", () => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    ["2.7.5", "2.7.6", true],
    ["2.7.6", "2.7.6", false],
    ["2.7.10", "2.7.6", false],
    ["2.6.99", "2.7.6", true],
    ["2.10.0", "2.7.6", false],
    ["1.46.3", "2.7.6", true],
    ["3.0.0", "2.7.6", false],
    ["2.7.6-rc.1", "2.7.6", false],
    ["2.8.0+abc1234", "2.7.6", false],
    ["1.3.0-canary.20250101", "1.3.0", false],
    ["unknown", "1.3.0", false],
  ];
  for (const [version, least, older] of rows) {
    assertEquals(isOlder(version, least), older, `${version} ${least}`);
  }
});

test("the error names the runtime, its version and the one that is needed", () => {
  const failing = () => assertNotTooOld("Deno", "2.6.4");
  const { code, message } = assertThrows(failing, LibavError);
  assertEquals(code, "LIBAV_UNSUPPORTED");
  assertEquals(message, "Deno 2.6.4 is too old: this package needs Deno 2.7.6 or newer");
  assertThrows(() => assertNotTooOld("Bun", "1.2.23"), LibavError, "needs Bun 1.3.0 or newer");
  for (const name of ["Deno", "Bun"] as const) assertNotTooOld(name, LEAST_VERSIONS[name]);
});

test("the runtime of this test is new enough, and package and README name the same", async () => {
  const { deno, bun } = process.versions as Record<string, string | undefined>;
  if (deno) assert(!isOlder(deno, LEAST_VERSIONS.Deno), deno);
  if (bun) assert(!isOlder(bun, LEAST_VERSIONS.Bun), bun);
  const root = (name: string) => readFile(scriptPath(`../../${name}`, import.meta.url), "utf8");
  const { engines } = JSON.parse(await root("package.json"));
  const { Deno: denoVersion, Bun: bunVersion } = LEAST_VERSIONS;
  assertEquals(engines, { bun: `>=${bunVersion}`, deno: `>=${denoVersion}` });
  assertStringIncludes(await root("README.md"), `Deno ${denoVersion} or Bun ${bunVersion}`);
});
