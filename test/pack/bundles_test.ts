/** Bundles and executables of a program that uses the npm form. */

import { assertEquals } from "@std/assert";
import { after, test } from "node:test";
import { startCamera } from "../support/camera.ts";
import { Packed, type Project } from "./packed.ts";

const SLOW = { timeout: 120_000 };
const PROGRAM = "program.ts";
const ONE_FRAME = `
import process from "node:process";
import { VideoStream } from "@x/rtsp-stream";
await using stream = new VideoStream(process.argv.at(-1)!);
const { width, height, data } = await stream.next();
console.log(width, height, data.length);
`;

const packed = await Packed.make();
after(() => packed[Symbol.asyncDispose]());

/** How a program becomes one file, and how that file is run. */
const WAYS: Readonly<Record<string, readonly [make: readonly string[], run: readonly string[]]>> = {
  "bun build": [
    ["bun", "build", PROGRAM, "--target=bun", "--outfile=out.js"],
    ["bun", "out.js"],
  ],
  "bun build --minify, for Deno": [
    ["bun", "build", PROGRAM, "--target=node", "--minify", "--outfile=out.js"],
    ["deno", "run", "--no-prompt", "--allow-ffi", "out.js"],
  ],
  "bun build --compile": [
    ["bun", "build", PROGRAM, "--compile", "--outfile=program"],
    ["./program"],
  ],
  "deno bundle": [
    ["deno", "bundle", PROGRAM, "--output", "out.js"],
    ["deno", "run", "--no-prompt", "--allow-ffi", "out.js"],
  ],
  "esbuild": [
    ["npx", "esbuild", PROGRAM, "--bundle", "--platform=node", "--format=esm", "--outfile=out.js"],
    ["bun", "out.js"],
  ],
};

async function run(project: Project, [name, ...args]: readonly string[]): Promise<string> {
  return await project.run(name!, ...args);
}

for (const [way, [make, start]] of Object.entries(WAYS)) {
  test(`what ${way} makes of a program reads a camera`, SLOW, async () => {
    const name = way.replaceAll(/\W+/g, "-");
    const project = await packed.project(name, ...way === "esbuild" ? ["esbuild@0.28"] : []);
    await project.write(PROGRAM, ONE_FRAME);
    await run(project, make);
    // Where nothing of the package is.
    await project.run("rm", "-rf", "node_modules");
    await using camera = await startCamera({ width: 320, height: 180, keyInterval: 5 });
    assertEquals(await run(project, [...start, camera.url]), "320 180 172800\n");
  });
}
