/** Runtimes that are too old are refused with a word. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { LibavError } from "../../ffi/backend/errors.ts";
import {
  assertNotTooOld,
  isOlder,
  LEAST_KOFFI,
  LEAST_NODE_FFI,
  LEAST_VERSIONS,
  type RuntimeName,
} from "../../ffi/backend/least_version.ts";
import { runChild, scriptPath } from "./child.ts";

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

/** What is said to a user of each runtime: the version found, the one that is needed, a remedy. */
const REFUSED: readonly (readonly [RuntimeName, string, string])[] = [
  ["Deno", "2.6.4", 'Deno 2.7.6 or newer: run "deno upgrade"'],
  ["Bun", "1.2.23", 'Bun 1.3.0 or newer: run "bun upgrade"'],
  [
    "Node",
    "22.23.5",
    "Node 26.9.0 or newer, or Node 24.0.0 or newer with the package koffi: install one of them",
  ],
];

for (const [name, version, needed] of REFUSED) {
  test(`${name} ${version} is refused, and what to do is said`, () => {
    const { code, message } = assertThrows(() => assertNotTooOld(name, version), LibavError);
    assertEquals(code, "LIBAV_UNSUPPORTED");
    assertEquals(message, `${name} ${version} is too old: this package needs ${needed}`);
    assertNotTooOld(name, LEAST_VERSIONS[name]);
  });
}

/** One error of the stream, writer and group that are made there. */
async function assertRefused(args: readonly string[], why: (name: string) => string) {
  const { code, stdout, stderr } = await runChild(
    scriptPath("old_runtime_child.ts", import.meta.url),
    args,
  );
  assertEquals(code, 0, stderr);
  const { name, errors } = JSON.parse(stdout);
  const urls = ["rtsp://***@camera-ip/stream", "out.mp4", "rtsp://camera-ip/other"];
  assertEquals(
    errors,
    urls.map((url) => ({
      code: "LIBAV_UNSUPPORTED",
      retryable: false,
      message: `Cannot start ${url}: ${why(name)}`,
    })),
  );
}

test("in an old runtime, what is made first says so, and is not tried again", async () => {
  await assertRefused([], (name) => {
    const [, version, needed] = REFUSED.find(([one]) => one === name)!;
    return `${name} ${version} is too old: this package needs ${needed}`;
  });
});

test("in a runtime that is not known, what is made first says which ones are", async () => {
  await assertRefused(
    ["unknown"],
    () =>
      "Cannot call native libraries in this runtime: run the program with " +
      "Deno 2.7.6, Bun 1.3.0, Node 24.0.0 or newer",
  );
});

test("the runtime of this test is new enough, and package and README name the same", async () => {
  const { deno, bun, node } = process.versions as Record<string, string | undefined>;
  if (deno) assert(!isOlder(deno, LEAST_VERSIONS.Deno), deno);
  else if (bun) assert(!isOlder(bun, LEAST_VERSIONS.Bun), bun);
  else assert(!isOlder(node!, LEAST_VERSIONS.Node), node);
  const root = (name: string) => readFile(scriptPath(`../../${name}`, import.meta.url), "utf8");
  const { engines, peerDependencies, peerDependenciesMeta, devDependencies } = JSON.parse(
    await root("package.json"),
  );
  const { Deno: denoVersion, Bun: bunVersion, Node: nodeVersion } = LEAST_VERSIONS;
  assertEquals(engines, {
    bun: `>=${bunVersion}`,
    deno: `>=${denoVersion}`,
    node: `>=${nodeVersion}`,
  });
  assertEquals([peerDependencies, peerDependenciesMeta, devDependencies.koffi], [
    { koffi: `^${LEAST_KOFFI}` },
    { koffi: { optional: true } },
    `^${LEAST_KOFFI}`,
  ]);
  const words =
    `Deno ${denoVersion}, Bun ${bunVersion} or Node ${LEAST_NODE_FFI} and newer, or in ` +
    `Node ${nodeVersion}`;
  assert((await root("README.md")).replace(/\s+/g, " ").includes(words), words);
});
