/** The forms in which the package is published, in a project that has nothing else. */

import {
  assert,
  assertEquals,
  assertFalse,
  assertLess,
  assertMatch,
  assertRejects,
} from "@std/assert";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { readManifest } from "../../pack/sources.ts";
import { type Camera, startCamera } from "../support/camera.ts";
import { Packed } from "./packed.ts";
import { MOST } from "./ways.ts";

/** Packages are installed, and programs compiled. */
const SLOW = { timeout: 120_000 };
const FRAMES = /^320x180, .* fps, h264\n(?:frame \d+: .* ms old, first pixel \d+ \d+ \d+\n){2,5}$/;

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
  assertLess((await stat(packed.npm)).size, MOST.npm);
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
  const { sources } = JSON.parse(await readFile(join(form, "mod.js.map"), "utf8"));
  assertEquals(
    sources.filter((path: string) => !/^(?:mod\.ts|(?:src|ffi)\/.*\.ts)$/.test(path)),
    [],
  );
  assert(sources.includes("src/stream/video_stream.ts"));
  const manifest = JSON.parse(await readFile(join(form, "package.json"), "utf8"));
  const { dependencies, version } = await readManifest();
  assertEquals(manifest.exports, { ".": { types: "./mod.d.ts", default: "./mod.js" } });
  assertEquals([manifest.version, manifest.dependencies], [version, dependencies]);
  for (const name of ["scripts", "private", "devDependencies", "optionalDependencies"]) {
    assertFalse(name in manifest, name);
  }
  const { engines, peerDependencies, peerDependenciesMeta } = await readManifest();
  assertEquals(
    [manifest.engines, manifest.peerDependencies, manifest.peerDependenciesMeta],
    [engines, peerDependencies, peerDependenciesMeta],
  );
  assert(manifest.repository.url);
  // Nobody gets koffi who does not ask for it.
  assertFalse((await readdir(project.path("node_modules"))).includes("koffi"));
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

test("deno publish takes the JSR form, which is small", SLOW, async () => {
  const files = await readdir(packed.jsr, { recursive: true, withFileTypes: true });
  const sizes = files.filter((file) => file.isFile()).map(async ({ parentPath, name }) => {
    return (await stat(join(parentPath, name))).size;
  });
  assertLess((await Promise.all(sizes)).reduce((sum, size) => sum + size, 0), MOST.sources);
  const project = await packed.project("publish");
  await project.run(
    "sh",
    "-c",
    'cd "$1" && deno publish --dry-run --allow-dirty',
    "sh",
    packed.jsr,
  );
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

const NODE = `node-${process.platform}-${process.arch}`;
const NODE_COMMAND = `node_modules/${NODE}/bin/node`;

test("Node 24 without koffi is refused by the first stream", SLOW, async () => {
  const project = await packed.project("node-24", `${NODE}@24`);
  const program = await project.example("quick_start.ts");
  const run = project.run.bind(project);
  // What is in the working directory is not what the program has installed.
  await project.write("elsewhere/node_modules/koffi/index.js", "console.log('hostile');");
  const refused = ["sh", "-c", `cd elsewhere && ../${NODE_COMMAND} ../${program} x.mp4 2>&1`];
  const { message } = await assertRejects(() => run(refused[0]!, ...refused.slice(1)));
  const words = /StreamError: (Cannot start x\.mp4: .*)/.exec(message)?.[1] ?? message;
  assertMatch(
    words,
    /^Cannot start x\.mp4: Node 24\.\d+\.\d+ cannot call native libraries by itself, and the package koffi is not installed: run "npm install koffi@3", or use Node 26\.9\.0 or newer$/,
  );
  assertFalse(message.includes("hostile"), message);
});

test("Node 20 is refused by the first stream", SLOW, async () => {
  const project = await packed.project("node-20", `${NODE}@20`);
  await project.write(
    "program.mjs",
    `import { VideoStream } from "@x/rtsp-stream";
    try { new VideoStream("x.mp4"); } catch ({ name, code, message }) {
      console.log(name, code, message);
    }`,
  );
  assertMatch(
    await project.run(NODE_COMMAND, "program.mjs"),
    /^StreamError LIBAV_UNSUPPORTED Cannot start x\.mp4: Node 20\.\d+\.\d+ is too old: .*\n$/,
  );
});
