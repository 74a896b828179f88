/** Two cameras at the same moment: how far apart in time the pictures of a set are. */
import type { BenchOptions } from "./arguments.ts";
import { CAMERA } from "./camera_pair.ts";
import { type Part, printTable, writeSection } from "./page.ts";
import { describePeers, installPeers } from "./peers.ts";
import { REFERENCE } from "./sync_readers.ts";
import { Rounds } from "./sync_rounds.ts";
import { APART, EQUAL, PAUSE, type Scene, UNEQUAL } from "./sync_scenes.ts";
import { pauseTable, skewTable } from "./sync_tables.ts";

const SECONDS = 5;
const ROUNDS = 2;
/** Milliseconds. */
const HALF = (500 / CAMERA.fps).toFixed(1);

export async function sync(options: BenchOptions): Promise<void> {
  const { seconds = SECONDS, rounds = ROUNDS } = options;
  const peers = await installPeers(["OpenCV"]);
  const taken = new Rounds(options, seconds, peers);
  for (let round = 0; round < rounds; round++) {
    await taken.run(EQUAL, UNEQUAL);
    await taken.run(APART);
  }
  await taken.run(PAUSE);
  const parts = partsOf(taken);
  for (const { title, table } of parts) {
    console.log(title);
    printTable(table);
  }
  if (options.dry) return;
  writeSection({
    name: "sync",
    title: "Two cameras at the same moment",
    text:
      `Skew is the time from the older to the newer picture of a set, by the clock that both cameras ` +
      `write into their pictures just before they encode them; no reader knows of that. Ages are by it, ` +
      `too: when the application has both pictures, as rgb24 or bgr24 bytes. Cells with three figures are ` +
      `p50 / p95 / p99. Two cameras of ${CAMERA.width}x${CAMERA.height}, H.264, ${CAMERA.fps} frames a ` +
      `second, RTSP over TCP on loopback; ${rounds} rounds of ${seconds} s, from a second after the first ` +
      `set on, with "capture" from a second after the cameras' clocks are known, which takes about five. ` +
      `Up to six readers run at once, each a process with connections of its own. The cameras run freely and ` +
      `are started anew for every round: how far apart their pictures are is chance, and the same for all ` +
      `readers of a round of a part. "Least possible" is the time from each picture of the one camera to the ` +
      `nearest of the other, at most ${HALF} ms if cameras were even. "${REFERENCE}" calls read() of the one ` +
      `camera and then of the other, as guides do; the ratio is to it. It takes a second or more to open a ` +
      `camera, and while it opens the second one, pictures of the first one queue up, which the loop never ` +
      `makes up for. ` +
      `"Queues emptied first" reads those away before it begins. "A thread for each camera" reads everything ` +
      `and keeps the newest; a set is the newest of each as soon as both are new. Work is waiting for so ` +
      `long, and takes no processor. ${describePeers(peers)}`,
    parts,
  });
}

function partsOf(taken: Rounds): Part[] {
  const texts: readonly (readonly [Scene, string])[] = [
    [EQUAL, `Both cameras are read directly.`],
    [
      UNEQUAL,
      `The second camera is read through a relay that hands everything on ${UNEQUAL.longer} ms later. Only ` +
      `the cameras' clocks tell that; a set is then as old as the longer way.`,
    ],
    [
      PAUSE,
      `The consumer computes for 5 s without ever looking, and then takes a set: ${PAUSE.pauses} pauses each, ` +
      `one reader at a time.`,
    ],
    [
      APART,
      `The readers are started as soon as the first camera listens. Sets of the first ${APART.seconds} s from the ` +
      `first set on. A camera that does not listen yet is tried again: after a second by this package, which ` +
      `is its default, and after 50 ms by the loops of OpenCV.`,
    ],
  ];
  return texts.map(([scene, text]) => {
    const table = (scene === PAUSE ? pauseTable : skewTable)(taken.outcome(scene));
    return { title: scene.title, text, table };
  }).filter(({ table }) => table.length > 1);
}
