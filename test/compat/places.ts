/** Where each release of FFmpeg is taken from. */

import { join } from "node:path";
import { RELEASES } from "../../ffi/load/releases.ts";
import { Child } from "../support/child.ts";
import { entering, librariesIn, makeRoot } from "./root.ts";
import { makeWheel, wheelEnvironment } from "./wheel.ts";

/** How a program is run where one release is. */
export interface Place {
  readonly release: string;
  /** Where the libraries come from, for the reader of the table. */
  readonly source: string;
  /** The words before the program's own. */
  readonly prefix: readonly string[];
  /** Where the libraries are, unless they are found by themselves. */
  readonly env: Readonly<Record<string, string>>;
}

/** Debian's suite that has it, newest first; "wheel" is a package of Python's. */
export const SOURCES: Readonly<Record<string, string>> = {
  "9.0": "sid",
  "8.1": "sid",
  "7.1": "trixie",
  "6.1": "wheel",
  "5.1": "bookworm",
  "4.3": "bullseye",
};

/** Debian's packages of a release's libraries. */
function packagesOf(release: string): string[] {
  const majors = RELEASES.find(({ name }) => name === release)?.majors;
  if (!majors) throw new Error(`ffi/load/releases.ts has no release ${release}`);
  return Object.entries(majors).map(([library, major]) => `lib${library}${major}`);
}

/** The release that this machine's loader finds: the newest of those that are installed. */
async function releaseHere(): Promise<string | undefined> {
  const loader = new Child("ldconfig", ["-p"]);
  await loader.exited;
  const found = RELEASES.find(({ majors }) =>
    loader.stdout.includes(`libavformat.so.${majors.avformat} `)
  );
  return found?.name;
}

/** Makes what is missing; all at once, for most of the time is spent on the network. */
export async function preparePlaces(releases: readonly string[], cache: string): Promise<Place[]> {
  const here = await releaseHere();
  const away = releases.filter((release) => release !== here);
  const suites = [...new Set(away.map((release) => SOURCES[release]))];
  const made = suites.map(async (suite): Promise<[string, string]> => {
    const directory = join(cache, suite!);
    if (suite === "wheel") return [suite, await makeWheel(directory, packagesOf("6.1"))];
    // All releases of the suite, so that the root does not depend on which are asked for.
    const all = Object.keys(SOURCES).filter((release) => SOURCES[release] === suite);
    const packages = Object.fromEntries(all.map((release) => [release, packagesOf(release)]));
    return [suite!, await makeRoot(directory, suite!, packages)];
  });
  const directories = new Map(await Promise.all(made));
  return releases.map((release): Place => {
    const source = release === here ? "this system" : SOURCES[release]!;
    const directory = directories.get(source);
    if (directory === undefined) return { release, source, prefix: [], env: {} };
    if (source === "wheel") {
      return { release, source, prefix: [], env: wheelEnvironment(directory) };
    }
    const newest = Object.keys(SOURCES).find((name) => SOURCES[name] === source) === release;
    const env: Place["env"] = newest ? {} : { RTSP_STREAM_LIBAV: librariesIn(release) };
    return { release, source, prefix: entering(directory), env };
  });
}
