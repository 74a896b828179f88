/** Several threads decode what one would, in the same order. */

import { assert, assertEquals, assertGreater } from "@std/assert";
import { test } from "node:test";
import { type Frame, VideoStream } from "../../../mod.ts";
import { startCamera } from "../../support/camera.ts";
import { makeVideo, resolutionChange } from "../../support/media.ts";
import { isRising, upTo } from "../../support/numbers.ts";
import { countingVideo } from "../../support/patterns.ts";
import { assertColour, GRAY, SLOW, SMALL } from "../reading.ts";
import { checksum, counter, each, ofFile } from "./thinned.ts";

interface Kept {
  sum: string;
  pts: number | undefined;
  index: number;
  keyframe: boolean;
  size: number[];
}

function keep({ data, pts, index, keyframe, width, height }: Frame): Kept {
  return { sum: checksum(data), pts, index, keyframe, size: [width, height] };
}

const FILES: { what: string; make: () => Promise<string> }[] = [
  { what: "h264", make: () => countingVideo(60, SMALL) },
  { what: "h264 with B-frames", make: () => countingVideo(60, { ...SMALL, bframes: 2 }) },
  { what: "h264 with slices", make: () => sliced(60) },
  { what: "hevc", make: () => countingVideo(40, { ...SMALL, codec: "hevc" }) },
  { what: "mpeg4", make: () => countingVideo(40, { ...SMALL, codec: "mpeg4", container: "avi" }) },
  { what: "mjpeg", make: () => countingVideo(40, { ...SMALL, codec: "mjpeg", container: "avi" }) },
  { what: "h264 whose size changes", make: () => resolutionChange() },
];
for (const { what, make } of FILES) {
  test(`threads: 2 or as many as there are give what one gives: ${what}`, SLOW, async () => {
    const file = await make();
    const one = await ofFile(file, {}, keep);
    assertGreater(one.all.length, 39);
    for (const threads of [2, 0, 5]) {
      const { all, stats } = await ofFile(file, { decode: { threads } }, keep);
      assertEquals(all.length, one.all.length, `${threads} threads`);
      all.forEach((frame, i) => assertEquals(frame, one.all[i], `${threads} threads, frame ${i}`));
      assertEquals(stats.dropped.corrupt, 0);
    }
  });
}

/** Four slices a picture, no two pictures the same. */
function sliced(frames: number): Promise<string> {
  const extra = ["-x264-params", "slices=4", "-g", "15"];
  return makeVideo({ ...SMALL, name: "sliced", frames, extra });
}

test("threads: a file that is played again and again", SLOW, async () => {
  const file = await countingVideo(20, { ...SMALL, bframes: 2 });
  await using stream = new VideoStream(file, { ...GRAY, loop: true, decode: { threads: 2 } });
  assertEquals(await each(stream, counter, 70), upTo(70).map((i) => i % 20));
});

for (const latency of ["lowest", "normal"] as const) {
  for (const threads of [1, 2, 0]) {
    test(`threads: ${threads} for slices of a live stream (${latency})`, SLOW, async () => {
      const file = await sliced(60);
      const { all } = await ofFile(file, {}, ({ data }) => checksum(data));
      assertEquals(new Set(all).size, 60);
      await using camera = await startCamera({ file });
      await using stream = new VideoStream(camera.url, { latency, decode: { threads } });
      const seen = await each(stream, ({ data, index }) => ({
        place: all.indexOf(checksum(data)),
        index,
      }), 75);
      assertEquals(seen.filter(({ place }) => place < 0), [], "not pictures of the file");
      // The file begins again and again, and the loop may skip.
      const [first] = seen;
      const places = seen.map(({ index }) => (first!.place + index - first!.index) % 60);
      assertEquals(seen.map(({ place }) => place), places);
      const { dropped, latency: how } = stream.stats();
      assertEquals([dropped.corrupt, how.wrongGuesses], [0, 0]);
      assertEquals(how.mode, latency === "lowest" ? "early" : "parser");
    });
  }
}

test("threads: a camera that codes in slices", SLOW, async () => {
  const foreground = 0xff30c070;
  await using camera = await startCamera({
    ...SMALL,
    slices: 4,
    pattern: "solid-color",
    foreground,
  });
  await Promise.all([1, 2, 0].map(async (threads) => {
    await using stream = new VideoStream(camera.url, { decode: { threads } });
    const indexes = await each(stream, (frame) => {
      for (const x of [20, 160, 300]) {
        for (const y of [10, 70, 110, 170]) assertColour(frame, { x, y }, [0x30, 0xc0, 0x70], 12);
      }
      return frame.index;
    }, 40);
    assert(isRising(indexes));
    assertEquals(stream.stats().dropped.corrupt, 0);
  }));
});
