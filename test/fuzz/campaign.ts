/** Many cases, side by side; what is wrong can be repeated by its seed. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, extname, join } from "node:path";
import { Child } from "../support/child.ts";
import type { RuntimeName } from "../support/runtimes.ts";
import { type Case, isFault, type Outcome } from "./cases.ts";
import { smallFiles } from "./files.ts";
import { mutate } from "./mutation.ts";
import { startMutatingRelay } from "./mutating_relay.ts";
import { Reader } from "./readers.ts";
import { Servers } from "./servers.ts";

/** Something that never may happen. */
export interface Finding {
  readonly runtime: RuntimeName;
  readonly input: string;
  readonly seed: number;
  readonly outcome: Outcome;
  /** How the ffmpeg command ends with the same file: a crash of its own is libav's fault. */
  readonly ffmpeg?: string | undefined;
  /** Where the file is kept. */
  readonly file?: string | undefined;
}

export interface Tally {
  /** How often each outcome was seen. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
}

export interface CampaignOptions {
  readonly runtime: RuntimeName;
  readonly cases: number;
  readonly seed: number;
  /** How many processes read at the same time. */
  readonly readers?: number | undefined;
}

/** One case until it is read; the rest of it is undone then. */
interface Prepared extends AsyncDisposable {
  readonly input: string;
  readonly seed: number;
  readonly url: string;
  /** What is known of a case that was a fault. */
  blame?(): Promise<Partial<Finding>>;
}

/** Small files, changed. */
export async function fuzzFiles(options: CampaignOptions): Promise<Tally> {
  const files = await smallFiles();
  const bytes = await Promise.all(files.map((file) => readFile(file)));
  const directory = await mkdtemp(join(tmpdir(), "rtsp-stream-fuzz-"));
  try {
    return await campaign(options, async (index, seed) => {
      const which = index % files.length;
      const file = join(directory, `${seed}${extname(files[which]!)}`);
      await writeFile(file, mutate(bytes[which]!, seed));
      return {
        input: basename(files[which]!),
        seed,
        url: file,
        async blame() {
          const keep = join(tmpdir(), `rtsp-stream-finding-${seed}${extname(file)}`);
          await writeFile(keep, await readFile(file));
          return { file: keep, ffmpeg: await endOfFfmpeg(file) };
        },
        [Symbol.asyncDispose]: () => rm(file, { force: true }),
      };
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** What servers say, changed. */
export async function fuzzExchanges(options: CampaignOptions): Promise<Tally> {
  await using servers = await Servers.start();
  const { exchanges } = servers;
  return await campaign(options, async (index, seed) => {
    const exchange = exchanges[index % exchanges.length]!;
    const relay = await startMutatingRelay(exchange.port, seed);
    return {
      input: exchange.name,
      seed,
      url: exchange.url(relay.port),
      [Symbol.asyncDispose]: () => relay.stop(),
    };
  });
}

async function campaign(
  { runtime, cases, seed, readers = 3 }: CampaignOptions,
  prepare: (index: number, seed: number) => Promise<Prepared>,
): Promise<Tally> {
  const outcomes: Record<string, number> = {};
  const findings: Finding[] = [];
  let next = 0;
  const work = async () => {
    using reader = new Reader(runtime);
    for (let index = next++; index < cases; index = next++) {
      await using prepared = await prepare(index, seed + index);
      const one: Case = { id: index, url: prepared.url };
      const outcome = await reader.read(one);
      outcomes[outcome.how] = (outcomes[outcome.how] ?? 0) + 1;
      if (!isFault(outcome)) continue;
      const { input } = prepared;
      findings.push({ runtime, input, seed: prepared.seed, outcome, ...await prepared.blame?.() });
    }
  };
  await Promise.all(Array.from({ length: readers }, work));
  return { outcomes, findings };
}

/** "code 1", or the signal that has ended it. */
async function endOfFfmpeg(file: string): Promise<string> {
  const args = ["-v", "quiet", "-nostdin", "-t", "5", "-i", file, "-an", "-f", "null", "-"];
  await using child = new Child("ffmpeg", args);
  const timer = setTimeout(() => child.signal("SIGKILL"), 20_000);
  const { code, signal } = await child.exited;
  clearTimeout(timer);
  return signal ?? `code ${code}`;
}
