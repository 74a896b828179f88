/** No file, no room and no floor of `core` needs itself by way of others. */

import { assert, assertEquals, assertGreater } from "@std/assert";
import { posix } from "node:path";
import { test } from "node:test";
import { circlesOf, grouped, importGraph } from "./import_graph.ts";

const graph = importGraph([
  "mod.ts",
  "src/worker/read/read_worker.ts",
  "src/worker/write/write_worker.ts",
  "src/cli/demo.ts",
  "src/core/rtsp/interleaved.ts",
  "src/core/rtsp/session.ts",
]);

test("the graph has the files of every thread", () => {
  assertGreater(graph.size, 90);
  for (const file of ["mod.ts", "ffi/mod.ts", "src/av/input.ts", "src/worker/read/delivery.ts"]) {
    assertGreater(graph.get(file)?.size ?? 0, 0, file);
  }
});

test("no file imports itself by way of others, not even for types", () => {
  assertEquals(circlesOf(graph), []);
});

test("no room needs a room that needs it", () => {
  const rooms = grouped(graph, (file) => /^src\/\w+|^ffi/.exec(file)?.[0] ?? file);
  assert(rooms.get("src/stream")?.has("src/writer"));
  assertEquals(circlesOf(rooms), []);
});

test("the floors of core lie above each other", () => {
  const core = new Map([...graph].filter(([file]) => file.startsWith("src/core/")));
  const floors = grouped(core, posix.dirname);
  assert(floors.get("src/core/options")?.has("src/core/connection"));
  assertEquals([...floors.get("src/core/rtsp") ?? []], ["src/core/connection"]);
  assertEquals(circlesOf(floors), []);
});

test("circles of any length are found, with the way round", () => {
  const found = circlesOf(
    new Map([
      ["a", new Set(["b", "d"])],
      ["b", new Set(["c"])],
      ["c", new Set(["a"])],
      ["d", new Set(["d", "e"])],
      ["e", new Set()],
    ]),
  );
  assertEquals(found.sort(), ["a -> b -> c -> a", "d -> d"]);
});
