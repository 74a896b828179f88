/** The forms in which the package is published, in a project that has nothing else. */

import { assert, assertEquals, assertFalse, assertLess, assertMatch } from "@std/assert";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { readManifest } from "../../pack/sources.ts";
import { type Camera, startCamera } from "../support/camera.ts";
import { Packed } from "./packed.ts";

/** Packages are installed, and programs compiled. */
const SLOW = { timeout: 120_000 };
const FRAMES = /^320x180, .* fps, h264\n(?:frame \d+: .* ms old, first pixel \d+ \d+ \d+\n){2,5}$/;
const MAX_BYTES = 400_000;

const packed = await Packed.make();
after(() => packed[Symbol.asyncDispose]());

async function reads(
  camera: Camera,
  run: (command: string, ...args: string[]) => Promise<string>,
  ...command: readonly [string, ...string[]]
): Promise<void> {
  const [name, ...args] = command;
  assertMatch(await run(name, ...args, camera.url), FRAMES, command.join(" "));
}

test("the npm form is small, and has JavaScript, types, maps and documents", SLOW, async () => {
  assertLess((await stat(packed.npm)).size, MAX_BYTES);
  const project = await packed.project("content");
  const form = project.path("node_modules/@x/rtsp-stream");
  assertEquals((await readdir(form)).sort(), [
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "mod.d.ts",
    "mod.js",
    "mod.js.map",
    "package.json",
  ]);
  const manifest = JSON.parse(await readFile(join(form, "package.json"), "utf8"));
  const { dependencies, version } = await readManifest();
  assertEquals(manifest.exports, { ".": { types: "./mod.d.ts", default: "./mod.js" } });
  assertEquals([manifest.version, manifest.dependencies], [version, dependencies]);
  for (const name of ["scripts", "private", "devDependencies"]) assertFalse(name in manifest, name);
  assert(manifest.engines.bun && manifest.engines.deno && manifest.repository.url);
});

test("documents of both forms lead to the repository", async () => {
  const project = await packed.project("documents");
  for (const form of [project.path("node_modules/@x/rtsp-stream"), packed.jsr]) {
    const text = await readFile(join(form, "README.md"), "utf8");
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
    assert(targets.length > 10);
    assertEquals(targets.filter((target) => !/^(?:https:\/\/|#)/.test(target)), []);
  }
});

test("deno publish takes the JSR form", SLOW, async () => {
  const project = await packed.project("publish");
  await project.run(
    "sh",
    "-c",
    'cd "$1" && deno publish --dry-run --allow-dirty',
    "sh",
    packed.jsr,
  );
});

test("the quick start runs from node_modules", SLOW, async () => {
  const project = await packed.project("quick");
  await using camera = await startCamera({ width: 320, height: 180, keyInterval: 5 });
  const program = await project.example("quick_start.ts");
  const run = project.run.bind(project);
  await reads(camera, run, "bun", program);
  // The least flags: nothing is read as a file, and no variable.
  await reads(camera, run, "deno", "run", "--no-prompt", "--allow-ffi", program);
});

test("the quick start runs in Deno by an import map", SLOW, async () => {
  const project = await packed.project("map");
  await using camera = await startCamera({ width: 320, height: 180, keyInterval: 5 });
  const program = await project.example("quick_start.ts");
  const entry = "./node_modules/@x/rtsp-stream/mod.js";
  await project.write("map.json", JSON.stringify({ imports: { "@x/rtsp-stream": entry } }));
  const flags = ["--no-prompt", "--allow-ffi", "--import-map=map.json"];
  await reads(camera, project.run.bind(project), "deno", "run", ...flags, program);
});

test(
  "the sources run in Deno by their path, with the logging library in the import map",
  SLOW,
  async () => {
    const project = await packed.project("path");
    await using camera = await startCamera({ width: 320, height: 180, keyInterval: 5 });
    const program = await project.example("quick_start.ts");
    const sources = pathToFileURL(join(packed.jsr, "mod.ts")).href;
    const logging = { "@logtape/logtape": "npm:@logtape/logtape" };
    await project.write(
      "map.json",
      JSON.stringify({ imports: { "@x/rtsp-stream": sources, ...logging } }),
    );
    const flags = ["--no-prompt", "--allow-ffi", "--allow-read", "--import-map=map.json"];
    await reads(camera, project.run.bind(project), "deno", "run", ...flags, program);
  },
);

test("the quick start runs in Node 26", SLOW, async () => {
  const name = `node-${process.platform}-${process.arch}`;
  const project = await packed.project("node", `${name}@26`);
  await using camera = await startCamera({ width: 320, height: 180, keyInterval: 5 });
  const program = await project.example("quick_start.ts");
  await reads(camera, project.run.bind(project), `node_modules/${name}/bin/node`, program);
});
