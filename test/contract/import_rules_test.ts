/** The import rules of the design, for all files of the project, and for made-up ones. */

import { assert, assertEquals, assertGreater } from "@std/assert";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { scriptPath } from "./child.ts";
import { breachesOf, type Files, specifiersOf, withoutComments } from "./import_checker.ts";
import { ROOMS, WORD_RULES } from "./import_rules.ts";

const ROOT = scriptPath("../../", import.meta.url);
const PLACES = ["ffi", "src", "mod.ts", "examples", "bench", "test/live"];

function filesIn(place: string): string[] {
  const path = join(ROOT, place);
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [place];
  return readdirSync(path).flatMap((name) => filesIn(`${place}/${name}`));
}

const files: Files = new Map(
  PLACES.flatMap(filesIn).filter((file) => file.endsWith(".ts"))
    .map((file) => [file, readFileSync(join(ROOT, file), "utf8")]),
);

const breaches = breachesOf(files);

for (const place of PLACES) {
  test(`${place} keeps the import rules`, () => {
    const own = breaches.filter((breach) => breach.startsWith(place));
    assertEquals(own, []);
  });
}

test("no file breaks a rule, and files were really read", () => {
  assertEquals(breaches, []);
  assertGreater(files.size, 15);
  assert(files.has("ffi/mod.ts"));
});

test("every relative import names a file that is there", () => {
  const missing = [...files].flatMap(([file, source]) =>
    specifiersOf(source).filter((specifier) => specifier.startsWith("."))
      .map((specifier) => join(file, "..", specifier))
      .filter((target) => !existsSync(join(ROOT, target)))
      .map((target) => `${file} -> ${target}`)
  );
  assertEquals(missing, []);
});

