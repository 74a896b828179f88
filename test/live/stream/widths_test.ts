/** Pictures of every width are whole up to their last column. */

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { type PixelFormat, VideoStream } from "../../../mod.ts";
import { makeVideo } from "../../support/media.ts";
import { decode } from "../../support/probe.ts";
import { within } from "../../support/waiting.ts";
import { SLOW } from "../reading.ts";

/** FFmpeg's names of the layouts. */
const LAYOUTS: [PixelFormat, string][] = [["rgb24", "rgb24"], ["bgra", "bgra"], ["gray8", "gray"]];
const HEIGHT = 96;

// Of all remainders by 16; 854 and 1366 are what 480p and many laptops have.
for (const width of [322, 326, 330, 334, 854, 1366]) {
  test(`a picture ${width} pixels wide is as FFmpeg has it`, SLOW, async () => {
    const file = await makeVideo({ width, height: HEIGHT, frames: 2, name: "widths" });
    for (const [format, theirs] of LAYOUTS) {
      await using stream = new VideoStream(file, { format });
      const { data, channels } = await within("a frame", stream.next());
      const [expected] = await decode(file, theirs, width * HEIGHT * channels);
      const columns = new Set<number>();
      data.forEach((level, i) => {
        if (Math.abs(level - expected![i]!) > 40) columns.add(Math.floor(i / channels) % width);
      });
      assertEquals([...columns], [], `${format}: columns that differ`);
      assert(data.length === expected!.length);
    }
  });
}
