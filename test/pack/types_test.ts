/** The types of the npm form in the set-ups of TypeScript that people have. */

import { assertEquals } from "@std/assert";
import { after, test } from "node:test";
import { Packed } from "./packed.ts";

const SLOW = { timeout: 180_000 };
const PROGRAM = `
import {
  type Frame, StreamError, StreamGroup, VideoStream, type VideoStreamOptions, VideoWriter,
} from "@x/rtsp-stream";

const options: VideoStreamOptions = { maxFps: 5, onConnect: () => {} };
await using stream = new VideoStream("rtsp://camera-ip/stream", options).start();
for await (const frame of stream) {
  const bytes: Uint8Array = frame.data;
  const one: Frame = frame.copy();
  if (bytes.length !== one.width * one.height * one.channels) break;
}
await using group = new StreamGroup({ left: "rtsp://left", right: "rtsp://right" });
for await (const { frames } of group) if (frames.left.width !== frames.right.width) break;
await using writer = new VideoWriter("out.mp4", { width: 320, height: 180, fps: 5 });
writer.write(new Uint8Array(320 * 180 * 3));
const error = await stream.ready.then(() => undefined, (reason: unknown) => reason);
if (error instanceof StreamError && error.code === "AUTH_FAILED") throw error;
`;
const STRICT = [
  ...["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess"],
  ...["--skipLibCheck", "false", "--target", "esnext"],
];
const RESOLUTIONS = {
  bundler: ["--module", "preserve", "--moduleResolution", "bundler"],
  nodenext: ["--module", "nodenext", "--moduleResolution", "nodenext"],
};

const packed = await Packed.make();
after(() => packed[Symbol.asyncDispose]());

for (const version of ["5.9", "latest"]) {
  test(`TypeScript ${version} finds no fault, with and without @types/node`, SLOW, async () => {
    const project = await packed.project(`typescript-${version}`, `typescript@${version}`);
    await project.write("program.ts", PROGRAM);
    const check = (...args: readonly string[]) =>
      Promise.all(
        Object.values(RESOLUTIONS).map((resolution) =>
          project.run("npx", "tsc", ...STRICT, ...resolution, ...args, "program.ts")
        ),
      );
    assertEquals(await check(), ["", ""]);
    await project.run("npm", "i", "--no-audit", "--no-fund", "@types/node@24");
    assertEquals(await check("--types", "node"), ["", ""]);
    assertEquals(await check("--types", "node", "--lib", "esnext"), ["", ""]);
  });
}

test("deno check finds no fault, from node_modules", SLOW, async () => {
  const project = await packed.project("deno-check");
  await project.write("program.ts", PROGRAM);
  await project.run("deno", "check", "program.ts");
});
