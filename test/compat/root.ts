/** Small Debian systems, one per suite, that hold FFmpeg's libraries and little else. */

import { chmod, copyFile, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { output } from "../support/command.ts";
import { made } from "./made.ts";
import { findMirror } from "./mirror.ts";

/** Programs of the tests, where Debian has them: in a root, they are the host's. */
const HOST_TOOLS = [
  "/usr/bin/ffmpeg",
  "/usr/bin/ffprobe",
  "/usr/bin/openssl",
  "/usr/bin/python3",
  "/usr/sbin/nginx",
];
/** What tests look for, so that they tell a host's program of it. */
const HOST_DIRECTORIES = ["/usr/lib/nginx/modules"];
/**
 * Beside libraries: tests mount small disks, where the host's programs would not see them, and
 * Node is linked with libatomic.
 */
const ROOT_TOOLS = ["mount", "libatomic1"];
/** apt in Debian's images keeps nothing that can be fetched again. */
const IMAGE_APT = [
  'APT::Keep-Downloaded-Packages "false";',
  'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };',
  'Dir::Cache::pkgcache "";',
  'Dir::Cache::srcpkgcache "";',
  'Acquire::Languages "none";',
  "",
];
const HOST = "/host";
const LIBRARIES = "/opt/ffmpeg";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const ENTER = fileURLToPath(new URL("enter.sh", import.meta.url));
const HOST_TOOL = fileURLToPath(new URL("host_tool.sh", import.meta.url));
/** With the last process of this name space its mounts are gone, and with the first one all others. */
const APART = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"];

/** The words that run a program in a root. */
export function entering(root: string): string[] {
  return ["unshare", ...APART, "sh", ENTER, root, HOST, PROJECT];
}

/** The directory in a root that has the libraries of this release only. */
export function librariesIn(release: string): string {
  return join(LIBRARIES, release);
}

/** `packages`: of each release that the root has. */
export function makeRoot(
  directory: string,
  suite: string,
  packages: Readonly<Record<string, readonly string[]>>,
): Promise<string> {
  const recipe = { suite, packages, HOST_TOOLS, HOST_DIRECTORIES, ROOT_TOOLS, version: 2 };
  return made(directory, recipe, async (draft) => {
    console.log(`Making a root of Debian's ${suite}`);
    const all = [...ROOT_TOOLS, ...Object.values(packages).flat()];
    await bootstrap(draft, suite, "essential", all);
    for (const [release, names] of Object.entries(packages)) {
      await linkLibraries(draft, release, names);
    }
    for (const tool of HOST_TOOLS) {
      await mkdir(dirname(join(draft, tool)), { recursive: true });
      await copyFile(HOST_TOOL, join(draft, tool));
      await chmod(join(draft, tool), 0o755);
    }
    await writeFile(join(draft, "etc/hosts"), "127.0.0.1 localhost\n");
    await mkdir(join(draft, HOST));
    for (const path of HOST_DIRECTORIES) {
      await mkdir(dirname(join(draft, path)), { recursive: true });
      await symlink(join(HOST, path), join(draft, path));
    }
  });
}

/** What the image `debian:SUITE-slim` has. */
export function makeBase(directory: string, suite: string): Promise<string> {
  return made(directory, { suite, IMAGE_APT, base: 1 }, async (draft) => {
    console.log(`Making a root of Debian's ${suite} with apt`);
    await bootstrap(draft, suite, "minbase", []);
    await writeFile(join(draft, "etc/apt/apt.conf.d/docker"), IMAGE_APT.join("\n"));
  });
}

async function bootstrap(
  draft: string,
  suite: string,
  variant: "essential" | "minbase",
  packages: readonly string[],
): Promise<void> {
  const { url, settings } = await findMirror();
  const apt = [
    ...settings,
    // A mirror that is a little behind, or a suite that is old; signatures are checked.
    'Acquire::Check-Valid-Until "false";',
    'Acquire::Retries "3";',
  ];
  const dpkg = [
    "force-unsafe-io",
    ...["doc", "man", "locale"].map((name) => `path-exclude=/usr/share/${name}/*`),
  ];
  await output(`no root of Debian's ${suite}`, "unshare", ...APART, "mmdebstrap", ...[
    ...["--mode=root", `--variant=${variant}`, ...packages.map((name) => `--include=${name}`)],
    ...apt.map((line) => `--aptopt=${line}`),
    ...dpkg.map((line) => `--dpkgopt=${line}`),
    ...["--", suite, draft, url],
  ]);
}

async function linkLibraries(
  draft: string,
  release: string,
  packages: readonly string[],
): Promise<void> {
  const wanted = packages.map((name) => name.replace(/\d+$/, ".so.$&"));
  const place = (await readdir(join(draft, "usr/lib"))).find((name) => name.endsWith("-linux-gnu"));
  const directory = join(draft, librariesIn(release));
  await mkdir(directory, { recursive: true });
  for (const file of wanted) {
    await symlink(join("/usr/lib", `${place}`, file), join(directory, file));
  }
}
