/**
 * The Dockerfiles of the examples: their steps are carried out in roots of Debian, and the images
 * that come of it read a camera and are stopped.
 *
 * Arguments: names of runtimes, for all of them.
 */

import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { ROOT } from "../../../pack/sources.ts";
import { type Camera, startCamera } from "../../support/camera.ts";
import { Child } from "../../support/child.ts";
import { output } from "../../support/command.ts";
import { within } from "../../support/waiting.ts";
import { makeBase } from "../root.ts";
import { Builder, type Image } from "./builder.ts";
import { containedIn } from "./container.ts";
import { Registry } from "./registry.ts";

const EXAMPLES = join(ROOT, "examples/docker");
/** Alpine's packages are not to be had with apt, so that its files are only read, in a unit test. */
const NAMES = ["deno", "bun", "node"];
const SUITE = "trixie";
const FRAMES = 3;
const START_LIMIT = 30_000;
const STOP_LIMIT = 10_000;
/** Parts of the size that the page has: Debian's packages grow and shrink. */
const SIZE_TOLERANCE = 0.1;

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !NAMES.includes(name));
if (unknown.length > 0) {
  console.error(`No ${unknown.join(", ")}: there are ${NAMES.join(", ")}.`);
  process.exit(2);
}

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "rtsp-stream/compat");
await mkdir(cache, { recursive: true });
// Beside the root that they are copies of: in a directory for temporary files may be little room.
const directory = await mkdtemp(join(cache, "docker-"));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => process.exit(130));
}

/** Bytes of all files, as a builder counts them. */
async function sizeOf(root: string): Promise<number> {
  const said = await output("the size", "du", "--summarize", "--bytes", "--one-file-system", root);
  return Number(said.split("\t")[0]);
}

/** What the page says of a file, in bytes. */
function statedSize(file: string): number {
  const page = readFileSync(join(EXAMPLES, "README.md"), "utf8");
  const row = page.split("\n").find((line) => line.startsWith("|") && line.includes(file));
  const [, size] = row?.match(/(\d+) MB/) ?? [];
  if (size === undefined) throw new Error(`examples/docker/README.md states no size of ${file}`);
  return Number(size) * 1e6;
}

/** As `docker run` and `docker stop` do it. */
async function runAndStop(image: Image, camera: Camera): Promise<void> {
  const env = { ...image.env, CAMERA: camera.url };
  const [program, ...args] = containedIn({ ...image, env });
  await using child = new Child(program!, args);
  const frames = () => [...child.stdout.matchAll(/^frame \d+: 320x180, [\d.]+ ms old/gm)].length;
  await child.until(`${FRAMES} frames`, () => frames() >= FRAMES || undefined, START_LIMIT);
  const first = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8");
  process.kill(Number(first), "SIGTERM");
  const { code } = await within("the end of the container", child.exited, STOP_LIMIT);
  const said = `${child.stdout}\n${child.stderr}`;
  if (code !== 0) throw new Error(`It ended with the code ${code}:\n${said}`);
  if (!/^stopped$/m.test(child.stdout)) {
    throw new Error(`It does not say that it stopped:\n${said}`);
  }
  if (camera.count("TEARDOWN") !== 1) throw new Error("The camera was not told goodbye");
}

async function testFile(name: string, builder: Builder): Promise<void> {
  const file = `${name}.Dockerfile`;
  await using camera = await startCamera({ width: 320, height: 180, keyInterval: 5 });
  const begin = performance.now();
  const image = await builder.build(join(EXAMPLES, file));
  try {
    const size = await sizeOf(image.root);
    const seconds = Math.round((performance.now() - begin) / 1000);
    console.log(`${file}: ${Math.round(size / 1e6)} MB, built in ${seconds} s`);
    if (existsSync(join(image.root, "usr/bin/ffmpeg"))) {
      throw new Error("It has the command ffmpeg");
    }
    await runAndStop(image, camera);
    const stated = statedSize(file);
    if (Math.abs(size - stated) > SIZE_TOLERANCE * stated) {
      throw new Error(`The page says ${stated / 1e6} MB`);
    }
  } finally {
    await rm(image.root, { recursive: true });
  }
}

async function testAll(): Promise<number> {
  const [started, base] = await Promise.all([
    Registry.start(join(directory, "registry")),
    makeBase(join(cache, `${SUITE}-slim`), SUITE),
  ]);
  await using registry = started;
  const env = { NPM_CONFIG_REGISTRY: registry.url, HOME: "/root" };
  const builder = new Builder({ directory, base, baseImage: `debian:${SUITE}-slim`, env });
  let failed = 0;
  const names = chosen.length > 0 ? chosen : NAMES;
  for (const name of names) {
    try {
      await testFile(name, builder);
    } catch (error) {
      failed++;
      console.log(`${name}.Dockerfile: ${error instanceof Error ? error.message : error}`);
    }
  }
  console.log(`\n${names.length - failed} passed, ${failed} failed`);
  return failed;
}

try {
  process.exitCode = await testAll() === 0 ? 0 : 1;
} finally {
  for (const name of await readdir(directory)) {
    await rm(join(directory, name), { recursive: true, force: true });
  }
  await rm(directory, { recursive: true, force: true });
}
