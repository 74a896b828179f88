/**
 * The error text when no FFmpeg can be used: why, and what to do about it.
 *
 * @module
 */

import { LibavError, type LoadAttempt } from "../backend/errors.ts";
import { LIBRARIES } from "../symbols/mod.ts";
import type { InPart } from "./examine.ts";
import { DIRECTORY_VARIABLE } from "./locate.ts";
import { type Host, installAdvice, mendAdvice } from "./package_managers.ts";
import type { Age, Release } from "./releases.ts";
import { type FoundLibrary, versionText } from "./survey.ts";

/** What was looked for, and where. */
export interface Search {
  /** The system, which says how FFmpeg is installed there. */
  readonly host: Host;
  readonly releases: readonly Release[];
  /** The one directory that the user named. */
  readonly override: string | undefined;
  /** Without this flag the name of that directory cannot be read. */
  readonly missingFlag: string | undefined;
  /** Variables that may name more directories, and that may not be read. */
  readonly notRead: readonly string[];
  readonly attempts: readonly LoadAttempt[];
  /** The directories that are there, `""` for the system's loader, and those that are not. */
  readonly there: readonly string[];
  readonly absent: readonly string[];
  /** Those that have a part of what is needed. */
  readonly inPart: readonly InPart[];
}

/** The error for libraries that are not there, not of one release, or of one that is not known. */
export function refusal(found: readonly FoundLibrary[], search: Search): LibavError {
  const containers = found.filter(({ library }) => library === "avformat");
  const has = (age: Age) => containers.some((one) => one.age === age);
  if (has("newer")) return tooNew(found, search);
  if (has("older") && !has("known")) return tooOld(found, search);
  return incomplete(found, search);
}

/** One line for each file that was tried. */
export function listing(attempts: readonly LoadAttempt[]): string {
  return attempts.map(({ path, reason }) => `\n  ${path}: ${reason}`).join("");
}

function tooNew(found: readonly FoundLibrary[], search: Search): LibavError {
  const newer = found.filter(({ age }) => age === "newer");
  const release = releaseOf(newer) ?? "RELEASE";
  return unsupported(
    newer,
    search,
    `newer than ${search.releases[0]!.name}, the newest that this version knows`,
    `install one of these beside it (${installAdvice(search.host)}), or add the new one: ` +
      `./run layouts ${release} > ffi/layouts/release_${release.replaceAll(".", "_")}.ts ` +
      `in a checkout of this package, its row in ffi/load/releases.ts, and a pull request, as ` +
      `CONTRIBUTING.md says in "Adding an FFmpeg release"`,
  );
}

function tooOld(found: readonly FoundLibrary[], search: Search): LibavError {
  const older = found.filter(({ age }) => age === "older");
  const { name } = search.releases[search.releases.length - 1]!;
  return unsupported(
    older,
    search,
    `older than ${name}, the oldest that this version knows`,
    `install one of these: ${installAdvice(search.host)}`,
  );
}

function unsupported(
  found: readonly FoundLibrary[],
  search: Search,
  why: string,
  advice: string,
): LibavError {
  const version = found.find(({ ffmpeg }) => ffmpeg)?.ffmpeg;
  return new LibavError(
    "LIBAV_UNSUPPORTED",
    `Cannot use the FFmpeg${version ? ` ${version}` : ""} that was found${where(search)}: ` +
      `it is ${why}. Found: ${inventory(found)}. Known releases: ${names(search)}; ` +
      `${advice}; or set ${DIRECTORY_VARIABLE} to the directory of a known one${flag(search)}`,
    search.attempts,
  );
}

function incomplete(found: readonly FoundLibrary[], search: Search): LibavError {
  const { attempts, host, inPart, override } = search;
  const [first, ...others] = inPart;
  const files = LIBRARIES.map((library) => `lib${library}`).join(", ");
  const whole = `${files} of one release, ${names(search)}`;
  const variable = `set ${DIRECTORY_VARIABLE} to their directory${flag(search)}`;
  const lines = first
    ? [
      `FFmpeg is installed only in part in ${first.directory}` +
      `${override ? ` (${DIRECTORY_VARIABLE})` : ""}: ${first.fault}`,
      `To mend it: ${mendAdvice(host, first.directory, first.release)}`,
      `Needed are ${whole}: where you have them elsewhere, ${variable}`,
      ...others.length > 0 ? [`Also in part: ${others.map(partText).join("; ")}`] : [],
    ]
    : [
      `Cannot find FFmpeg's shared libraries${where(search)}: ${whole}` +
      (found.length > 0 ? `; there are only ${inventory(found)}` : ""),
      `Install them: ${installAdvice(host)}; or ${variable}`,
      "A static ffmpeg command is not enough: no other program can load libraries from it",
    ];
  return new LibavError("LIBAV_NOT_FOUND", [...lines, places(search)].join("\n"), attempts);
}

function partText({ directory, fault }: InPart): string {
  return `${directory} (${fault})`;
}

/** Where was looked, so that somebody who knows another place sees that it is missing. */
function places({ there, absent, notRead }: Search): string {
  const names = there.map((one) => one || "where the system's loader looks");
  const parts = [`Looked in: ${names.join(", ") || "no directory"}`];
  if (absent.length > 0) parts.push(`these are not there: ${absent.join(", ")}`);
  if (notRead.length > 0) {
    parts.push(`with --allow-env=${notRead.join(",")} also where these variables lead`);
  }
  return parts.join("; ");
}

function where({ override }: Search): string {
  return override ? ` in ${override} (${DIRECTORY_VARIABLE})` : "";
}

/** What the advice to name a directory needs as well. */
function flag({ missingFlag }: Search): string {
  return missingFlag ? ` and run with ${missingFlag}` : "";
}

function names({ releases }: Search): string {
  return releases.map(({ name }) => name).join(", ");
}

function inventory(found: readonly FoundLibrary[]): string {
  return found.map(({ path, version }) => `${path} (${versionText(version)})`).join(", ");
}

/** `"10.0"` of `"n10.0.1"`; undefined for what was built between releases. */
function releaseOf(found: readonly FoundLibrary[]): string | undefined {
  for (const { ffmpeg } of found) {
    const release = /^n?(\d+\.\d+)/.exec(ffmpeg ?? "")?.[1];
    if (release) return release;
  }
  return undefined;
}
