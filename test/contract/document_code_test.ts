/** The code that the README and the doc comments show compiles, as strictly as the project. */

import { assertEquals, assertGreater } from "@std/assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { scriptPath } from "./child.ts";

const ROOT = scriptPath("../../", import.meta.url);
const DOCUMENTS = [
  "README.md",
  "mod.ts",
  "src/group/stream_group.ts",
  "src/stream/video_stream.ts",
  "src/writer/video_writer.ts",
];

const IMPORTS = `import { StreamGroup, VideoStream, VideoWriter } from "@x/rtsp-stream";\n`;

/** What readers have in their programs; what the code declares itself takes its place. */
const GIVEN = `
type Frame = import("@x/rtsp-stream").Frame;
type Rect = import("@x/rtsp-stream").Rect;
declare const url: string, leftUrl: string, rightUrl: string, urls: string[];
declare const stream: import("@x/rtsp-stream").VideoStream;
declare const writer: import("@x/rtsp-stream").VideoWriter;
declare class Tensor { constructor(type: "float32", data: Float32Array, shape: readonly number[]) }
declare function model(input: Tensor | Frame): Promise<Rect[]>;
declare function draw(frame: Frame): void;
declare function drawBoxes(frame: Frame, boxes: Promise<Rect[]>): Promise<void>;
declare function stereo(left: Frame, right: Frame): void;
`;

/** A module of each block. */
function programsOf(document: string): string[] {
  const text = readFileSync(join(ROOT, document), "utf8").replace(/^ *\* ?/gm, "");
  return Array.from(
    text.matchAll(/^```ts\n(.*?)^```$/gms),
    ([, code]) => `${code!.startsWith("import") ? "" : IMPORTS}${code}export {};\n`,
  );
}

/** What is wrong with each module. */
function errorsOf(modules: readonly string[]): string[][] {
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile).config,
    ts.sys,
    ROOT,
  );
  Object.assign(options, { types: ["node"], paths: { "@x/rtsp-stream": [join(ROOT, "mod.ts")] } });
  const texts = new Map([GIVEN, ...modules].map((text, at) => [join(ROOT, `code_${at}.ts`), text]));
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (path, target, ...rest) => {
    const text = texts.get(path);
    if (text === undefined) return getSourceFile(path, target, ...rest);
    return ts.createSourceFile(path, text, target);
  };
  const program = ts.createProgram([...texts.keys()], options, host);
  return [...texts.keys()].map((path) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(path)).map(({ messageText, start }) => {
      const line = texts.get(path)!.slice(start).split("\n", 1);
      return `${ts.flattenDiagnosticMessageText(messageText, "\n")}: ${line}`;
    })
  ).slice(1);
}

test("the code in the README and in doc comments compiles", () => {
  const programs = DOCUMENTS.flatMap(programsOf);
  assertGreater(programs.length, 10);
  const wrong = `const index: string = (await new VideoStream(url).next()).index;\n`;
  const [last, ...others] = errorsOf([...programs, `${IMPORTS}${wrong}export {};\n`]).reverse();
  assertEquals(others.flat(), []);
  assertEquals(last?.length, 1, "a wrong program is found to be wrong");
});
