/** The project's imports as Deno itself resolves them, and the circles in them. */

import { execFileSync } from "node:child_process";
import { scriptPath } from "./child.ts";

/** What each node leads to. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

const ROOT = scriptPath("../../", import.meta.url);
const ROOT_URL = `file://${ROOT}`;

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier?: string };
    readonly type?: { readonly specifier?: string };
  }[];
}

/** All files that `entries` need, with their imports; types count as well. */
export function importGraph(entries: readonly string[]): Graph {
  const graph = new Map<string, Set<string>>();
  for (const entry of entries) {
    const json = execFileSync("deno", ["info", "--json", entry], {
      cwd: ROOT,
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const { modules } = JSON.parse(json) as { modules: readonly Module[] };
    for (const { specifier, dependencies = [] } of modules) {
      const file = ownPath(specifier);
      if (file === undefined) continue;
      const targets = dependencies.map(({ code, type }) => (code ?? type)?.specifier ?? "");
      graph.set(file, new Set(targets.map(ownPath).filter((path) => path !== undefined)));
    }
  }
  return graph;
}

/** The path from the project's root; undefined for what is not the project's. */
function ownPath(specifier: string): string | undefined {
  if (!specifier.startsWith(ROOT_URL)) return undefined;
  const path = specifier.slice(ROOT_URL.length);
  return path.startsWith("node_modules/") ? undefined : path;
}

/** The graph of what `nameOf` makes of the nodes, without arrows from a node to itself. */
export function grouped(graph: Graph, nameOf: (node: string) => string): Graph {
  const groups = new Map<string, Set<string>>();
  for (const [node, targets] of graph) {
    const name = nameOf(node);
    const group = groups.get(name) ?? new Set();
    groups.set(name, group);
    for (const target of targets) if (nameOf(target) !== name) group.add(nameOf(target));
  }
  return groups;
}

/** One way round for every node that leads back to itself: `a -> b -> a`. */
export function circlesOf(graph: Graph): string[] {
  const circles: string[] = [];
  const finished = new Set<string>();
  const visit = (node: string, way: readonly string[]) => {
    const at = way.indexOf(node);
    if (at >= 0) circles.push([...way.slice(at), node].join(" -> "));
    if (at >= 0 || finished.has(node)) return;
    for (const target of graph.get(node) ?? []) visit(target, [...way, node]);
    finished.add(node);
  };
  for (const node of graph.keys()) visit(node, []);
  return circles;
}
