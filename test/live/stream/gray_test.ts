/** Grey pictures have 0 … 255 for black to white, whether they are scaled or not, as with ffmpeg. */

import { assert } from "@std/assert";
import { test } from "node:test";
import { ffmpeg, firstFrame, SLOW, TemporaryDirectory } from "../reading.ts";

const LEVELS = [30, 200];

for (const layout of ["gray", "gray16le", "ya8"]) {
  test(`grey levels of ${layout} stay what they are`, SLOW, async () => {
    await using directory = await TemporaryDirectory.make();
    for (const level of LEVELS) {
      const file = directory.file(`${level}.nut`);
      const source = `color=size=64x64:rate=25:duration=0.04,format=gray,geq=lum=${level}`;
      await ffmpeg(
        ...["-f", "lavfi", "-i", `${source},format=${layout}`],
        ...["-c:v", "rawvideo", file],
      );
      for (const format of ["rgb24", "bgra", "gray8"] as const) {
        for (const options of [{ format }, { format, width: 96, height: 48 }]) {
          const { data, channels, width } = await firstFrame(file, options);
          const wrong = data.find((value, i) => i % channels < 3 && Math.abs(value - level) > 1);
          assert(wrong === undefined, `${format} ${width}: ${wrong}, not ${level}`);
        }
      }
    }
  });
}
