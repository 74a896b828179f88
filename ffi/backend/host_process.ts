/**
 * What Bun and Node tell of the process in the same way: by the global `process`.
 *
 * @module
 */

import type { FfiBackend, Platform } from "./types.ts";

/** The part of `node:fs` that is used. */
interface HostFiles {
  readFileSync(path: string, encoding: "utf8"): string;
  readdirSync(path: string): readonly string[];
  realpathSync(path: string): string;
}

/** The part of it that is used, declared here because Deno checks this file too. */
export interface HostProcess {
  readonly platform: string;
  readonly arch: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly env: Record<string, string | undefined>;
  /** An import would be in the module graph, where other runtimes cannot resolve it. */
  getBuiltinModule(name: "node:fs"): HostFiles;
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
export abstract class HostBackend implements
  Pick<
    FfiBackend,
    "platform" | "env" | "missingEnvFlag" | "fileText" | "realPath" | "fileNames"
  > {
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
    return this.#read((files) => files.readFileSync(path, "utf8"));
  }

  realPath(path: string): string | undefined {
    return this.#read((files) => files.realpathSync(path));
  }

  fileNames(directory: string): readonly string[] {
    return this.#read((files) => files.readdirSync(directory)) ?? [];
  }

  #read<T>(read: (files: HostFiles) => T): T | undefined {
    try {
      return read(this.process.getBuiltinModule("node:fs"));
    } catch {
      return undefined;
    }
  }
}
