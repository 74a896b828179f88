/**
 * What Bun and Node tell of the process in the same way: by the global `process`.
 *
 * @module
 */

import type { FfiBackend, Platform } from "./types.ts";

/** The part of it that is used, declared here because Deno checks this file too. */
export interface HostProcess {
  readonly platform: string;
  readonly arch: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly env: Record<string, string | undefined>;
  /** An import would be in the module graph, where other runtimes cannot resolve it. */
  getBuiltinModule(name: "node:fs"): { readFileSync(path: string, encoding: "utf8"): string };
  getBuiltinModule(name: string): unknown;
}

const OS: Record<string, Platform["os"]> = {
  linux: "linux",
  android: "linux",
  darwin: "darwin",
  win32: "windows",
  freebsd: "freebsd",
};

/** The names that Deno, compilers and Debian's file names use. */
const ARCH: Record<string, string> = { x64: "x86_64", arm64: "aarch64" };

export function hostProcess(): HostProcess {
  return (globalThis as unknown as { process: HostProcess }).process;
}

/** The part of a backend that is no native call. */
export abstract class HostBackend
  implements Pick<FfiBackend, "platform" | "env" | "missingEnvFlag" | "fileText"> {
  readonly platform: Platform;
  protected readonly process: HostProcess;

  protected constructor(process: HostProcess) {
    this.process = process;
    this.platform = {
      os: OS[process.platform] ?? "other",
      arch: ARCH[process.arch] ?? process.arch,
    };
  }

  env(name: string): string | undefined {
    return this.process.env[name];
  }

  missingEnvFlag(): undefined {
    // Bun has no permissions, and those of Node say nothing of variables.
    return undefined;
  }

  fileText(path: string): string | undefined {
    try {
      return this.process.getBuiltinModule("node:fs").readFileSync(path, "utf8");
    } catch {
      return undefined;
    }
  }
}
