/** Files of raw rgb24 pictures, too large to be kept. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const SIZES: readonly Size[] = [
  { width: 640, height: 360 },
  { width: 1920, height: 1080 },
];

export function title({ width, height }: Size): string {
  return `${width}x${height}`;
}

/** The files are gone with it. */
export class RawVideos implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "rtsp-stream-raw-"));

  /** A moving test picture, rows without padding. */
  async make(size: Size, frames: number): Promise<string> {
    const path = join(this.folder, `${title(size)}-${frames}.rgb`);
    const source = `testsrc2=size=${title(size)}:rate=30`;
    await promisify(execFile)("ffmpeg", [
      ...["-v", "error", "-nostdin", "-f", "lavfi", "-i", source, "-frames:v", `${frames}`],
      ...["-pix_fmt", "rgb24", "-f", "rawvideo", path],
    ]);
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
