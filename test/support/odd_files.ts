/** Small files with a property that few files have, made by the ffmpeg command. */

import { Buffer } from "node:buffer";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cameraH264 } from "./elementary.ts";
import { cached, ffmpeg, make, makeVideo, type VideoRecipe } from "./media.ts";
import { loadFootage } from "./wrong_camera/footage.ts";

const SMALL = { width: 320, height: 180, fps: 25, frames: 50 } as const;
const GOP = ["-g", "25", "-sc_threshold", "0"];

/** MPEG-TS whose times begin at 1.4 s, as libav's muxer lets them. */
export function lateStart(recipe: VideoRecipe = {}): Promise<string> {
  return makeVideo({ ...SMALL, name: "late", container: "ts", extra: GOP, ...recipe });
}

/** MPEG-TS whose times jump by so many seconds after one second of two. */
export async function timeJump(seconds = 3_600): Promise<string> {
  const part = (offset: number) =>
    lateStart({
      name: "jump-part",
      frames: 25,
      extra: [...GOP, "-output_ts_offset", String(offset)],
    });
  const parts = await Promise.all([part(0), part(1 + seconds)]);
  return cached("jump.ts", parts, async (path) => {
    await writeFile(path, Buffer.concat(await Promise.all(parts.map((file) => readFile(file)))));
  });
}

/** MP4 whose display matrix turns it clockwise, and then mirrors it (ISO 14496-12, 8.3.2). */
export async function rotated(degrees: 0 | 90 | 180 | 270, mirrored = false): Promise<string> {
  const plain = await makeVideo({ ...SMALL, name: "upright" });
  return cached("rotated.mp4", [plain, degrees, mirrored], async (path) => {
    const data = await readFile(plain);
    const [a, b] = { 0: [1, 0], 90: [0, 1], 180: [-1, 0], 270: [0, -1] }[degrees];
    const across = mirrored ? -1 : 1;
    const matrix = data.indexOf("tkhd") + 4 + 40;
    for (const [place, value] of [[0, a! * across], [4, b], [12, -b! * across], [16, a]]) {
      data.writeInt32BE(value! * 0x10000, matrix + place!);
    }
    await writeFile(path, data);
  });
}

/** MP4 with pixels that are not square. */
export function anamorphic(ratio = "16/11"): Promise<string> {
  return makeVideo({ ...SMALL, name: "anamorphic", extra: ["-vf", `setsar=${ratio}`] });
}

/** What Dahua's recorders export: each picture of H.264 in a frame of theirs. */
export async function dahua(): Promise<string> {
  const plain = await cameraH264();
  return cached("export.dav", [plain], async (path) => {
    const { pictures } = await loadFootage(plain);
    const start = Buffer.from([0, 0, 0, 1]);
    const frames = pictures.map(({ units, keyframe }, i) => {
      const data = Buffer.concat(units.flatMap((unit) => [start, unit]));
      const head = Buffer.alloc(36);
      const length = head.length + data.length + 8;
      head.write("DHAV");
      head[4] = keyframe ? 0xfd : 0xfc;
      head.writeUInt32LE(i, 8);
      head.writeUInt32LE(length, 12);
      // 2020-01-01, in seconds; then milliseconds.
      head.writeUInt32LE(20 * 2 ** 26 + 2 ** 22 + 2 ** 17 + Math.floor(i / 25), 16);
      head.writeUInt16LE(i * 40, 20);
      // Two tags: H.264 of 25 pictures a second, and their size.
      head[22] = 12;
      head.set([0x81, 0, 2, 25, 0x82], 24);
      head.writeUInt16LE(320, 32);
      head.writeUInt16LE(180, 34);
      const tail = Buffer.from("dhav\0\0\0\0", "latin1");
      tail.writeUInt32LE(length, 4);
      return Buffer.concat([head, data, tail]);
    });
    await writeFile(path, Buffer.concat(frames));
  });
}

/** FLV whose metadata has a duration. */
export function flvWithDuration(): Promise<string> {
  return makeVideo({ ...SMALL, name: "duration", container: "flv", extra: GOP });
}

/** FLV with sound beside the pictures; two seconds, and a keyframe in each. */
export function flvWithSound(): Promise<string> {
  return makeWithSound("flv");
}

async function makeWithSound(container: string): Promise<string> {
  const pictures = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"];
  const sound = ["-f", "lavfi", "-i", "sine=frequency=440"];
  const codecs = "-t 2 -c:v libx264 -bf 0 -pix_fmt yuv420p -c:a aac".split(" ");
  return await make(`sounding.${container}`, [...pictures, ...sound, ...codecs, ...GOP]);
}

/** MP4 with sound and two tracks of pictures: `0` 320x180, `1` sound, `2` 160x90. */
export function twoVideos(): Promise<string> {
  const source = (size: string) => ["-f", "lavfi", "-i", `testsrc2=size=${size}:rate=25`];
  const inputs = [...source("320x180"), "-f", "lavfi", "-i", "sine", ...source("160x90")];
  const maps = "-map 0 -map 1 -map 2 -t 1 -c:v libx264 -bf 0 -pix_fmt yuv420p -c:a aac".split(" ");
  return make("two-videos.mp4", [...inputs, ...maps]);
}

