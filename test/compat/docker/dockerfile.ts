/** What a Dockerfile says, as its builder reads it. */

/** A step of a stage, with its words as they are in the file. */
export interface Step {
  readonly name: string;
  readonly flags: Readonly<Record<string, string>>;
  /** Of the exec form its words; of the shell form one text; of others, what stands between blanks. */
  readonly words: readonly string[];
  readonly form: "exec" | "shell" | "words";
}

export interface Stage {
  readonly image: string;
  readonly name: string | undefined;
  readonly steps: readonly Step[];
}

/** Steps that may be in the exec form, and are given to a shell otherwise. */
const COMMANDS = ["RUN", "CMD", "ENTRYPOINT"];

/** @throws {Error} where the file has what is not known here, rather than leaving it out */
export function parseDockerfile(text: string): Stage[] {
  const stages: (Stage & { steps: Step[] })[] = [];
  for (const line of instructions(text)) {
    const step = parseStep(line);
    if (step.name === "FROM") {
      const [image = "", as, name] = step.words;
      if (as !== undefined && !(as.toUpperCase() === "AS" && name)) throw new Error(line);
      stages.push({ image, name, steps: [] });
    } else {
      const stage = stages.at(-1);
      if (!stage) throw new Error(`${step.name} stands before FROM`);
      stage.steps.push(step);
    }
  }
  if (stages.length === 0) throw new Error("There is no FROM");
  return stages;
}

/** Without comments and empty lines; lines that end with a backslash go on. */
function instructions(text: string): string[] {
  return text.split("\n")
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join("\n")
    .replace(/\\\s*\n/g, "")
    .split("\n")
    .filter((line) => line.trim() !== "");
}

function parseStep(line: string): Step {
  const [, name = "", rest = ""] = line.trim().match(/^(\w+)\s+(.*)$/) ?? [];
  const flags: Record<string, string> = {};
  const bare = rest.replace(/^(?:--[\w-]+=\S+\s+)+/, (all) => {
    for (const [, flag, value] of all.matchAll(/--([\w-]+)=(\S+)/g)) flags[flag!] = value!;
    return "";
  }).trim();
  const step = { name: name.toUpperCase(), flags };
  if (!COMMANDS.includes(step.name)) return { ...step, form: "words", words: bare.split(/\s+/) };
  if (!bare.startsWith("[")) return { ...step, form: "shell", words: [bare] };
  return { ...step, form: "exec", words: JSON.parse(bare) };
}

/** Whether a file of the directory is given to the builder: the last line that fits decides. */
export function isSent(ignoreFile: string, name: string): boolean {
  let sent = true;
  for (const line of ignoreFile.split("\n").map((line) => line.trim())) {
    if (line === "" || line.startsWith("#")) continue;
    const pattern = line.replace(/^!/, "").split("*").map(RegExp.escape).join("[^/]*");
    if (new RegExp(`^${pattern}(/|$)`).test(name)) sent = line.startsWith("!");
  }
  return sent;
}
