/** Projects that have installed the packed forms, as a user's has. */

import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { makeJsrForm } from "../../pack/jsr_form.ts";
import { makeNpmForm } from "../../pack/npm_form.ts";
import { ROOT } from "../../pack/sources.ts";
import { Child } from "../support/child.ts";

/** Of a project, in front of what this repository has installed for all. */
const COMMANDS = "node_modules/.bin";

/** Both forms, made of the sources as they are now, and a project of its own for each use. */
export class Packed implements AsyncDisposable {
  readonly #directory: string;
  /** The unpacked JSR form. */
  readonly jsr: string;
  /** The packed npm form. */
  readonly npm: string;

  private constructor(directory: string, jsr: string, npm: string) {
    this.#directory = directory;
    this.jsr = jsr;
    this.npm = npm;
  }

  static async make(): Promise<Packed> {
    const directory = await mkdtemp(join(tmpdir(), "rtsp-stream-packed-"));
    return new Packed(directory, await makeJsrForm(directory), await makeNpmForm(directory));
  }

  /** An empty project that has installed the npm form, and other packages of npm. */
  async project(name: string, ...others: readonly string[]): Promise<Project> {
    const project = new Project(join(this.#directory, name));
    await mkdir(project.directory, { recursive: true });
    await project.write("package.json", JSON.stringify({ type: "module", private: true }));
    await project.run("npm", "i", "--no-audit", "--no-fund", this.npm, ...others);
    return project;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }
}

function commandsOf(directory: string): string {
  return [join(directory, COMMANDS), join(ROOT, COMMANDS), process.env.PATH].join(":");
}

export class Project {
  readonly directory: string;
  /** Where its commands are looked for. */
  readonly #path: string;

  constructor(directory: string, path: string = commandsOf(directory)) {
    this.directory = directory;
    this.#path = path;
  }

  /** Another directory beside this one, empty, with the same commands. */
  async neighbour(name: string): Promise<Project> {
    const project = new Project(join(dirname(this.directory), name), this.#path);
    await project.write("package.json", JSON.stringify({ type: "module", private: true }));
    return project;
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  async write(name: string, text: string): Promise<void> {
    await mkdir(dirname(this.path(name)), { recursive: true });
    await writeFile(this.path(name), text);
  }

  /** A program of the repository's examples. */
  async example(name: string): Promise<string> {
    await copyFile(join(ROOT, "examples", name), this.path(name));
    return name;
  }

  /** What a command that succeeds prints. */
  async run(command: string, ...args: readonly string[]): Promise<string> {
    await using child = new Child(command, args, {
      cwd: this.directory,
      env: { PATH: this.#path, NO_COLOR: "1" },
    });
    const { code, signal } = await child.exited;
    if (code === 0) return child.stdout;
    const said = `${child.stdout}\n${child.stderr}`.trim();
    throw new Error(`${[command, ...args].join(" ")}: ${signal ?? code}\n${said}`);
  }
}
