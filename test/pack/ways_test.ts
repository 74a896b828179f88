/** A program reads a camera in each form of the package, in the runtime of this test. */

import { assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { cp, realpath, stat } from "node:fs/promises";
import { basename } from "node:path";
import { after, test } from "node:test";
import { startCamera } from "../support/camera.ts";
import { running } from "../support/runtimes.ts";
import { Packed, type Project } from "./packed.ts";
import { type Form, type Row, ROWS, type Way, waysOf } from "./ways.ts";

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

function program(form: Form): string {
  const entry = form === "sources" ? `./${SOURCES}/mod.ts` : "@x/rtsp-stream";
  // A module of CommonJS cannot wait at its top.
  return `
import process from "node:process";
import { VideoStream } from "${entry}";
async function main() {
  await using stream = new VideoStream(process.argv.at(-1)!);
  const { width, height, data } = await stream.next();
  console.log(navigator.userAgent, width, height, data.length);
}
main();
`;
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
      await project.write("program.ts", program(form));
      for (const [name, text] of Object.entries(way.files ?? {})) await project.write(name, text);
      for (const [command, ...args] of way.make) await project.run(command, ...args);
      const place = await alone(project, row, form, way);
      await using camera = await startCamera({ width: 320, height: 180, keyInterval: 5 });
      const [command, ...args] = way.run;
      const [agent, ...read] = (await place.run(command, ...args, camera.url)).split(" ");
      assertEquals(read, ["320", "180", "172800\n"]);
      assertStringIncludes(agent!, row.agent);
      await assertAdds(place, row, way);
    });
  }
}
