/** FFmpeg 6.1, which no suite of Debian has: the libraries that a wheel of PyAV brings. */

import { mkdir, readdir, symlink } from "node:fs/promises";
import { arch } from "node:os";
import { join } from "node:path";
import { output } from "../support/command.ts";
import { made } from "./made.ts";

const WHEEL = "av==12.3.0";
const MACHINES: Record<string, string> = { x64: "x86_64", arm64: "aarch64" };

/** `packages`: the libraries that are wanted, by the names of Debian's packages. */
export function makeWheel(directory: string, packages: readonly string[]): Promise<string> {
  return made(directory, { WHEEL, packages }, async (draft) => {
    console.log(`Fetching ${WHEEL}`);
    await mkdir(draft, { recursive: true });
    await download(draft);
    const [wheel] = await readdir(draft);
    await output(
      "the wheel",
      "/usr/bin/python3",
      "-m",
      "zipfile",
      "-e",
      join(draft, wheel!),
      draft,
    );
    const files = await readdir(join(draft, "av.libs"));
    for (const name of packages) {
      // libavutil58: libavutil-d2f6c3c3.so.58.29.100
      const [, library, major] = name.match(/^(.*?)(\d+)$/) ?? [];
      const pattern = new RegExp(`^${library}-\\w+\\.so\\.${major}\\.`);
      const file = files.find((candidate) => pattern.test(candidate));
      if (!file) throw new Error(`${WHEEL} has no ${name}`);
      await symlink(join("av.libs", file), join(draft, `${library}.so.${major}`));
    }
  });
}

export function wheelEnvironment(directory: string): Record<string, string> {
  // They know each other by name only: Python finds them by the path in its own module.
  return { RTSP_STREAM_LIBAV: directory, LD_LIBRARY_PATH: join(directory, "av.libs") };
}

function download(directory: string): Promise<string> {
  const platform = `manylinux2014_${MACHINES[arch()]}`;
  return output(
    `no ${WHEEL}`,
    ...["/usr/bin/python3", "-m", "pip", "download", "--quiet", "--no-deps"] as const,
    // Its Python does not matter: only the libraries are used.
    ...["--only-binary=:all:", "--python-version=3.11", `--platform=${platform}`],
    ...["--disable-pip-version-check", "--dest", directory, WHEEL],
  );
}