/** A made-up file and a part of each breach that it must be blamed for. */
const FORBIDDEN: readonly (readonly [file: string, source: string, ...blame: string[]])[] = [
  ["src/core/a.ts", `import { b } from "../av/b.ts";`, "(core) imports ../av/b.ts"],
  ["src/core/a.ts", `import type { B } from "../../ffi/mod.ts";`, "(core) imports ../../ffi"],
  ["src/core/a.ts", `import { join } from "node:path";`, "(core) imports node:path"],
  ["src/core/a.ts", `import { x } from "@logtape/logtape";`, "(core) imports @logtape"],
  ["ffi/a.ts", `import { url } from "../src/core/url.ts";`, "(ffi) imports ../src/core/url.ts"],
  ["ffi/a.ts", `export * from "node:fs";`, "(ffi) imports node:fs"],
  [
    "src/av/a.ts",
    `import { fn } from "../../ffi/backend/types.ts";`,
    "(av) imports ../../ffi/backend/types.ts",
  ],
  ["src/av/a.ts", `import "../worker/protocol.ts";`, "(av) imports ../worker/protocol.ts"],
  ["src/worker/read/a.ts", `import { x } from "../../stream/video_stream.ts";`, "(worker) imports"],
  [
    "src/worker/a.ts",
    `import { x } from "../../ffi/backend/memory.ts";`,
    "(worker) imports ../../ffi",
  ],
  ["src/thread/a.ts", `import { x } from "../worker/failure.ts";`, "imports ../worker/failure.ts"],
  ["src/thread/a.ts", `import type { X } from "../av/x.ts";`, "imports ../av/x.ts"],
  [
    "src/stream/a.ts",
    `import { x } from "../av/frame.ts";`,
    "imports ../av/frame",
    "worker's file",
  ],
  ["src/writer/a.ts", `await import("../../ffi/mod.ts");`, "imports ../../ffi", "worker's file"],
  ["src/stream/a.ts", `import { x } from "../worker/failure.ts";`, "imports ..", "worker's file"],
  ["src/stream/a.ts", `import { readFile } from "node:fs";`, "imports node:fs"],
  ["src/runtime/a.ts", `import { x } from "../core/url.ts";`, "(runtime) imports ../core/url.ts"],
  ["src/cli/a.ts", `import { x } from "../stream/pipe.ts";`, "(cli) imports ../stream/pipe.ts"],
  ["src/writer/a.ts", `import { x } from "../stream/pipe.ts";`, "(writer) imports ../stream"],
  ["src/stream/a.ts", `import { x } from "../group/set_reader.ts";`, "(stream) imports ../group"],
  ["src/lifecycle/a.ts", `import { x } from "../thread/a.ts";`, "(lifecycle) imports ../thread"],
  ["src/group/a.ts", `import { x } from "../writer/a.ts";`, "(group) imports ../writer/a.ts"],
  ["src/cli/a.ts", `import { x } from "../core/url.ts";`, "(cli) imports ../core/url.ts"],
  ["mod.ts", `export * from "./ffi/mod.ts";`, "(door) imports ./ffi/mod.ts", "worker's file"],
  ["examples/a.ts", `import { x } from "../src/a.ts";`, "(examples) imports ../src/a.ts"],
  ["bench/a.ts", `import { x } from "../ffi/mod.ts";`, "(bench) imports ../ffi/mod.ts"],
  [
    "test/live/a.ts",
    `import { x } from "../../src/core/connection/url.ts";`,
    "(test/live) imports",
  ],
  ["examples/a.ts", `import { x } from "npm:lodash";`, "imports npm:lodash"],
  ["src/strange/a.ts", ``, "is in no room"],
  ["src/core/a.ts", `const v = Deno.version;`, "a runtime is named"],
  ["src/cli/a.ts", `Bun.gc(true);`, "a runtime is named"],
  ["src/av/a.ts", `globalThis.Deno?.exit();`, "a runtime is named"],
  [
    "ffi/load/mod.ts",
    `const { Bun: b } = x; (globalThis).y; globalThis.Bun;`,
    "a runtime is named",
  ],
  ["src/thread/a.ts", `const w = new Worker(url);`, "a background thread is begun"],
  ["src/stream/a.ts", "const m = await import(`./${name}.ts`);", "a computed name"],
  ["src/av/a.ts", `const s = "../../ffi/load.ts"; await import(s);`, "a computed name"],
  ["ffi/mod.ts", `if (symbols.avutil_version() >>> 16 < 59) f();`, "a library's major"],
  ["src/av/a.ts", `if (libav.majors.avcodec >= 60) f();`, "a library's major"],
  ["src/av/a.ts", `if (60 === avformatMajor) f();`, "a library's major"],
  ["src/av/a.ts", `const old = libav.release === "5.1";`, "a library's major"],
  ["src/av/a.ts", `memory.readI32(frame, 104);`, "a struct offset"],
  ["ffi/selftest/mod.ts", `memory.writePointer(object(a, b), 0xc8, strlen);`, "a struct offset"],
  ["src/av/a.ts", `memory.readRational(frame, at.pts + 24);`, "a struct offset"],
  ["src/worker/a.ts", `symbols.av_frame_unref(frame);`, "libav is called"],
  ["src/worker/a.ts", `libav.symbols["av_frame_unref"](frame);`, "libav is", "libav is"],
  ["src/worker/a.ts", `memory.writeI32(at, L.width, 640);`, "libav is called"],
  ["src/worker/a.ts", `const at = layout.AVFrame.pts;`, "libav is called"],
  ["src/worker/a.ts", `const { layout: { AVFrame } } = found;`, "libav is called"],
  ["src/worker/a.ts", `const { memory } = this.#context.libav;`, "libav is called"],
  ["src/worker/a.ts", `const { libav: { symbols: s } } = context;`, "libav is called"],
  ["src/worker/a.ts", `f(this.#libav.memory);`, "libav is called"],
  ["src/thread/a.ts", `function f({ memory: m }: Libav): void {}`, "libav is called"],
];

for (const [file, source, ...blames] of FORBIDDEN) {
  test(`${file} is blamed for: ${source || "being there"}`, () => {
    const found = breachesOf(new Map([[file, source]]));
    for (const blame of blames) {
      assert(found.some((breach) => breach.includes(blame)), `${blame} not in: ${found}`);
    }
    assertEquals(found.length, blames.length, found.join("; "));
  });
}

