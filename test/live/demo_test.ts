/** The demo, as a user runs it. */

import {
  assert,
  assertEquals,
  assertGreater,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { readFile, rm } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startCamera } from "../support/camera.ts";
import type { Child } from "../support/child.ts";
import { freePort } from "../support/port.ts";
import { runScript, startScript } from "../support/process.ts";
import { SMALL } from "./reading.ts";

const DEMO = fileURLToPath(new URL("../../src/cli/demo.ts", import.meta.url));
const options = { timeout: 120_000 };

/** Lines of the events, which begin with two hyphens; a busy machine may be late with frames. */
function eventsOf(output: string): string[] {
  return output.split("\n").filter((line) => /^-- (?!data arrives)/.test(line));
}

/** Waits until the output has something; under load the demo may take its time. */
function said(demo: Child, words: string | RegExp): Promise<true> {
  const has = () =>
    typeof words === "string" ? demo.stdout.includes(words) : words.test(demo.stdout);
  return demo.until(`${words}`, () => has() || undefined, 60_000);
}

/** The picture that the demo has left behind. */
async function takeSnapshot(output: string): Promise<Uint8Array> {
  const path = /^snapshot: (.+)$/m.exec(output)?.[1];
  assert(path, output);
  const bytes = await readFile(path);
  await rm(path);
  return bytes;
}

test(
  "without a URL the demo reads its own camera, loses it and reads it again",
  options,
  async () => {
    const { code, stdout, stderr } = await runScript(DEMO, [], { timeout: 100_000 });
    assertEquals([code, stderr], [0, ""], stdout);
    const events = eventsOf(stdout);
    const [connected, cut] = ["-- connected: h264 640x360", "-- the camera's feed is cut"];
    assertEquals(events.slice(0, 2), [connected, cut], stdout);
    assertGreater(events.filter((event) => event.startsWith("-- lost: ")).length, 0, stdout);
    assert(events.includes("-- next attempt in 1 s"), stdout);
    // What comes after the second connection is no failure.
    const back = events.indexOf("-- the camera is back");
    assertGreater(back, 1, stdout);
    assertGreater(events.lastIndexOf(connected), back, stdout);
    assertEquals(events.slice(events.lastIndexOf(connected)), [connected, "-- stopped"], stdout);
    assertMatch(stdout, /^streaming +640x360 +[\d.]+ fps +frame \d+, \d+ ms old +0 reconnects$/m);
    // A second one, of a machine that is too busy for the handshake, is no failure.
    assertMatch(stdout, /^streaming +640x360 .* (1 reconnect|[2-9] reconnects)$/m);
    assertMatch(stdout, /\n\d+ frames decoded, (1 reconnect|[2-9] reconnects)\n$/);
    assertEquals([...(await takeSnapshot(stdout)).subarray(0, 2)], [0xff, 0xd8]);
  },
);

test("the demo reads a camera until it is interrupted", options, async () => {
  await using camera = await startCamera(SMALL);
  await using demo = startScript(DEMO, [camera.url]);
  await said(demo, /^streaming .* ms old/m);
  demo.signal("SIGINT");
  const { code } = await demo.exited;
  assertEquals([code, demo.stderr], [0, ""], demo.stdout);
  const connected = `-- connected: h264 ${SMALL.width}x${SMALL.height}`;
  assertEquals(eventsOf(demo.stdout), [connected, "-- stopped"]);
  await takeSnapshot(demo.stdout);
});

test("the demo prints why each attempt has failed", options, async () => {
  const url = `rtsp://127.0.0.1:${await freePort()}/stream`;
  await using demo = startScript(DEMO, [url]);
  await said(demo, "   2 reconnects");
  demo.signal("SIGTERM");
  const { code } = await demo.exited;
  assertEquals([code, demo.stderr], [0, ""], demo.stdout);
  const why = `-- Cannot open ${url}: connection refused (ECONNREFUSED); next attempt in 1 s`;
  const events = eventsOf(demo.stdout);
  assertEquals(events, [...Array(events.length - 1).fill(why), "-- stopped"]);
  assertGreater(events.length, 3);
  assertStringIncludes(demo.stdout, "   1 reconnect\n");
  assertMatch(demo.stdout, /\n0 frames decoded, \d+ reconnects\n$/);
});

test(
  "the demo ends at once with an error that another attempt would not change",
  options,
  async () => {
    const auth = { scheme: "basic", username: "operator", password: "right" } as const;
    await using camera = await startCamera({ ...SMALL, auth });
    const { code, stdout } = await runScript(DEMO, [camera.urlWith("operator", "pa55word")]);
    assertEquals(code, 1);
    const [event, ...others] = eventsOf(stdout);
    assertMatch(
      event ?? "",
      /^-- given up: Cannot open rtsp:.*: user name or password not accepted/,
    );
    assertEquals(others, []);
    assert(!stdout.includes("pa55word"));
  },
);

test("the demo of a file that is no video ends with an error", options, async () => {
  const { code, stdout } = await runScript(DEMO, [DEMO]);
  assertEquals(code, 1, stdout);
  assertMatch(stdout, /^-- given up: Cannot open /m);
});

test("the demo says how it is used", options, async () => {
  const asked = await runScript(DEMO, ["--help"]);
  assertEquals([asked.code, asked.stderr], [0, ""]);
  assertMatch(asked.stdout, /^usage: .\/run demo \[URL\]\n/);
  const wrong: readonly (readonly [string[], string])[] = [
    [["--fast"], "Unknown option '--fast'"],
    [["rtsp://camera/1", "rtsp://camera/2"], "There is more than one URL"],
    [["admin:pa55word@camera/1"], "This is no URL and no file; a camera's URL begins with rtsp://"],
    [[""], "This is no URL and no file; a camera's URL begins with rtsp://"],
    [["gopher://camera/1"], 'url has the scheme "gopher"'],
  ];
  const results = await Promise.all(wrong.map(([args]) => runScript(DEMO, args)));
  results.forEach(({ code, stdout, stderr }, i) => {
    const [args, words] = wrong[i]!;
    assertEquals([code, stdout], [2, ""], `${args}`);
    assert(stderr.startsWith(words), stderr);
    assert(stderr.endsWith(asked.stdout), stderr);
    assert(!stderr.includes("pa55word"), stderr);
  });
});
