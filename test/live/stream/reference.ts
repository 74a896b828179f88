/** Pictures as the ffmpeg command decodes them, and whether a stream's frames are these. */

import { assert } from "@std/assert";
import { Buffer } from "node:buffer";
import { readFile, writeFile } from "node:fs/promises";
import type { Frame, VideoStream } from "../../../mod.ts";
import { cached, ffmpeg } from "../../support/media.ts";
import { type Footage, loadFootage } from "../../support/wrong_camera/footage.ts";

/** What a frame is that came from a camera with known pictures. */
export interface Seen {
  /** Of the picture that belongs there, counted over the loops of the footage. */
  readonly number: number;
  readonly keyframe: boolean;
  readonly corrupt: boolean;
  /** Whether it is that picture, byte by byte. */
  readonly exact: boolean;
}

/** Raw pictures (yuv420p) of an elementary stream. */
export async function decoded(file: string, size: number): Promise<Buffer[]> {
  const raw = await cached("decoded.raw", [file, "yuv420p"], (path) => {
    return ffmpeg([
      "-i",
      file,
      "-vsync",
      "passthrough",
      "-pix_fmt",
      "yuv420p",
      "-f",
      "rawvideo",
      path,
    ]);
  });
  const data = await readFile(raw);
  return Array.from(
    { length: data.length / size },
    (_, i) => data.subarray(i * size, (i + 1) * size),
  );
}

/** The known pictures of a file of 320x180 or what `size` says. */
export class Reference {
  readonly file: string;
  readonly footage: Footage;
  readonly pictures: readonly Buffer[];
  readonly #fps: number;
  readonly #size: number;
  #connection = 0;
  #offset = 0;

  private constructor(
    file: string,
    { footage, pictures, fps, size }: {
      footage: Footage;
      pictures: readonly Buffer[];
      fps: number;
      size: number;
    },
  ) {
    this.file = file;
    this.footage = footage;
    this.pictures = pictures;
    this.#fps = fps;
    this.#size = size;
  }

  static async of(
    file: string,
    { width = 320, height = 180, fps = 25 } = {},
  ): Promise<Reference> {
    const size = width * height * 3 / 2;
    const [footage, pictures] = await Promise.all([loadFootage(file), decoded(file, size)]);
    assert(pictures.length === footage.pictures.length, `${pictures.length} pictures in ${file}`);
    return new Reference(file, { footage, pictures, fps, size });
  }

  /** What ffmpeg gives of the file's pictures from this one on, and nothing before. */
  async joinedAt(first: number): Promise<Buffer[]> {
    const { codec, pictures } = this.footage;
    const file = await cached(`joined.${codec}`, [this.file, first], async (path) => {
      const units = pictures.slice(first).flatMap(({ units }) => units);
      await writeFile(path, Buffer.concat(units.flatMap((unit) => [START_CODE, unit])));
    });
    return decoded(file, this.#size);
  }

  /** The first frame of a connection is found by its bytes, the others by their times. */
  see({ pts = NaN, connection, keyframe, corrupt, data }: Frame): Seen {
    const place = Math.round(pts * this.#fps);
    if (connection !== this.#connection) {
      const found = this.pictures.findIndex((picture) => picture.equals(data));
      assert(found !== -1, `the first frame of connection ${connection} is no picture of the file`);
      this.#connection = connection;
      this.#offset = found - place;
    }
    const number = place + this.#offset;
    const exact = this.pictures[number % this.pictures.length]!.equals(data);
    return { number, keyframe, corrupt, exact };
  }

  /** Follows a stream until a frame is the last one wanted. */
  async follow(stream: VideoStream, isLast: (seen: Seen) => boolean): Promise<Seen[]> {
    const all: Seen[] = [];
    for await (const frame of stream) {
      const seen = this.see(frame);
      all.push(seen);
      if (isLast(seen)) break;
    }
    return all;
  }
}

const START_CODE = Buffer.from([0, 0, 0, 1]);

/** The numbers of the frames that are not as they were sent. */
export function damaged(all: readonly Seen[]): number[] {
  return all.filter(({ exact }) => !exact).map(({ number }) => number);
}
