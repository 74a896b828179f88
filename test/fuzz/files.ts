/** One small file of each container and codec that people have. */

import { hls, rotated, snapshot, transparentPng } from "../support/odd_files.ts";
import { make, makeVideo, type VideoRecipe } from "../support/media.ts";

const SMALL = { width: 160, height: 96, fps: 25, frames: 25, name: "fuzz" } as const;

function video(recipe: VideoRecipe): Promise<string> {
  return makeVideo({ ...SMALL, ...recipe });
}

function encoded(name: string, ...output: readonly string[]): Promise<string> {
  const source = "testsrc2=size=160x96:rate=25:duration=1";
  return make(`fuzz-${name}`, ["-f", "lavfi", "-i", source, ...output]);
}

/** The files of nineteen kinds. */
export function smallFiles(): Promise<string[]> {
  return Promise.all([
    video({ container: "mp4" }),
    video({ container: "mp4", extra: ["-movflags", "frag_keyframe+empty_moov"] }),
    video({ container: "mov", codec: "mjpeg" }),
    video({ container: "mkv" }),
    video({ container: "mkv", codec: "hevc" }),
    video({ container: "ts" }),
    video({ container: "ts", codec: "hevc" }),
    video({ container: "flv" }),
    video({ container: "avi", codec: "mpeg4" }),
    video({ container: "avi", codec: "mjpeg" }),
    video({ container: "h264" }),
    video({ container: "hevc", codec: "hevc" }),
    video({ container: "mjpeg", codec: "mjpeg" }),
    encoded("webm.webm", "-c:v", "libvpx", "-pix_fmt", "yuv420p"),
    encoded("gif.gif"),
    encoded("mpeg.mpg", "-c:v", "mpeg2video"),
    rotated(90),
    snapshot("small"),
    transparentPng(),
  ]);
}

/** A playlist with its segments. */
export function playlist(): Promise<string> {
  return hls(2);
}
