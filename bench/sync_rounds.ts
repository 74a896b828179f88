/** Rounds of scenes, and what comes out of each scene. */
import { setTimeout as sleep } from "node:timers/promises";
import { type BenchOptions, chosenOf } from "./arguments.ts";
import { CameraPair, Relay } from "./camera_pair.ts";
import type { PairResult } from "./pair.ts";
import { isPresent, type Peer } from "./peers.ts";
import { Phase } from "./phase.ts";
import { runReader } from "./reader_process.ts";
import type { PairReader } from "./sync_readers.ts";
import { type Scene, SCENES } from "./sync_scenes.ts";
import { summary, three } from "./sync_tables.ts";

/** Seconds of a reader besides those of measurement: connecting, clocks and pauses. */
const SPARE = 30;
/** Milliseconds between two batches: the readers' sessions end. */
const BETWEEN = 300;

/** Of all rounds. */
export interface Outcome {
  readonly runs: Map<string, PairResult[]>;
  /** See `Phase`. */
  readonly leastSkews: number[];
}

export class Rounds {
  readonly #outcomes = new Map<Scene, Outcome>();

  readonly options: BenchOptions;
  readonly seconds: number;
  readonly peers: readonly Peer[];

  constructor(
    options: BenchOptions,
    seconds: number,
    peers: readonly Peer[],
  ) {
    this.options = options;
    this.seconds = seconds;
    this.peers = peers;
  }

  outcome(scene: Scene): Outcome {
    const known = this.#outcomes.get(scene) ?? { runs: new Map(), leastSkews: [] };
    this.#outcomes.set(scene, known);
    return known;
  }

  /** Scenes in turn, with the same cameras, which are started for it. */
  async run(...scenes: readonly Scene[]): Promise<void> {
    const titles = SCENES.map(({ title }) => title);
    const meant = scenes.filter(({ title }) => chosenOf(this.options, titles, title));
    if (meant.length === 0) return;
    await using cameras = await CameraPair.start(meant[0]!.apart);
    for (const scene of meant) await this.#play(scene, cameras);
  }

  async #play(scene: Scene, cameras: CameraPair): Promise<void> {
    const { title, settle, pauses, seconds = this.seconds, longer, apart } = scene;
    const { runs, leastSkews } = this.outcome(scene);
    await using relay = longer > 0 ? await Relay.start(cameras.right, longer) : undefined;
    const { left, right } = { left: cameras.left, right: relay?.url ?? cameras.right };
    const task = { left, right, settle, seconds, pauses };
    // By the same ways as the readers: what comes by another port is another session of the camera.
    await using phase = new Phase([left, right]);
    if (apart === 0) await phase.ready();
    for (const batch of scene.batches.map((readers) => this.#present(readers))) {
      phase.forget();
      await Promise.all(batch.map(async ({ name, command }) => {
        const known = runs.get(name) ?? [];
        runs.set(name, known);
        const result = await runReader<PairResult>(command(task), seconds + SPARE);
        if (!result) return;
        known.push(result);
        console.log(`${title}: ${name}: ${summary(result)}`);
      }));
      const least = phase.leastSkews;
      leastSkews.push(...least);
      if (least.length > 0) console.log(`${title}: least possible skew: ${three(least)}`);
      if (batch.length > 0) await sleep(BETWEEN);
    }
  }

  #present(batch: readonly PairReader[]): PairReader[] {
    const names = SCENES.flatMap(({ batches }) => batches).flat().map(({ name }) => name);
    return batch.filter(({ name, peer }) => {
      return isPresent(this.peers, peer) && chosenOf(this.options, names, name);
    });
  }
}
