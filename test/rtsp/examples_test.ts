/** Every example does what it says, as a user would run it. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Camera, startCamera } from "../support/camera.ts";
import { makeVideo } from "../support/media.ts";
import { runScript } from "../support/process.ts";

const FOLDER = fileURLToPath(new URL("../../examples/", import.meta.url));
const options = { timeout: 60_000 };

async function runExample(name: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runScript(join(FOLDER, name), args);
  assertEquals(code, 0, `${name} ended with ${code}: ${stdout}${stderr}`);
  return stdout;
}

function camera(): Promise<Camera> {
  return startCamera({ width: 320, height: 180, keyInterval: 5 });
}

test("every example has a test here", async () => {
  const here = await readFile(fileURLToPath(import.meta.url), "utf8");
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith(".ts"));
  assert(names.length >= 6);
  for (const name of names) assertStringIncludes(here, `"${name}"`);
});

test("the quick start prints frames", options, async () => {
  await using served = await camera();
  const out = await runExample("quick_start.ts", served.url);
  assertMatch(out, /^320x180, 30 fps, h264$/m);
  assertEquals(out.match(/^frame \d+: [\d.]+ ms old/gm)?.length, 5);
});

test(
  "the context manager example closes its stream after the frames it wants",
  options,
  async () => {
    await using served = await camera();
    const out = await runExample("context_manager.ts", served.url, "7");
    assertEquals(out.match(/^frame \d+: brightness [\d.]+$/gm)?.length, 7);
    assertMatch(out, /the stream is closed\n$/);
  },
);

test("the reconnect example tells of the loss and gives up", options, async () => {
  const served = await camera();
  const running = runExample("reconnect.ts", served.url, "1");
  for (const deadline = Date.now() + 20_000; served.count("PLAY") === 0;) {
    assert(Date.now() < deadline, "the example never connected");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  await served.kill();
  const out = await running;
  assertMatch(out, /^connected$/m);
  assertMatch(out, /^lost \(END_OF_STREAM\)/m);
  assertMatch(out, /^given up \(REFUSED\)$/m);
  assertMatch(out, /ECONNREFUSED\) after 1 reconnects$/m);
});

test("the logging example shows LogTape's records and another logger's", options, async () => {
  await using served = await camera();
  const out = await runExample("logging.ts", served.url);
  assertMatch(out, /rtsp-stream.*front door: connected, h264 320x180/);
  assertMatch(out, /^the same again: connected, h264 320x180$/m);
});

test("the file example counts every frame", options, async () => {
  const file = await makeVideo({ width: 320, height: 180, frames: 60, codec: "h264" });
  const out = await runExample("read_file.ts", file);
  assertMatch(out, /^320x180, h264$/m);
  assertMatch(out, /^60 frames, the last one at [\d.]+ s$/m);
});

test("the snapshot example writes a picture", options, async () => {
  await using served = await camera();
  const folder = await mkdtemp(join(tmpdir(), "rtsp-stream-example-"));
  try {
    const path = join(folder, "picture.png");
    const out = await runExample("snapshot.ts", served.url, path);
    const bytes = await readFile(path);
    assertEquals([...bytes.subarray(1, 4)], [..."PNG"].map((c) => c.charCodeAt(0)));
    assertStringIncludes(out, `320x180, ${bytes.length} bytes`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
