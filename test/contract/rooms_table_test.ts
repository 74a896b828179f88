/** The table of rooms in CONTRIBUTING.md says what the import rules say. */

import { assert, assertEquals, assertGreater } from "@std/assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { scriptPath } from "./child.ts";
import { ROOMS } from "./import_rules.ts";

const ROOT = scriptPath("../../", import.meta.url);
const { sections } = contributing();

function contributing(): { sections: ReadonlyMap<string, string> } {
  const text = readFileSync(join(ROOT, "CONTRIBUTING.md"), "utf8");
  const parts = text.split(/^## /m).slice(1);
  return {
    sections: new Map(parts.map((part) => {
      const end = part.indexOf("\n");
      return [part.slice(0, end), part.slice(end)];
    })),
  };
}

/** What stands between backquotes. */
function codeIn(text: string): string[] {
  return Array.from(text.matchAll(/`([^`]+)`/g), ([, code]) => code!);
}

/** `"src/core/"` of `/^src\/core\//`: a rule is a folder or a file, and no other pattern. */
function pathOf(pattern: RegExp): string {
  const path = pattern.source.replace(/^\^/, "").replace(/\$$/, "").replaceAll("\\", "");
  assert(pattern.test(path), `${pattern} is no path`);
  return path;
}

/** The path of what the last column names: a room without `src/`, or a path. */
function imported(name: string): string {
  const room = ROOMS.find((room) => room.name === name);
  if (room) return pathOf(room.files);
  return name.includes(".") ? name : `${name}/`;
}

/** Paths that may be imported, by the path of the room. */
const table = new Map(
  (sections.get("The rooms") ?? "").split("\n").filter((line) => line.startsWith("| `"))
    .flatMap((line) => {
      const [, rooms, , imports] = line.split("|");
      const allowed = codeIn(imports!).map(imported).sort();
      return codeIn(rooms!).map((room) => [room, allowed] as const);
    }),
);

const rules = new Map(
  ROOMS.map(({ files, imports }) => [pathOf(files), imports.map(pathOf).sort()] as const),
);

test("the table of rooms has the rooms of the rules, and what each may import", () => {
  assertGreater(table.size, 10);
  assertEquals(table, rules);
});

test("every room has files, and every folder of src is a room", () => {
  const folders = readdirSync(join(ROOT, "src")).map((name) => `src/${name}/`);
  const rooms = [...rules.keys()];
  assertEquals(rooms.filter((room) => room.startsWith("src/")).sort(), folders.sort());
  for (const room of rooms.filter((room) => room.endsWith("/"))) {
    assertGreater(readdirSync(join(ROOT, room)).length, 0, room);
  }
});
