/** What tsdown makes of the sources. */

import { dirname, join, relative, resolve } from "node:path";
import { build, type InlineConfig } from "tsdown";
import { ROOT } from "./sources.ts";

/** The module whose place the bundled threads take, and what it exports. */
const WORKER_MODULES = join(ROOT, "src/thread/worker_modules.ts");
export const WORKERS = {
  READ_WORKER: "./src/worker/read/read_worker.ts",
  WRITE_WORKER: "./src/worker/write/write_worker.ts",
} as const;
const COMMON = {
  config: false,
  cwd: ROOT,
  platform: "neutral",
  format: "esm",
  clean: false,
  hash: false,
  logLevel: "warn",
  inputOptions: { checks: { pluginTimings: false } },
  outExtensions: () => ({ js: ".js", dts: ".d.ts" }),
} satisfies InlineConfig;

/** A module and all that it imports, as one text. */
async function bundled(path: string): Promise<string> {
  const [bundle] = await build({
    ...COMMON,
    entry: [path],
    dts: false,
    write: false,
    // Names stay: they are all that an error's stack tells of a thread.
    minify: { compress: true, mangle: false, codegen: true },
    deps: { alwaysBundle: [/^[^.]/], neverBundle: [/^node:/] },
    // What is imported later, too: a text of its own has nothing beside it.
    outputOptions: { codeSplitting: false },
  });
  const [chunk, ...others] = bundle?.chunks ?? [];
  if (chunk?.type !== "chunk" || others.length > 0) throw new Error(`${path} is not one chunk`);
  const foreign = chunk.imports.filter((name) => !name.startsWith("node:"));
  if (foreign.length > 0) throw new Error(`${path} imports ${foreign.join(", ")}`);
  return chunk.code;
}

/** With the marks, too, that end a URL in the midst of other text. */
function escaped(code: string): string {
  const hex = (mark: string) => `%${mark.charCodeAt(0).toString(16)}`;
  return encodeURIComponent(code).replace(/['()]/g, hex);
}

/** The text of `worker_modules.ts` in a package whose threads are in its own text. */
export async function workerModules(): Promise<string> {
  const lines = await Promise.all(
    Object.entries(WORKERS).map(async ([name, path]) => {
      const code = await bundled(path);
      const url = `data:text/javascript;charset=utf-8,${escaped(code)}`;
      return `export const ${name} = new URL(${JSON.stringify(url)});\n`;
    }),
  );
  return lines.join("");
}

/** The package's entries as JavaScript, with their types and source maps. */
export async function bundleEntries(
  entries: Readonly<Record<string, string>>,
  directory: string,
): Promise<void> {
  const workers = await workerModules();
  await build({
    ...COMMON,
    entry: { ...entries },
    outDir: directory,
    dts: true,
    sourcemap: true,
    // The types have what users read. The map has the places that stacks name, not the sources:
    // those would be a third of the package.
    outputOptions: {
      comments: { jsdoc: false },
      sourcemapExcludeSources: true,
      sourcemapPathTransform: (source, map) => relative(ROOT, resolve(dirname(map), source)),
    },
    target: "es2023",
    deps: { neverBundle: [/^[^./]/] },
    plugins: [{
      name: "worker-modules",
      load: (id: string) => id === WORKER_MODULES ? { code: workers, map: { mappings: "" } } : null,
    }],
  });
}