/** A JPEG of more than ten kilobytes, or of less than two. */
export function snapshot(size: "large" | "small"): Promise<string> {
  const large = size === "large";
  const source = `testsrc2=size=${large ? "640x360" : "96x64"}`;
  const output = ["-frames:v", "1", "-update", "1", "-pix_fmt", "yuvj420p"];
  return make(`snapshot-${size}.jpg`, [
    ...["-f", "lavfi", "-i", source, ...output, "-q:v", large ? "3" : "20"],
  ]);
}

/** One picture, red, half transparent. */
export function transparentPng(): Promise<string> {
  const source = "color=red@0.5:size=64x64,format=rgba";
  return make("transparent.png", ["-f", "lavfi", "-i", source, "-frames:v", "1", "-update", "1"]);
}

/** Pictures as JPEG files; with their bytes. */
export async function jpegs(count = 10): Promise<Buffer[]> {
  const directory = await cached("jpegs", count, async (path) => {
    await mkdir(path);
    const source = ["-f", "lavfi", "-i", "testsrc2=size=320x180", "-frames:v", String(count)];
    await ffmpeg([...source, "-pix_fmt", "yuvj420p", "-q:v", "5", join(path, "%03d.jpg")]);
  });
  const names = (await readdir(directory)).sort();
  return await Promise.all(names.map((name) => readFile(join(directory, name))));
}

/** HLS: `master.m3u8`, `video.m3u8`, `v0.ts` ... of a second each; all of `seconds`. */
export function hls(seconds = 6): Promise<string> {
  return cached("hls", seconds, (path) => makeHls(path, seconds));
}

/** The same, whose sound is packed AAC in `sound.m3u8` (RFC 8216, 3.4). */
export function hlsPackedAac(seconds = 6): Promise<string> {
  return cached("hls-aac", seconds, async (path) => {
    await makeHls(path, seconds);
    await ffmpeg([
      ...["-f", "lavfi", "-i", `sine=frequency=440:duration=${seconds}`, "-c:a", "aac"],
      ...["-f", "segment", "-segment_time", "1", "-segment_format", "adts"],
      ...["-segment_list", join(path, "sound.csv"), join(path, "a%d.aac")],
    ]);
    const list = (await readFile(join(path, "sound.csv"), "utf8")).trim().split("\n");
    const segments = list.map((line) => line.split(","));
    for (const [name, begin] of segments) {
      const file = join(path, name!);
      await writeFile(file, Buffer.concat([timeTag(Number(begin) + 1.4), await readFile(file)]));
    }
    const entries = segments.map(([name, begin, end]) =>
      [name!, Number(end) - Number(begin)] as const
    );
    await writeFile(join(path, "sound.m3u8"), playlist(entries));
    const sound = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="s",NAME="s",DEFAULT=YES,URI="sound.m3u8"';
    await writeFile(join(path, "master.m3u8"), master(sound, ',AUDIO="s"'));
  })!;
}

/** The MPD of two seconds of DASH, in a directory of its own with its segments. */
export async function dash(): Promise<string> {
  const directory = await cached("dash", 2, async (path) => {
    await mkdir(path);
    const source = "testsrc2=size=320x180:rate=25:duration=2";
    await ffmpeg([
      ...["-f", "lavfi", "-i", source, ..."-c:v libx264 -bf 0 -pix_fmt yuv420p".split(" "), ...GOP],
      ...["-f", "dash", "-seg_duration", "1", join(path, "index.mpd")],
    ]);
  });
  return join(directory, "index.mpd");
}

async function makeHls(path: string, seconds: number): Promise<void> {
  await mkdir(path);
  const source = `testsrc2=size=320x180:rate=25:duration=${seconds}`;
  await ffmpeg([
    ...["-f", "lavfi", "-i", source, ..."-c:v libx264 -bf 0 -pix_fmt yuv420p".split(" "), ...GOP],
    ...["-f", "hls", "-hls_time", "1", "-hls_list_size", "0"],
    ...["-hls_segment_filename", join(path, "v%d.ts"), join(path, "video.m3u8")],
  ]);
  await writeFile(join(path, "master.m3u8"), master());
}

function master(media?: string, attributes = ""): string {
  const variant = `#EXT-X-STREAM-INF:BANDWIDTH=500000${attributes}`;
  return ["#EXTM3U", ...media ? [media] : [], variant, "video.m3u8", ""].join("\n");
}

function playlist(entries: readonly (readonly [name: string, seconds: number])[]): string {
  const lines = entries.flatMap(([name, seconds]) => [`#EXTINF:${seconds.toFixed(6)},`, name]);
  const head = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:2"];
  return [...head, ...lines, "#EXT-X-ENDLIST", ""].join("\n");
}

/** The ID3 tag by which a segment of packed sound tells its time. */
function timeTag(seconds: number): Buffer {
  const owner = Buffer.from("com.apple.streaming.transportStreamTimestamp\0", "latin1");
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(Math.round(seconds * 90_000)));
  const frame = Buffer.alloc(10);
  frame.write("PRIV", "latin1");
  frame[7] = owner.length + time.length;
  const head = Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 0, frame[7] + frame.length]);
  return Buffer.concat([head, frame, owner, time]);
}
