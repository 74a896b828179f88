/**
 * `./run bench [NAME…] [--seconds N] [--rounds N] [--only TEXT] [--base DIRECTORY] [--dry]`:
 * measures, and writes what came out into bench/README.md.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type BenchOptions, readArguments } from "./arguments.ts";
import { fuzz, soak } from "./endurance.ts";
import { firstFrame } from "./first_frame.ts";
import { latency } from "./latency.ts";
import { many } from "./many.ts";
import { publish } from "./publish.ts";
import { restart } from "./restart.ts";
import { scale } from "./scale.ts";
import { slowConsumer } from "./slow_consumer.ts";
import { sync } from "./sync.ts";
import { throughput } from "./throughput.ts";

const BENCHES: Readonly<Record<string, (options: BenchOptions) => Promise<void>>> = {
  latency,
  "first-frame": firstFrame,
  throughput,
  "slow-consumer": slowConsumer,
  scale,
  many,
  restart,
  publish,
  sync,
  soak,
  fuzz,
};
const WRITTEN = ["README.md", "latency.json"];

const { names, options } = readArguments();
for (const name of names.length > 0 ? names : Object.keys(BENCHES)) {
  const bench = BENCHES[name];
  if (!bench) {
    console.error(`no bench "${name}": there are ${Object.keys(BENCHES).join(", ")}`);
    process.exit(2);
  }
  console.log(`== ${name}`);
  await bench(options);
}
if (!options.dry) {
  const files = WRITTEN.map((file) => fileURLToPath(new URL(file, import.meta.url)))
    .filter((file) => existsSync(file));
  execFileSync("deno", ["fmt", "--quiet", ...files]);
}
