/** node-av. Arguments: URL SECONDS MODULE plain|low. */
import process from "node:process";
import type { NodeAv } from "./node_av_api.ts";
import { Sampler } from "./sampler.ts";

const [url, seconds, module, tuning] = process.argv.slice(2);
const av: NodeAv = await import(module!);
const low = tuning === "low";
const sampler = new Sampler(Number(seconds));
const input = await av.Demuxer.open(url!, {
  options: {
    rtsp_transport: "tcp",
    ...low ? { fflags: "nobuffer", flags: "low_delay" } : {},
  },
});
const stream = input.video();
const decoder = await av.Decoder.create(stream, {
  options: low ? { flags: "low_delay", threads: "1" } : {},
});
const scaler = new av.Scaler();
for await (const frame of decoder.frames(input.packets(stream?.index ?? 0))) {
  if (frame === null) continue;
  const { width } = frame;
  const data = await scaler.toBuffer(frame, { format: "rgb" });
  frame.free();
  if (!sampler.take({ data, width, channels: 3 })) break;
}
sampler.print("node-av", "");
process.exit(0);
