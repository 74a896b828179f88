/** In which runtimes and forms the package is tried. The README has the same as a table. */

import process from "node:process";
import type { RuntimeName } from "../support/runtimes.ts";

export const FORMS = ["sources", "npm form", "bundle", "one file"] as const;

export type Form = (typeof FORMS)[number];

export type Command = readonly [name: string, ...args: string[]];

/** Values of the option `rtspClient`. */
export const CLIENTS = ["libav", "own"] as const;

type Client = (typeof CLIENTS)[number];

/** How the program `program.ts` becomes what runs, and how that runs. */
export interface Way {
  /** As the table has it. */
  readonly words: string;
  readonly make: readonly Command[];
  /** Its last word is the file that runs; the camera's address follows. */
  readonly run: Command;
  /** Which clients for RTSP read the camera; default: all. */
  readonly clients?: readonly Client[];
  /** Files that the commands of `make` need. */
  readonly files?: Readonly<Record<string, string>>;
  /** Of an executable: how many bytes more than its runtime it has at most. */
  readonly adds?: number;
}

/** Or why no way is tried. */
type Cell = readonly Way[] | `not tested: ${string}`;

export interface Row {
  readonly name: string;
  /** Of its `navigator.userAgent`, the beginning. */
  readonly agent: string;
  /** Its command, and in the tests of which runtime it is tried. */
  readonly runtime: RuntimeName;
  /** What makes bundles and executables is among them. */
  readonly packages: readonly string[];
  /** Folders of `node_modules` that a program needs whatever its form is. */
  readonly beside: readonly string[];
  readonly forms: Readonly<Record<Form, Cell>>;
}

const PROGRAM = "program.ts";
const ESBUILD = "esbuild@0.28";
const LEAST = ["deno", "run", "--no-prompt", "--allow-ffi"] as const;
const NODE = ["node", "--disable-warning=ExperimentalWarning"] as const;

/** A program that runs as it is. */
function asItIs(words: string, run: Command): Way {
  return { words, make: [], run: [...run, PROGRAM] };
}

function esbuild(format: "esm" | "cjs", out: string): Command {
  return [
    "esbuild",
    PROGRAM,
    "--bundle",
    "--platform=node",
    `--format=${format}`,
    `--outfile=${out}`,
  ];
}

function byEsbuild(run: Command): Way {
  return { words: "`esbuild`", make: [esbuild("esm", "out.mjs")], run: [...run, "out.mjs"] };
}

/** Node's configuration of a program of one file. */
function oneFile(config: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { "sea.json": JSON.stringify({ ...config, disableExperimentalSEAWarning: true }) };
}

const DENO: Row = {
  name: "Deno",
  agent: "Deno/",
  runtime: "deno",
  packages: [],
  beside: [],
  forms: {
    sources: [
      {
        ...asItIs("`deno run --allow-ffi --allow-read`", [...LEAST, "--allow-read"]),
        clients: ["libav"],
      },
    ],
    "npm form": [
      { ...asItIs("`deno run --allow-ffi`", LEAST), clients: ["libav"] },
      asItIs("with `rtspClient` also `--allow-net`", [...LEAST, "--allow-net"]),
    ],
    bundle: [
      {
        words: "`deno bundle`",
        make: [["deno", "bundle", PROGRAM, "--output", "out.js"]],
        run: [...LEAST, "out.js"],
        clients: ["libav"],
      },
      {
        words: "`bun build --minify --target=node`",
        make: [["bun", "build", PROGRAM, "--target=node", "--minify", "--outfile=out.js"]],
        run: [...LEAST, "out.js"],
        clients: ["libav"],
      },
    ],
    "one file": "not tested: `deno compile` downloads a part of Deno",
  },
};

const BUN: Row = {
  name: "Bun",
  agent: "Bun/",
  runtime: "bun",
  packages: [ESBUILD],
  beside: [],
  forms: {
    sources: [asItIs("`bun`", ["bun"])],
    "npm form": [asItIs("`bun`", ["bun"])],
    bundle: [
      {
        words: "`bun build --target=bun`",
        make: [["bun", "build", PROGRAM, "--target=bun", "--outfile=out.js"]],
        run: ["bun", "out.js"],
      },
      byEsbuild(["bun"]),
    ],
    "one file": [{
      words: "`bun build --compile`",
      make: [["bun", "build", PROGRAM, "--compile", "--outfile=program"]],
      run: ["./program"],
      adds: 4_000_000,
    }],
  },
};

const NODE_26: Row = {
  name: "Node 26",
  agent: "Node.js/26",
  runtime: "node",
  packages: [ESBUILD],
  beside: [],
  forms: {
    sources: [asItIs("`node`", NODE)],
    "npm form": [asItIs("`node`", NODE)],
    bundle: [byEsbuild(NODE)],
    "one file": [{
      words: "`esbuild`, then `node --build-sea`",
      files: oneFile({ main: "out.mjs", mainFormat: "module", output: "program" }),
      make: [esbuild("esm", "out.mjs"), ["node", "--build-sea", "sea.json"]],
      run: ["./program"],
      adds: 3_000_000,
    }],
  },
};

/** What Node looks for in an executable, to know that a program is in it. */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

const NODE_24: Row = {
  name: "Node 24 and koffi",
  agent: "Node.js/24",
  runtime: "node",
  packages: [
    `node-${process.platform}-${process.arch}@24`,
    "koffi@3",
    ESBUILD,
    "postject@1.0.0-alpha.6",
  ],
  beside: ["koffi", "@koromix"],
  forms: {
    sources: [asItIs("`node`", NODE)],
    "npm form": [asItIs("`node`", NODE)],
    bundle: [byEsbuild(NODE)],
    "one file": [{
      words: "`esbuild`, then `node --experimental-sea-config` and `postject`",
      files: oneFile({ main: "out.cjs", output: "program.blob" }),
      make: [
        esbuild("cjs", "out.cjs"),
        ["node", "--experimental-sea-config", "sea.json"],
        ["sh", "-c", 'cp "$(command -v node)" program'],
        ["postject", "program", "NODE_SEA_BLOB", "program.blob", "--sentinel-fuse", FUSE],
      ],
      run: ["./program"],
      adds: 3_000_000,
    }],
  },
};

export const ROWS: readonly Row[] = [DENO, BUN, NODE_26, NODE_24];

/** How many bytes a form has at most. */
export const MOST = { npm: 400_000, sources: 1_500_000 } as const;

/** The ways of a row, each with its form. */
export function waysOf({ forms }: Row): (readonly [form: Form, way: Way])[] {
  return FORMS.flatMap((form) => {
    const cell = forms[form];
    return typeof cell === "string" ? [] : cell.map((way) => [form, way] as const);
  });
}

/** The README's table of what is tried. */
export function formsTable(): string[][] {
  const words = (cell: Cell) =>
    typeof cell === "string" ? cell : cell.map(({ words }) => words).join("; ");
  return [
    ["", ...FORMS],
    ...ROWS.map(({ name, forms }) => [name, ...FORMS.map((form) => words(forms[form]))]),
  ];
}

/** The README's table of sizes. */
export function sizesTable(): string[][] {
  const megabytes = (bytes: number) => `${bytes / 1e6} MB`;
  return [
    ["what", "less than"],
    ["the npm form, packed", `${MOST.npm / 1e3} kB`],
    ["the sources, as JSR has them", megabytes(MOST.sources)],
    ...ROWS.flatMap((row) =>
      waysOf(row).flatMap(([, { words, adds }]) =>
        adds === undefined ? [] : [[`${row.name}, ${words}: besides the runtime`, megabytes(adds)]]
      )
    ),
  ];
}
