/** Elementary streams for the wrong camera, as encoders in the field make them. */

import { makeVideo, type VideoRecipe } from "./media.ts";

const SMALL = { width: 320, height: 180, fps: 25, frames: 100 } as const;

function x264(params: string): string[] {
  return ["-x264-params", params];
}

/** Four seconds with a keyframe in each. */
export function cameraH264(recipe: VideoRecipe = {}): Promise<string> {
  return makeVideo({
    ...{ ...SMALL, name: "camera", container: "h264", extra: x264("keyint=25:scenecut=0") },
    ...recipe,
  });
}

export function cameraHevc(recipe: VideoRecipe = {}): Promise<string> {
  const params = "log-level=none:bframes=0:keyint=25:scenecut=0:repeat-headers=1";
  const more = { name: "camera", codec: "hevc", container: "hevc" } as const;
  return makeVideo({ ...SMALL, ...more, extra: ["-x265-params", params], ...recipe });
}

/** With Huffman's usual tables, which RTP does not carry; its sizes are whole blocks there. */
export function cameraMjpeg(recipe: VideoRecipe = {}): Promise<string> {
  const more = { name: "camera", codec: "mjpeg", container: "mjpeg", height: 176 } as const;
  return makeVideo({ ...SMALL, ...more, extra: ["-huffman", "default", "-q:v", "5"], ...recipe });
}

/** One IDR picture at the beginning, then gradual refresh with recovery point SEI. */
export function intraRefresh(recipe: VideoRecipe = {}): Promise<string> {
  const extra = x264("intra-refresh=1:keyint=25:scenecut=0");
  return cameraH264({ name: "intra-refresh", frames: 200, extra, ...recipe });
}

/** A keyframe every thirty seconds, at ten pictures a second. */
export function longGop(recipe: VideoRecipe = {}): Promise<string> {
  const extra = x264("keyint=300:min-keyint=300:scenecut=0");
  return cameraH264({ name: "long-gop", fps: 10, frames: 600, extra, ...recipe });
}

/** Every picture in so many slices. */
export function sliced(slices: number, recipe: VideoRecipe = {}): Promise<string> {
  const extra = x264(`keyint=25:scenecut=0:slices=${slices}`);
  return cameraH264({ name: "sliced", extra, ...recipe });
}

/** Large pictures of four slices, of which each is many packets: most losses leave a part of one. */
export function detailed(recipe: VideoRecipe = {}): Promise<string> {
  return sliced(4, {
    ...{ name: "detailed", width: 640, height: 360, frames: 250 },
    source: "testsrc2=size=640x360:rate=25,noise=alls=8:allf=t",
    extra: [
      ..."-preset ultrafast -b:v 900k".split(" "),
      ...x264("keyint=25:scenecut=0:slices=4"),
    ],
    ...recipe,
  });
}
