/**
 * Two cameras side by side in one picture, which is written to a file or a server.
 * A camera that is away leaves its half black. Ends with Ctrl-C, or after so many
 * pictures.
 *
 *     deno run -A examples/mosaic.ts rtsp://left/stream rtsp://right/stream mosaic.mp4 300
 *     bun examples/mosaic.ts rtsp://left/stream rtsp://right/stream rtmp://server/live/key
 */
import { type Frame, StreamGroup, VideoWriter } from "@x/rtsp-stream";
import process from "node:process";

const [left = "rtsp://left/stream", right = "rtsp://right/stream"] = process.argv.slice(2);
const output = process.argv[4] ?? "mosaic.mp4";
const wanted = Number(process.argv[5] ?? Infinity);
const size = { width: 640, height: 360 };
const tile = { ...size, fit: "contain" } as const;

const interrupted = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.once(name, () => interrupted.abort());
}

await using rig = new StreamGroup(
  { left: { url: left, ...tile }, right: { url: right, ...tile } },
  { sync: "arrival", whenMissing: "omit", signal: interrupted.signal },
);
await using writer = new VideoWriter(output, {
  width: size.width * 2,
  height: size.height,
  format: "rgb24",
  timestamps: "wallclock",
  overwrite: true,
});

const mosaic = new Uint8Array(size.width * 2 * size.height * 3);
let count = 0;
for await (const { frames, missing, skew } of rig) {
  place(frames.left, 0);
  place(frames.right, size.width);
  writer.write(mosaic);
  if (count++ % 30 === 0) {
    const away = missing.length > 0 ? `, ${missing.join(" and ")} away` : "";
    console.log(`${count} pictures, the last one ${skew.toFixed(1)} ms apart${away}`);
  }
  if (count === wanted) break;
}

/** A frame's rows into the mosaic, from a column on; black where there is none. */
function place(frame: Frame | undefined, column: number): void {
  const row = size.width * 3;
  for (let y = 0; y < size.height; y++) {
    const at = (y * size.width * 2 + column) * 3;
    if (frame) mosaic.set(frame.data.subarray(y * row, (y + 1) * row), at);
    else mosaic.fill(0, at, at + row);
  }
}