/** Made-up files that keep the rules. */
const ALLOWED: readonly (readonly [file: string, source: string])[] = [
  ["src/core/a.ts", `import { b } from "./b.ts";\nexport type { C } from "./c.ts";`],
  ["src/core/a.ts", `// import { x } from "../av/x.ts"; Deno.exit()\nconst a = 1;`],
  ["src/core/a.ts", `/** Bun.gc, readI32(x, 200) */ const url = "rtsp://Deno/x";`],
  ["ffi/backend/bun.ts", `const s = "bun:ffi"; const f = await import(s); Bun.gc(true);`],
  ["src/core/a.ts", `throw new Error("Run it with Deno. Or with Bun.");`],
  ["src/runtime/deno.ts", `export const args = Deno.args;`],
  ["src/runtime/a.ts", `const { Worker } = globalThis; const w = new Worker(url);`],
  ["src/thread/a.ts", `import { runtime } from "../runtime/mod.ts";`],
  [
    "src/av/a.ts",
    `import { openLibav } from "../../ffi/mod.ts"; import { u } from "../core/u.ts";`,
  ],
  ["src/worker/a.ts", `import { parentPort } from "node:worker_threads"; import "../av/a.ts";`],
  [
    "src/thread/a.ts",
    `import { u } from "../core/u.ts"; import { b } from "../../ffi/backend/mod.ts";`,
  ],
  ["src/stream/a.ts", `import { a } from "../thread/a.ts"; import { u } from "../core/u.ts";`],
  ["src/lifecycle/log.ts", `import { getLogger } from "@logtape/logtape";`],
  ["mod.ts", `export { VideoStream } from "./src/stream/video_stream.ts";`],
  ["examples/a.ts", `import { VideoStream } from "@x/rtsp-stream";`],
  [
    "test/live/stream/a.ts",
    `import { a } from "../../support/a.ts"; import { t } from "../../../mod.ts";`,
  ],
  ["ffi/load/mod.ts", `if (found !== release.majors[library]) f(); const m = x >>> 16;`],
  ["ffi/mod.ts", `const text = \`\${version >>> 16}.\${(version >>> 8) & 0xff}\`;`],
  ["src/av/a.ts", `const majors: Readonly<Record<string, number>> = {};`],
  ["src/av/a.ts", `memory.readPointer(streams, 8 * index); memory.writeI32(at, L.width, 640);`],
  ["src/av/a.ts", `if (state === "connecting") readSome(bytes, 4096);`],
  ["src/av/a.ts", `const { symbols, memory, layout: { AVFrame } } = this.#libav;`],
  ["src/worker/a.ts", `const table = new SlotTable(control.memory, message.memory.byteLength);`],
  ["src/worker/a.ts", `const { memory } = message; const { version } = libav; f({ memory });`],
  ["src/cli/a.ts", `const layout = { columns: 2 }; draw(layout.columns);`],
];

for (const [file, source] of ALLOWED) {
  test(`${file} may say: ${source.replaceAll("\n", " ")}`, () => {
    assertEquals(breachesOf(new Map([[file, source]])), []);
  });
}

test("a package for one file only is a breach in two", () => {
  const source = `import { getLogger } from "@logtape/logtape";`;
  const found = breachesOf(
    new Map([["src/lifecycle/a.ts", source], ["src/lifecycle/b.ts", source]]),
  );
  assertEquals(found.length, 1);
  assert(found[0]!.startsWith("src/lifecycle/a.ts, src/lifecycle/b.ts all import"), found[0]);
});

test("the way from the main thread to a worker's file is found through other files", () => {
  const found = breachesOf(
    new Map([
      ["src/stream/a.ts", `import { a } from "../thread/a.ts";`],
      ["src/thread/a.ts", `import type { A } from "./b.ts";`],
      ["src/thread/b.ts", `export type { A } from "../av/frame.ts";`],
      ["src/av/frame.ts", ``],
    ]),
  );
  const way = "src/stream/a.ts -> src/thread/a.ts -> src/thread/b.ts -> src/av/frame.ts";
  assert(found.some((breach) => breach.endsWith(way)), found.join("; "));
});

test("imports of every form are seen, over lines and with types", () => {
  const source = `
    import a from "./a.ts";
    import { b,
      type c } from './b.ts';
    import * as d from "./d.ts";
    import type { E } from "./e.ts";
    import "./f.ts";
    export { g } from "./g.ts";
    export * from "./h.ts";
    export type * as i from "./i.ts";
    const j = await import("./j.ts");
    import k, { l } from "./k.ts";
    // import m from "./m.ts";
    const from = "./n.ts";
  `;
  const names = specifiersOf(source).map((name) => name.slice(2, 3)).sort().join("");
  assertEquals(names, "abdefghijk");
});

test("comments are taken out and strings that look like them are not", () => {
  const source = `const a = "http://x"; // gone\nconst b = /* gone */ '/* stays */';`;
  assertEquals(withoutComments(source), `const a = "http://x";  \nconst b =   '/* stays */';`);
});

test("no room and no rule is listed twice", () => {
  const names = [...ROOMS.map(({ name }) => name), ...WORD_RULES.map(({ name }) => name)];
  assertEquals(new Set(names).size, names.length);
});
