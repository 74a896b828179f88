/** `fit: "contain"`: black bars, and the whole picture between them. */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { type Rect, VideoStream, type VideoStreamOptions } from "../../../mod.ts";
import { resolutionChange } from "../../support/media.ts";
import { within } from "../../support/waiting.ts";
import { firstFrame, SLOW } from "../reading.ts";
import {
  assertLikeFfmpeg,
  assertPixels,
  F32,
  isInside,
  picture,
  type PictureRecipe,
  U8,
} from "./tensor_pixels.ts";

/** The picture's size, that of the frame, and where in it the picture is. */
interface Contained {
  from: PictureRecipe;
  into: { width: number; height: number };
  area: Rect;
}

const CONTAINED: Contained[] = [
  // In its own size, with bars left and right, then above and below.
  {
    from: { width: 426, height: 240 },
    into: { width: 436, height: 240 },
    area: { x: 4, y: 0, width: 426, height: 240 },
  },
  {
    from: { width: 426, height: 240 },
    into: { width: 426, height: 426 },
    area: { x: 0, y: 92, width: 426, height: 240 },
  },
  {
    from: { width: 360, height: 202 },
    into: { width: 640, height: 202 },
    area: { x: 140, y: 0, width: 360, height: 202 },
  },
  // One column is left.
  {
    from: { width: 426, height: 240 },
    into: { width: 427, height: 240 },
    area: { x: 0, y: 0, width: 426, height: 240 },
  },
  // In another size.
  {
    from: { width: 640, height: 640 },
    into: { width: 600, height: 338 },
    area: { x: 130, y: 0, width: 338, height: 338 },
  },
  {
    from: { width: 320, height: 240 },
    into: { width: 640, height: 338 },
    area: { x: 94, y: 0, width: 450, height: 338 },
  },
  {
    from: { width: 1080, height: 608 },
    into: { width: 600, height: 600 },
    area: { x: 0, y: 130, width: 600, height: 338 },
  },
  {
    from: { width: 639, height: 479 },
    into: { width: 101, height: 50 },
    area: { x: 16, y: 0, width: 66, height: 50 },
  },
  {
    from: { width: 639, height: 479 },
    into: { width: 321, height: 299 },
    area: { x: 0, y: 28, width: 321, height: 240 },
  },
];
for (const { from, into, area } of CONTAINED) {
  const what = `${from.width}x${from.height} in ${into.width}x${into.height}`;
  const options: VideoStreamOptions = { ...into, fit: "contain" };
  for (const format of [U8, F32, "rgb24", "bgra", "gray8"] as const) {
    test(`the bars of ${format} are black to their last pixel: ${what}`, SLOW, async () => {
      const file = await picture(from);
      await using stream = new VideoStream(file, { ...options, format });
      const isIn = isInside(area);
      let frames = 0;
      const read = async () => {
        for await (const frame of stream) {
          frames++;
          assertEquals([frame.width, frame.height], [into.width, into.height]);
          assertPixels(frame, (x, y) => !isIn(x, y), (level) => level === 0);
        }
      };
      await within("end of the file", read());
      assertEquals(frames, 3);
    });
  }

  for (const format of [U8, "rgb24"] as const) {
    test(`the contained picture is whole in ${format}: ${what}`, SLOW, async () => {
      const file = await picture(from);
      const frame = await firstFrame(file, { ...options, format });
      await assertLikeFfmpeg(frame, file, area);
    });
  }
}

/** Of 640x360 and then of 320x240. */
const MOVING: { into: { width: number; height: number }; areas: [Rect, Rect] }[] = [
  {
    into: { width: 436, height: 240 },
    areas: [{ x: 4, y: 0, width: 426, height: 240 }, { x: 58, y: 0, width: 320, height: 240 }],
  },
  {
    into: { width: 330, height: 322 },
    areas: [{ x: 0, y: 68, width: 330, height: 186 }, { x: 0, y: 36, width: 330, height: 248 }],
  },
  {
    into: { width: 400, height: 240 },
    areas: [{ x: 0, y: 6, width: 400, height: 226 }, { x: 40, y: 0, width: 320, height: 240 }],
  },
  {
    into: { width: 400, height: 280 },
    areas: [{ x: 0, y: 26, width: 400, height: 226 }, { x: 12, y: 0, width: 374, height: 280 }],
  },
];
for (const { into, areas } of MOVING) {
  for (const format of [U8, F32, "rgb24"] as const) {
    const what = `${format} in ${into.width}x${into.height}`;
    test(`bars that move with the picture's size are black: ${what}`, SLOW, async () => {
      const options = { ...into, fit: "contain", format } as const;
      await using stream = new VideoStream(await resolutionChange(), options);
      let frames = 0;
      const read = async () => {
        for await (const frame of stream) {
          frames++;
          const second = frame.transform.source.width === 320;
          assertEquals(second, frame.index >= 30);
          const isIn = isInside(areas[second ? 1 : 0]);
          assertPixels(frame, (x, y) => !isIn(x, y), (level) => level === 0);
        }
      };
      await within("end of the file", read(), 30_000);
      assertEquals(frames, 60);
    });
  }
}
