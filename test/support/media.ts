/** Small media files, each made once by the ffmpeg command and then kept. */

import { Buffer } from "node:buffer";
import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Child } from "./child.ts";

const CACHE = join(tmpdir(), "rtsp-stream-media");

/**
 * The file, or the directory, of a recipe. It gets its name only when it is whole, so two runners
 * that make the same one at the same time do not disturb each other.
 */
export async function cached(
  name: string,
  recipe: unknown,
  make: (path: string) => Promise<unknown>,
): Promise<string> {
  const text = JSON.stringify(recipe);
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 12);
  const extension = extname(name);
  const file = join(CACHE, `${basename(name, extension)}-${hash}${extension}`);
  if (existsSync(file)) return file;
  await mkdir(CACHE, { recursive: true });
  const draft = join(CACHE, `.${hash}-${randomUUID()}${extension}`);
  await make(draft);
  await rename(draft, file).catch(async (error) => {
    // A directory cannot be renamed onto one that another runner has made in the meantime.
    if (!existsSync(file)) throw error;
    await rm(draft, { recursive: true, force: true });
  });
  return file;
}

export async function ffmpeg(args: readonly string[]): Promise<void> {
  const base = ["-hide_banner", "-nostdin", "-loglevel", "error", "-y"];
  const child = new Child("ffmpeg", [...base, ...args]);
  const { code } = await child.exited;
  if (code !== 0) {
    throw new Error(`ffmpeg ${args.join(" ")}\n${child.stderr}`);
  }
}

export function make(name: string, args: readonly string[]): Promise<string> {
  return cached(name, args, (path) => ffmpeg([...args, path]));
}

const ENCODERS = {
  h264: "libx264 -preset veryfast -crf 18 -bf 0".split(" "),
  hevc: "libx265 -preset ultrafast -x265-params log-level=none".split(" "),
  mpeg4: "mpeg4 -q:v 2".split(" "),
  mjpeg: "mjpeg -q:v 2 -color_range pc".split(" "),
};

export interface VideoRecipe {
  name?: string | undefined;
  width?: number | undefined;
  height?: number | undefined;
  fps?: number | undefined;
  frames?: number | undefined;
  codec?: keyof typeof ENCODERS | undefined;
  /** The file's extension; default "mp4". */
  container?: string | undefined;
  /** A lavfi graph; a bare name such as "testsrc2" gets size and rate. */
  source?: string | undefined;
  /** More options for the output; they override the ones before. */
  extra?: string[] | undefined;
}

export function makeVideo(recipe: VideoRecipe = {}): Promise<string> {
  const { width = 640, height = 360, fps = 30, frames = 60 } = recipe;
  const { codec = "h264", container = "mp4", source = "testsrc2" } = recipe;
  const { name = codec, extra = [] } = recipe;
  const graph = /^\w+$/.test(source) ? `${source}=size=${width}x${height}:rate=${fps}` : source;
  const pixels = codec === "mjpeg" ? "yuvj420p" : "yuv420p";
  return make(`${name}.${container}`, [
    ...["-f", "lavfi", "-i", graph, "-frames:v", String(frames)],
    ...["-c:v", ...ENCODERS[codec], "-pix_fmt", pixels, ...extra],
  ]);
}

let version: Promise<string> | undefined;

/** The first line that the ffmpeg command says of itself. */
function ffmpegVersion(): Promise<string> {
  return version ??= (async () => {
    const child = new Child("ffmpeg", ["-version"]);
    await child.exited;
    return child.stdout.split("\n")[0]!;
  })();
}

/** A file's first picture as bytes, as this ffmpeg command makes it with these output options. */
export async function firstPicture(
  file: string,
  options: readonly string[],
): Promise<Uint8Array<ArrayBuffer>> {
  const { size, mtimeMs } = await stat(file);
  const recipe = [file, size, mtimeMs, options, await ffmpegVersion()];
  const raw = await cached("picture.raw", recipe, (path) => {
    return ffmpeg(["-i", file, ...options, "-frames:v", "1", "-f", "rawvideo", path]);
  });
  return new Uint8Array(await readFile(raw));
}

/** Two seconds of a tone, without a picture. */
export function audioOnly(): Promise<string> {
  const tone = "sine=frequency=440:duration=2";
  return make("audio.mp4", ["-f", "lavfi", "-i", tone, "-c:a", "aac"]);
}

/** The first part of a file: 0 < fraction < 1. */
export async function truncated(
  file: string,
  fraction: number,
): Promise<string> {
  const { size, mtimeMs } = await stat(file);
  const recipe = [file, size, mtimeMs, fraction];
  return cached(`truncated${extname(file)}`, recipe, async (path) => {
    const data = await readFile(file);
    await writeFile(path, data.subarray(0, Math.floor(size * fraction)));
  });
}

/** One second of 640x360, then one second of 320x240, in one stream. */
export async function resolutionChange(
  container: "ts" | "h264" = "ts",
): Promise<string> {
  const common = { name: "part", frames: 30, container };
  const parts = await Promise.all([
    makeVideo(common),
    makeVideo({
      ...common,
      width: 320,
      height: 240,
      extra: container === "ts" ? ["-output_ts_offset", "1"] : [],
    }),
  ]);
  return cached(`resolution.${container}`, parts, async (path) => {
    const data = await Promise.all(parts.map((part) => readFile(part)));
    await writeFile(path, Buffer.concat(data));
  });
}

/** Footage from a real camera that lies beside the project, if it is there. */
export function realMedia(name: string): string | undefined {
  const place = new URL(`../../../shared/media/${name}`, import.meta.url);
  const path = fileURLToPath(place);
  return existsSync(path) ? path : undefined;
}
