/** `./run bench [NAME…]`: measures, and writes what came out into bench/README.md. */
import process from "node:process";
import { throughput } from "./throughput.ts";

const BENCHES: Readonly<Record<string, () => Promise<void>>> = { throughput };

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(BENCHES);
for (const name of names) {
  const bench = BENCHES[name];
  if (!bench) {
    console.error(`no bench "${name}": there are ${Object.keys(BENCHES).join(", ")}`);
    process.exit(2);
  }
  console.log(`== ${name}`);
  await bench();
}
