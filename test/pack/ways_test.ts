/** A program reads a camera in each form of the package, in the runtime of this test. */

import { assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { cp, realpath, stat } from "node:fs/promises";
import { basename } from "node:path";
import { after, test } from "node:test";
import { startCamera } from "../support/camera.ts";
import { running } from "../support/runtimes.ts";
import { Packed, type Project } from "./packed.ts";
import { CLIENTS, type Form, type Row, ROWS, type Way, waysOf } from "./ways.ts";

const SLOW = { timeout: 180_000 };
/** The folder of the sources in the project that uses them. */
const SOURCES = "rtsp-stream";

/** Where a form leads to, and the folders of `node_modules` that the program then needs. */
const NEEDED: Readonly<Record<Form, readonly string[]>> = {
  sources: ["@logtape"],
  "npm form": ["@x", "@logtape"],
  bundle: [],
  "one file": [],
};

const packed = await Packed.make();
after(() => packed[Symbol.asyncDispose]());

/** It reads a camera with each client for RTSP. Arguments: their names, the address. */
function program(form: Form): string {
  const entry = form === "sources" ? `./${SOURCES}/mod.ts` : "@x/rtsp-stream";
  // A module of CommonJS cannot wait at its top.
  return `
import process from "node:process";
import { VideoStream } from "${entry}";
async function main() {
  console.log(navigator.userAgent);
  const url = process.argv.at(-1)!;
  for (const rtspClient of process.argv.at(-2)!.split("+")) {
    await using stream = new VideoStream(url, { rtspClient });
    const { width, height, data } = await stream.next();
    console.log(rtspClient, width, height, data.length);
  }
}
main().catch(({ code, message }) => console.log(code, message));
`;
}

async function make(project: Project, form: Form, way: Way): Promise<void> {
  await project.write("program.ts", program(form));
  for (const [name, text] of Object.entries(way.files ?? {})) await project.write(name, text);
  for (const [command, ...args] of way.make) await project.run(command, ...args);
}

/** A directory that has what the program needs in this form, and nothing else. */
async function alone(from: Project, { beside }: Row, form: Form, way: Way): Promise<Project> {
  const words = way.run.join(" ");
  const name = `${basename(from.directory)}-${form}-${words}`.replaceAll(/\W+/g, "-");
  const place = await from.neighbour(name);
  const [file] = way.run.slice(-1);
  await cp(from.path(file!), place.path(file!));
  for (const folder of [...NEEDED[form], ...beside]) {
    const path = `node_modules/${folder}`;
    await cp(from.path(path), place.path(path), { recursive: true });
  }
  if (form === "sources") await cp(packed.jsr, place.path(SOURCES), { recursive: true });
  return place;
}

function wayOf(row: Row, wanted: Form): Way {
  return waysOf(row).find(([form]) => form === wanted)![1];
}

async function assertAdds(place: Project, { runtime }: Row, { run, adds }: Way): Promise<void> {
  if (adds === undefined) return;
  const itself = (await place.run("sh", "-c", `command -v ${runtime}`)).trim();
  const [program, alone] = [place.path(run[0]), await realpath(itself)];
  assertLess((await stat(program)).size - (await stat(alone)).size, adds);
}

for (const row of ROWS.filter(({ runtime }) => runtime === running)) {
  const made = packed.project(row.name.replaceAll(/\W+/g, "-"), ...row.packages);
  for (const [form, way] of waysOf(row)) {
    test(`${row.name}, ${form}, ${way.words}: a program reads a camera`, SLOW, async () => {
      const project = await made;
      await make(project, form, way);
      const place = await alone(project, row, form, way);
      await using camera = await startCamera({ width: 320, height: 180, keyInterval: 5 });
      const { clients = CLIENTS, run: [command, ...flags] } = way;
      const args = [...flags, clients.join("+"), camera.url];
      const [agent, ...read] = (await place.run(command, ...args)).split("\n");
      assertEquals(read, [...clients.map((client) => `${client} 320 180 172800`), ""]);
      assertStringIncludes(agent!, row.agent);
      await assertAdds(place, row, way);
    });
  }
  test(`${row.name}: a bundle of the sources says which form to take`, SLOW, async () => {
    const project = await made;
    const [sources, bundle] = [wayOf(row, "sources"), wayOf(row, "bundle")];
    await cp(packed.jsr, project.path(SOURCES), { recursive: true });
    await make(project, "sources", bundle);
    const place = await alone(project, row, "bundle", bundle);
    // With the flags that sources need.
    const [command, ...args] = [...sources.run.slice(0, -1), bundle.run.at(-1)!];
    args.push("libav", "rtsp://127.0.0.1:9/none");
    const [, said] = (await place.run(command!, ...args)).split("\n");
    assertMatch(said!, /^WORKER_MISSING .*: install .* for a bundle, install its form on npm/);
  });
}
