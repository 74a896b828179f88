/** Which tests run in one process, and which of these may run side by side. */

import { join } from "node:path";
import { inEveryRuntime, type Part } from "./part.ts";
import { testFiles } from "./test_files.ts";

/**
 * They bound how long leaving takes, measure memory and threads of many streams, or compare times
 * with cameras' own: beside them the machine must have processor time left.
 */
const QUIET = [
  "./test/live/faults/stopping_test.ts",
  "./test/live/group/sync_test.ts",
  "./test/live/stream/camera_clock_test.ts",
  "./test/live/stream/leaving_test.ts",
  "./test/live/stream/on_demand_test.ts",
  "./test/live/stream/process_end_test.ts",
  "./test/live/writer/soak_test.ts",
  "./test/live/stream/soak_test.ts",
  "./test/soak/soak_test.ts",
];

/** They let two threads race at full speed. */
const ALONE = [
  "./test/unit/shared/mailbox_test.ts",
  "./test/unit/shared/slot_table_race_test.ts",
];

/** They begin the runtimes themselves, by name; they run where `./run pack` does. */
const IN_DENO = ["./test/pack/"];

/** Folders whose files are tested by one process: they are quick, so starting it would be most. */
const TOGETHER = [
  ["./test/unit/"],
  ["./test/contract/", "./test/layout/", "./test/compat/"],
];

/** What is tested in the oldest Node, too: the native calls, and one of each thing that is done. */
const IN_NODE_24 = [
  "./test/contract/",
  "./test/live/group/reading_test.ts",
  "./test/live/record/record_test.ts",
  "./test/live/stream/half_installed_test.ts",
  "./test/live/stream/missing_worker_test.ts",
  "./test/live/stream/permissions_test.ts",
  "./test/live/stream/reconnection_test.ts",
  "./test/live/stream/snapshot_test.ts",
  "./test/live/stream/transfer_test.ts",
  "./test/live/writer/rtmp_test.ts",
];

export interface Plan {
  readonly beside: readonly Part[];
  readonly quiet: readonly Part[];
  readonly alone: readonly Part[];
}

/** One part with those of the files that are tested in it; none, where none is. */
export function inNode24(files: readonly string[], name?: string): Part[] {
  const paths = files.map((file) => join(".", file)).filter((file) =>
    IN_NODE_24.some((place) => file.startsWith(join(".", place)))
  );
  return paths.length > 0 ? [{ runtime: "node24", name: name ?? paths.join(" "), paths }] : [];
}

export function plan(): Plan {
  const paths = testFiles(["./test"])
    .filter((path) => !QUIET.includes(path) && !ALONE.includes(path));
  const processOf = (path: string) =>
    TOGETHER.find((places) => places.some((place) => path.startsWith(place)))?.join(" ") ?? path;
  const parts = (paths: readonly string[], name?: string) => [
    ...inEveryRuntime(paths, name),
    ...inNode24(paths, name),
  ];
  const each = (paths: readonly string[]) => paths.flatMap((path) => parts([path]));
  const isFor = ({ runtime, name }: Part) =>
    runtime === "deno" || !IN_DENO.some((place) => name.startsWith(place));
  return {
    beside: [...Map.groupBy(paths, processOf)]
      .flatMap(([name, paths]) => parts(paths, name))
      .filter(isFor),
    quiet: each(QUIET),
    alone: each(ALONE),
  };
}
