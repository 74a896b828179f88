/**
 * Checks the live libraries with the table of one release, its own or another, and
 * tells what `verifyLayout` makes of it as one line of JSON.
 *
 * Argument: the name of the release.
 */

import process from "node:process";
import { RELEASES } from "../../ffi/load/releases.ts";
import { LibavError, openLibav } from "../../ffi/mod.ts";
import { verifyLayout } from "../../ffi/selftest/mod.ts";

export interface Verdict {
  accepted: boolean;
  /** The refusal's code and message. */
  code?: string | undefined;
  message?: string | undefined;
}

function verdict(name: string): Verdict {
  const release = RELEASES.find((row) => row.name === name);
  if (!release) throw new Error(`no release ${name}`);
  try {
    verifyLayout({ ...openLibav(), release: release.name, layout: release.layout });
    return { accepted: true };
  } catch (error) {
    if (!(error instanceof LibavError)) throw error;
    const { code, message } = error;
    return { accepted: false, code, message };
  }
}

if (import.meta.main) console.log(JSON.stringify(verdict(process.argv[2]!)));
