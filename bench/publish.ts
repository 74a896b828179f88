/** Publishing: what a picture goes through from the camera to the audience, and what it costs. */
import { type BenchOptions, chosenOf } from "./arguments.ts";
import { type Part, printTable, writeSection } from "./page.ts";
import { publishAge } from "./publish_age.ts";
import { publishCalls } from "./publish_calls.ts";
import { publishCost } from "./publish_cost.ts";

const PARTS: Readonly<Record<string, (options: BenchOptions) => Promise<Part>>> = {
  "end to end": publishAge,
  "write()": publishCalls,
  "encode": publishCost,
};

/** `--only` names parts, sizes of the picture, contestants or some of each. */
export async function publish(options: BenchOptions): Promise<void> {
  const names = Object.keys(PARTS);
  const parts: Part[] = [];
  for (const name of names.filter((one) => chosenOf(options, names, one))) {
    const part = await PARTS[name]!(options);
    printTable(part.table);
    parts.push(part);
  }
  if (options.dry) return;
  writeSection({
    name: "publish",
    title: "Publishing",
    text: `RTMP goes to nginx with its rtmp module on loopback; pictures are H.264, by libx264.`,
    parts,
  });
}
