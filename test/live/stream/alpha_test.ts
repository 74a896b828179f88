/** Pictures with transparency: alpha is 255 in every frame, whatever the source has. */

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { ffmpeg, firstFrame, SLOW, TemporaryDirectory } from "../reading.ts";

const SIZE = 64;
/** Half transparent red of any kind, and what it is as rgb: the luma of red in gray. */
const SOURCES: readonly (readonly [string, string, readonly number[]])[] = [
  ["rgba.png", "format=rgba", [255, 0, 0]],
  ["deep.png", "format=rgba64be", [255, 0, 0]],
  ["gray.png", "format=gray,format=ya8", [81, 81, 81]],
  // The colour of the transparent entry is green: palettegen makes it so.
  ["palette.png", "format=rgba,split[a][b];[a]palettegen[p];[b][p]paletteuse", [0, 255, 0]],
  [
    "clear.gif",
    "format=rgba,geq=r=255:g=0:b=0:a=if(lt(X\\,32)\\,0\\,255),split[a][b];" +
    "[a]palettegen=reserve_transparent=1[p];[b][p]paletteuse",
    [255, 0, 0],
  ],
];

for (const [name, filter, [r, g, b]] of SOURCES) {
  test(`a transparent ${name} gives opaque frames of its colours`, SLOW, async () => {
    await using directory = await TemporaryDirectory.make();
    const file = directory.file(name);
    const source = `color=red@0.5:size=${SIZE}x${SIZE}:duration=0.04,${filter}`;
    await ffmpeg("-f", "lavfi", "-i", source, "-frames:v", "1", file);
    for (const format of ["rgba", "bgra"] as const) {
      const fit = { width: 96, height: 64, fit: "contain" } as const;
      for (const options of [{ format }, { format, ...fit }]) {
        const frame = await firstFrame(file, options);
        const alphas = frame.data.filter((_, i) => i % 4 === 3);
        assertEquals(alphas.length, frame.width * frame.height);
        assert(alphas.every((alpha) => alpha === 255), `${name} ${format}: ${alphas.slice(0, 9)}`);
        const at = (frame.width * 32 + frame.width - 20) * 4;
        const seen = [...frame.data.subarray(at, at + 3)];
        const wanted = format === "rgba" ? [r!, g!, b!] : [b!, g!, r!];
        const near = seen.every((level, i) => Math.abs(level - wanted[i]!) <= 4);
        assert(near, `${name} ${format} ${frame.width}: ${seen}, not ${wanted}`);
      }
    }
  });
}
