/** Every example does what it says, as a user would run it. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Frame, VideoStream } from "../../mod.ts";
import { type Camera, startCamera } from "../support/camera.ts";
import { makeVideo } from "../support/media.ts";
import { probe } from "../support/probe.ts";
import { runScript, startScript } from "../support/process.ts";
import { startRtmpServer } from "../support/rtmp_server.ts";

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

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "rtsp-stream-example-"));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Red, green and blue of a pixel whose place is given in parts of the picture. */
function pixel({ data, width, height }: Frame, x: number, y: number): number[] {
  const at = (Math.floor(y * height) * width + Math.floor(x * width)) * 3;
  return [...data.subarray(at, at + 3)];
}

test("every example has a test here", async () => {
  const here = await readFile(fileURLToPath(import.meta.url), "utf8");
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith(".ts"));
  assert(names.length >= 8);
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
  await inFolder(async (folder) => {
    const path = join(folder, "picture.png");
    const out = await runExample("snapshot.ts", served.url, path);
    const bytes = await readFile(path);
    assertEquals([...bytes.subarray(1, 4)], [..."PNG"].map((c) => c.charCodeAt(0)));
    assertStringIncludes(out, `320x180, ${bytes.length} bytes`);
  });
});

test("the publishing example sends what the model found to a server", options, async () => {
  const size = { width: 320, height: 180, keyInterval: 5 };
  await using served = await startCamera({
    ...size,
    pattern: "solid-color",
    foreground: 0xffc02020,
  });
  await using server = await startRtmpServer({ idleStreams: true });
  const url = server.url("boxes");
  await using stream = new VideoStream(url).start();
  await using example = startScript(join(FOLDER, "process_and_publish.ts"), [served.url, url]);

  const frame = await stream.next({ timeout: 20_000 });
  assertEquals([frame.width, frame.height], [size.width, size.height]);
  const [red, green, blue] = pixel(frame, 0.1, 0.5);
  assert(Math.max(red!, green!, blue!) - Math.min(red!, green!, blue!) < 10, "not grey outside");
  const [borderRed, borderGreen] = pixel(frame, 0.255, 0.5);
  assert(borderGreen! > 200 && borderRed! < 60, "no green frame around the box");
  const [innerRed, innerGreen] = pixel(frame, 0.5, 0.5);
  assert(innerRed! > 150 && innerGreen! < 80, "the box has lost its colours");

  const line = /^\d+ frames written, \d+ dropped, the last one [\d.]+ ms old$/gm;
  await example.until("lines", () => (example.stdout.match(line)?.length ?? 0) > 1 || undefined);
  example.signal("SIGTERM");
  const { code } = await example.exited;
  assertEquals(code, 0, example.stderr);
});

test("the mosaic example shows two cameras, and one when the other is away", options, async () => {
  const size = { width: 320, height: 180, keyInterval: 5 };
  const solid = { ...size, pattern: "solid-color" };
  await using left = await startCamera({ ...solid, foreground: 0xff20c020 });
  await using right = await startCamera({ ...solid, foreground: 0xffc02020 });
  await inFolder(async (folder) => {
    const path = join(folder, "mosaic.mp4");
    await using example = startScript(join(FOLDER, "mosaic.ts"), [left.url, right.url, path]);
    const said = (line: RegExp, after = 0) => {
      const found = () => line.test(example.stdout.slice(after)) || undefined;
      return example.until(`${line}`, found);
    };
    // The first pictures may be replaced by newer ones while the file is opened.
    await said(/^(?:[3-9]\d|\d{3,}) pictures, the last one [\d.]+ ms apart$/m);
    const before = example.stdout.length;
    await right.kill();
    await said(/ms apart, right away$/m, before);
    example.signal("SIGTERM");
    const { code } = await example.exited;
    assertEquals(code, 0, example.stderr);
    const { width, height } = await probe(path);
    assertEquals([width, height], [1280, 360]);
    const pictures = new Set<string>();
    for await (const frame of new VideoStream(path)) {
      const [redLeft, greenLeft] = pixel(frame, 0.25, 0.5);
      const [redRight, greenRight] = pixel(frame, 0.75, 0.5);
      assert(redRight! < 60 || greenRight! < 80, "the right camera has the left one's picture");
      pictures.add(`${greenLeft! > redLeft! ? "left" : ""} ${redRight! > 100 ? "right" : ""}`);
    }
    assert(pictures.has("left right") && pictures.has("left "), [...pictures].join(", "));
  });
});

test("the example that writes a file makes one that others can play", options, async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "bar.mp4");
    const out = await runExample("write_file.ts", path);
    assertMatch(out, /bar\.mp4: 100 frames, \d+ bytes, \w+$/m);
    const { codec, width, height, fps, duration, frames } = await probe(path);
    assertEquals([codec, width, height, fps, duration, frames], ["h264", 640, 360, 25, 4, 100]);
    await using stream = new VideoStream(path).start();
    const first = await stream.next();
    const [[left], [right]] = [pixel(first, 0.03, 0.5), pixel(first, 0.97, 0.5)];
    assert(left! > 200 && right! < 50, "the bar does not begin at the left");
  });
});
