/** Carries out a Dockerfile's steps in roots of Debian, for there may be no container engine. */

import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { output } from "../../support/command.ts";
import { isSent, parseDockerfile, type Stage, type Step } from "./dockerfile.ts";
import { addProgram } from "./official_images.ts";
import { containedIn } from "./container.ts";

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** A root, and how its command is run. */
export interface Image {
  readonly root: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly user: string;
}

export interface BuilderOptions {
  /** Where roots are made. */
  readonly directory: string;
  /** The root that the image of Debian stands for. */
  readonly base: string;
  /** The image of Debian. */
  readonly baseImage: string;
  /** For the commands of all steps, beside what the file sets. */
  readonly env: Readonly<Record<string, string>>;
}

export class Builder {
  readonly #options: BuilderOptions;
  /** Roots by the steps that made them: files that begin alike are built alike. */
  readonly #layers = new Map<string, string>();

  constructor(options: BuilderOptions) {
    this.#options = options;
  }

  /** Builds the last stage of the file and those that it needs. */
  async build(file: string): Promise<Image> {
    const stages = parseDockerfile(await readFile(file, "utf8"));
    const made = new Map<string, Image>();
    for (const stage of stages) {
      const image = await this.#buildStage(stage, dirname(file), made);
      if (stage.name === undefined) return image;
      made.set(stage.name, image);
    }
    throw new Error(`${file}: the last stage has a name`);
  }

  async #buildStage(
    { image: from, steps }: Stage,
    context: string,
    made: ReadonlyMap<string, Image>,
  ): Promise<Image> {
    let root = await this.#copy(this.#options.base);
    if (from !== this.#options.baseImage) await addProgram(root, from);
    let image: Image = { root, command: [], env: { PATH }, directory: "/", user: "root" };
    let isPlain = true;
    for (const [index, step] of steps.entries()) {
      if (isPlain && step.name === "RUN") {
        // Of nothing but the image and commands: files of the context are not looked at.
        root = await this.#layer(JSON.stringify([from, steps.slice(0, index + 1)]), image, step);
        image = { ...image, root };
        continue;
      }
      isPlain &&= step.name !== "COPY";
      image = await this.#take(step, image, context, made);
    }
    return image;
  }

  async #layer(key: string, image: Image, step: Step): Promise<string> {
    const known = this.#layers.get(key);
    if (known !== undefined) {
      await rm(image.root, { recursive: true });
      return this.#copy(known);
    }
    await this.#run(step, image);
    this.#layers.set(key, await this.#copy(image.root));
    return image.root;
  }

  async #take(
    step: Step,
    image: Image,
    context: string,
    made: ReadonlyMap<string, Image>,
  ): Promise<Image> {
    const { name, words } = step;
    switch (name) {
      case "RUN":
        await this.#run(step, image);
        return image;
      case "COPY":
        await copyInto(step, image, context, made);
        return image;
      case "WORKDIR":
        await mkdir(join(image.root, words[0]!), { recursive: true });
        return { ...image, directory: words[0]! };
      case "ENV":
        return { ...image, env: { ...image.env, ...variables(words) } };
      case "USER":
        return { ...image, user: await userOf(image.root, words[0]!) };
      case "CMD":
        return { ...image, command: shellOf(step) };
      default:
        throw new Error(`${name} ${words.join(" ")}: this step is not known here`);
    }
  }

  async #run(step: Step, image: Image): Promise<void> {
    const env = { ...this.#options.env, ...image.env };
    const [program, ...args] = containedIn({ ...image, env, command: shellOf(step) });
    await output(`RUN ${step.words.join(" ")}`, program!, ...args);
  }

  async #copy(root: string): Promise<string> {
    const copy = join(await mkdtemp(join(this.#options.directory, "root-")), "root");
    await output("a copy", "cp", "--archive", "--reflink=auto", root, copy);
    return copy;
  }
}

function shellOf({ form, words }: Step): readonly string[] {
  return form === "shell" ? ["/bin/sh", "-c", words[0]!] : words;
}

/** `a=b c="d"`, as `ENV` has them. */
function variables(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(words.map((word) => {
    const [, name, value] = word.match(/^(\w+)=(?:"(.*)"|(.*))$/) ?? [];
    if (name === undefined) throw new Error(`ENV ${word}`);
    return [name, value ?? word.slice(name.length + 1)];
  }));
}

/** The numbers of a user and its group. */
async function userOf(root: string, name: string): Promise<string> {
  const passwd = await readFile(join(root, "etc/passwd"), "utf8");
  const [, , user, group] = passwd.split("\n").find((line) => line.startsWith(`${name}:`))
    ?.split(":") ?? [];
  if (user === undefined) throw new Error(`USER ${name}: there is none`);
  return `${user}:${group}`;
}

/** Files of the context, where they are sent to a builder, or of another stage. */
async function copyInto(
  { flags, words }: Step,
  { root, directory }: Image,
  context: string,
  made: ReadonlyMap<string, Image>,
): Promise<void> {
  const [sources, to] = [words.slice(0, -1), words.at(-1)!];
  const target = join(root, to.startsWith("/") ? to : join(directory, to));
  const stage = flags.from === undefined ? undefined : made.get(flags.from);
  if (flags.from !== undefined && !stage) throw new Error(`COPY --from=${flags.from}`);
  const ignored = await readFile(join(context, ".dockerignore"), "utf8").catch(() => "");
  for (const source of sources) {
    if (!stage && !isSent(ignored, source)) throw new Error(`COPY ${source}: it is ignored`);
    const path = to.endsWith("/") ? join(target, basename(source)) : target;
    await mkdir(dirname(path), { recursive: true });
    await cp(join(stage?.root ?? context, source), path, {
      recursive: true,
      verbatimSymlinks: true,
    });
  }
}
