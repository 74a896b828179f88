/** Videos that a camera sends as they are, so that each picture of a stream can be checked. */

import { assert } from "@std/assert";
import { Buffer } from "node:buffer";
import { type Frame, VideoStream, type VideoStreamOptions } from "../../../mod.ts";
import { type Camera, startCamera } from "../../support/camera.ts";
import { makeVideo } from "../../support/media.ts";
import { countingVideo } from "../../support/patterns.ts";

const FPS = 30;
const LENGTH = 64;
/** Pictures from one keyframe to the next. */
export const GROUP = 8;

/** As a stream of footage is opened: what the decoder gave out, without a conversion. */
export const AS_DECODED: VideoStreamOptions = { format: "yuv420p" };

export interface Recipe {
  codec: "h264" | "hevc";
  /** B-frames in a row; default 0. */
  bframes?: number | undefined;
  /** Slices of a picture; default 1. */
  slices?: number | undefined;
}

/** A video of pictures of several packets each, and what its pictures are. */
export class Footage {
  readonly file: string;
  readonly codec: "h264" | "hevc";
  readonly pictures: readonly Buffer[];

  private constructor(
    file: string,
    codec: "h264" | "hevc",
    pictures: readonly Buffer[],
  ) {
    this.file = file;
    this.codec = codec;
    this.pictures = pictures;
  }

  static async make({ codec, bframes = 0, slices = 1 }: Recipe): Promise<Footage> {
    const size = { width: 320, height: 180 };
    const counting = await countingVideo(LENGTH, { ...size, fps: FPS });
    const common = `scenecut=0:slices=${slices}`;
    const file = await makeVideo({
      name: `footage-${codec}`,
      codec,
      frames: LENGTH,
      // With noise, no part of a picture can be guessed from the one before.
      source: `movie=${counting},noise=alls=12:allf=t`,
      extra: [
        ...["-crf", codec === "h264" ? "22" : "18"],
        ...["-g", String(GROUP), "-bf", String(bframes)],
        ...(codec === "h264"
          ? ["-x264-params", common]
          : ["-x265-params", `${common}:open-gop=0:log-level=none`]),
      ],
    });
    const pictures: Buffer[] = [];
    await using stream = new VideoStream(file, AS_DECODED);
    for await (const { data } of stream) pictures.push(Buffer.from(data));
    assert(pictures.length === LENGTH, `${pictures.length} pictures in ${file}`);
    return new Footage(file, codec, pictures);
  }

  /** Sends it again and again, to each client from its beginning. */
  camera(): Promise<Camera> {
    return startCamera({ file: this.file, codec: this.codec });
  }
}

/** What a frame is that came from a camera with footage. */
export interface Sighting {
  readonly index: number;
  readonly connection: number;
  readonly pts: number;
  /** Of the picture that belongs there, counted over the loops of the footage. */
  readonly number: number;
  /** Which keyframe's group that picture is in. */
  readonly group: number;
  readonly keyframe: boolean;
  readonly corrupt: boolean;
  /** Whether it is that picture, byte by byte. */
  readonly exact: boolean;
}

/** Compares frames with the footage; their times tell which pictures they should be. */
export class Judge {
  #connection = 0;
  #offset = 0;

  readonly footage: Footage;

  constructor(footage: Footage) {
    this.footage = footage;
  }

  see(frame: Frame): Sighting {
    const { index, connection, keyframe, corrupt, pts = NaN } = frame;
    const place = Math.round(pts * FPS);
    if (connection !== this.#connection) {
      const found = this.#find(frame);
      assert(found !== -1, `the first frame of connection ${connection} is no picture of the file`);
      this.#connection = connection;
      this.#offset = found - place;
    }
    const number = place + this.#offset;
    const expected = this.footage.pictures.at(number % LENGTH);
    return {
      ...{ index, connection, pts, number, keyframe, corrupt },
      group: Math.floor(number / GROUP),
      exact: expected !== undefined && expected.equals(frame.data),
    };
  }

  #find({ data }: Frame): number {
    return this.footage.pictures.findIndex((picture) => picture.equals(data));
  }
}

/** In words, for a failure. */
export function describe(
  { index, connection, number, group, keyframe, corrupt, exact }: Sighting,
): string {
  return `frame ${index} of connection ${connection}, picture ${number} (group ${group})` +
    `${keyframe ? " keyframe" : ""}${corrupt ? " corrupt" : ""}${
      exact ? "" : " not as it was sent"
    }`;
}

/** Follows a stream until a frame is the last one wanted. */
export async function sight(
  stream: VideoStream,
  footage: Footage,
  isLast: (sighting: Sighting) => boolean,
): Promise<Sighting[]> {
  const judge = new Judge(footage);
  const seen: Sighting[] = [];
  for await (const frame of stream) {
    const sighting = judge.see(frame);
    seen.push(sighting);
    if (isLast(sighting)) break;
  }
  return seen;
}
