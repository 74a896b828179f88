/** What FFmpeg's own commands say of a file: an independent second look at what was written. */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child } from "./child.ts";

/** One picture as it is stored. Times are in seconds. */
export interface StoredPicture {
  pts: number;
  dts: number;
  key: boolean;
  size: number;
}

export interface Probe {
  container: string;
  codec: string;
  /** The four characters by which the container names the codec. */
  tag: string;
  /** A hash of the codec's own header, with the parameter sets. */
  header: string;
  width: number;
  height: number;
  pixelFormat: string;
  colorSpace: string;
  /** Frames per second, on average. */
  fps: number;
  /** Seconds. */
  duration: number;
  /** Frames that could be decoded. */
  frames: number;
  /** In the order of the file. */
  pictures: StoredPicture[];
}

const ENTRIES = [
  "stream=codec_name,codec_tag_string,extradata_hash,width,height,pix_fmt,color_space,avg_frame_rate,nb_read_frames",
  "format=format_name,duration",
  "packet=pts_time,dts_time,flags,size",
].join(":");

/** Decodes a whole file; throws when that is not possible. */
export async function probe(file: string): Promise<Probe> {
  await using child = new Child("ffprobe", [
    ..."-v error -count_frames -show_data_hash md5 -show_packets -select_streams v -of json".split(
      " ",
    ),
    ...["-show_entries", ENTRIES, file],
  ]);
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`ffprobe ${file}\n${child.stderr}`);
  const { streams: [stream], format, packets } = JSON.parse(child.stdout);
  const [num, den] = stream.avg_frame_rate.split("/").map(Number);
  return {
    container: format.format_name,
    codec: stream.codec_name,
    tag: stream.codec_tag_string,
    header: stream.extradata_hash ?? "",
    width: stream.width,
    height: stream.height,
    pixelFormat: stream.pix_fmt,
    colorSpace: stream.color_space ?? "unknown",
    fps: num / den,
    duration: Number(format.duration),
    frames: Number(stream.nb_read_frames),
    pictures: packets.map((packet: Record<string, string>) => ({
      pts: Number(packet.pts_time),
      dts: Number(packet.dts_time),
      key: packet.flags!.startsWith("K"),
      size: Number(packet.size),
    })),
  };
}

/** Whether FFmpeg's commands find anything there that can be played. */
export async function playable(file: string): Promise<boolean> {
  return await probe(file).then(({ frames }) => frames > 0, () => false);
}

/** All pictures of a file as packed bytes in one of FFmpeg's pixel formats. */
export async function decode(
  file: string,
  pixelFormat: string,
  bytesPerPicture: number,
): Promise<Uint8Array[]> {
  const directory = await mkdtemp(join(tmpdir(), "rtsp-stream-decode-"));
  try {
    const out = join(directory, "pictures");
    await using child = new Child("ffmpeg", [
      ..."-nostdin -v error -sws_flags bicubic+accurate_rnd+full_chroma_int".split(" "),
      ...["-i", file, "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", pixelFormat, out],
    ]);
    const { code } = await child.exited;
    if (code !== 0) throw new Error(`ffmpeg -i ${file}\n${child.stderr}`);
    const bytes = new Uint8Array(await readFile(out));
    return Array.from(
      { length: Math.floor(bytes.length / bytesPerPicture) },
      (_, i) => bytes.subarray(i * bytesPerPicture, (i + 1) * bytesPerPicture),
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
