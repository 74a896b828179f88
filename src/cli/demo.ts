/**
 * `./run demo [URL]`: reads a camera and prints what happens, once a second.
 * Without a URL it brings its own camera, cuts its feed after some seconds and
 * shows how the stream comes back.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { VideoStream, type VideoStreamOptions } from "../../mod.ts";
import { DemoCamera, freePort } from "./demo_camera.ts";
import { connection, follow, report, summary } from "./progress.ts";

/** How long each of the two connections to the demo's own camera is shown. */
const SHOW_MS = 4_500;
const CUT_MS = 2_000;
/** Nothing is waited for beyond this. */
const LIMIT_MS = 60_000;

const USAGE = `usage: ./run demo [URL]

URL is a camera's (rtsp://camera-ip/stream), or any other that VideoStream reads. Each second a
line says what comes, until Ctrl-C. Without a URL the demo brings a camera of its own, cuts it off
and reads it again, and ends. A snapshot is left in the directory for temporary files.

RUNTIME=bun ./run demo runs it in Bun, RUNTIME=node in Node; otherwise it runs in Deno.`;

/** The arguments are wrong; the message says what is. */
class UsageError extends Error {}

async function saveSnapshot(stream: VideoStream): Promise<void> {
  const path = join(tmpdir(), `rtsp-stream-snapshot-${process.pid}.jpg`);
  await writeFile(path, await stream.snapshot());
  console.log(`snapshot: ${path}`);
}

function open(url: string, options: VideoStreamOptions = {}): VideoStream {
  if (!url.includes("://") && !existsSync(url)) {
    // It may hold a password, and is not shown.
    throw new UsageError("This is no URL and no file; a camera's URL begins with rtsp://");
  }
  try {
    return new VideoStream(url, options);
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error;
  }
}

async function watchCamera(url: string, signal: AbortSignal): Promise<number> {
  await using stream = open(url);
  const following = follow(stream);
  console.log(`reading ${stream.start().url}; Ctrl-C ends it`);
  await report(stream, signal);
  const failed = stream.state === "failed";
  if (stream.isConnected) await saveSnapshot(stream);
  await stream.stop();
  await following;
  console.log(summary(stream));
  return failed ? 1 : 0;
}

async function showOff(interrupted: AbortSignal): Promise<number> {
  const url = `rtsp://127.0.0.1:${await freePort()}/demo`;
  // The camera comes to the reader: the reader listens.
  await using stream = open(url, { ffmpeg: { format: { rtsp_flags: "listen" } } });
  const ended = new AbortController();
  const following = follow(stream).finally(() => ended.abort());
  await using camera = new DemoCamera(url);
  console.log(`reading the demo's own camera at ${stream.start().url}; Ctrl-C ends it`);
  const limit = AbortSignal.any([interrupted, ended.signal, AbortSignal.timeout(LIMIT_MS)]);
  const over = new AbortController();
  const reporting = report(stream, AbortSignal.any([limit, over.signal]));
  const pause = (milliseconds: number) =>
    sleep(milliseconds, undefined, { signal: limit }).catch(() => {});

  const first = connection(stream, limit);
  camera.start();
  await first;
  await pause(SHOW_MS);
  if (!limit.aborted) {
    console.log("-- the camera's feed is cut");
    await camera.cut();
    await pause(CUT_MS);
    const second = connection(stream, limit);
    console.log("-- the camera is back");
    camera.start();
    await second;
    await pause(SHOW_MS);
  }
  over.abort();
  await reporting;
  const connected = stream.isConnected;
  if (connected) await saveSnapshot(stream);
  // Before the camera goes, which would read as a loss.
  await stream.stop();
  await following;
  console.log(summary(stream));
  return interrupted.aborted || connected ? 0 : 1;
}

interface Arguments {
  readonly help: boolean;
  readonly url: string | undefined;
}

function readArguments(): Arguments {
  try {
    const { values, positionals } = parseArgs({
      args: process.argv.slice(2),
      options: { help: { type: "boolean", short: "h" } },
      allowPositionals: true,
    });
    if (positionals.length > 1) throw new UsageError("There is more than one URL");
    return { help: values.help ?? false, url: positionals[0] };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // The rest of what it says is about the shell.
    throw new UsageError(error.message.split(". ", 1)[0]);
  }
}

async function main(): Promise<number> {
  const interrupted = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => interrupted.abort());
  }
  const { help, url } = readArguments();
  if (help) {
    console.log(USAGE);
    return 0;
  }
  return await (url === undefined
    ? showOff(interrupted.signal)
    : watchCamera(url, interrupted.signal));
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
