/**
 * The commands that install FFmpeg's libraries, or mend them.
 *
 * @module
 */

import type { Platform } from "../backend/types.ts";
import { LIBRARIES, type LibraryName } from "../symbols/mod.ts";
import { foreignDirectories } from "./locate.ts";
import type { Release } from "./releases.ts";

/** Says which Linux this is: os-release(5). */
export const DISTRIBUTION_FILE = "/etc/os-release";

interface PackageManager {
  /** Installs what is not there. */
  readonly install: string;
  /** Puts all libraries of one release there again, whatever is there. */
  mend(release: Release, directory: string, host: Host): string;
  /** The directories that are its own. */
  readonly directories?: RegExp;
  /** The system that has no other one, or the IDs of Linux distributions and their names. */
  readonly os?: Platform["os"];
  readonly ids?: readonly string[];
  readonly names?: string;
}

const CONDA: PackageManager = {
  install: "conda install -c conda-forge ffmpeg",
  mend: () => "conda install -c conda-forge --force-reinstall ffmpeg",
};

/** Where people have their environments, also when none is active. */
const CONDA_DIRECTORY = /[\\/](?:mini|ana|micro)?conda\d?[\\/]|[\\/]\.pixi[\\/]/i;

/** A pattern for the name of a formula or port in a directory. */
function named(pattern: RegExp, directory: string): string {
  return pattern.exec(directory)?.[1] ?? "ffmpeg";
}

/** What Debian calls processors. */
const DEBIAN: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  aarch64: "arm64",
  riscv64: "riscv64",
};

function isForeign(directory: string, arch: string): boolean {
  return foreignDirectories({ os: "linux", arch }).includes(directory);
}

function perLibrary(name: (library: LibraryName) => string): string {
  return LIBRARIES.map(name).join(" ");
}

const MANAGERS: readonly PackageManager[] = [
  {
    install: "brew install ffmpeg",
    mend: (_, directory) => `brew reinstall ${named(/\/(?:opt|Cellar)\/(ffmpeg[^/]*)/, directory)}`,
    directories: /^\/opt\/homebrew\/|\/\.?linuxbrew\/|^\/usr\/local\/(?:opt|Cellar)\//,
    os: "darwin",
  },
  {
    install: "port install ffmpeg",
    mend: (_, directory) => `port -n upgrade --force ${named(/\/libexec\/(ffmpeg\d*)/, directory)}`,
    directories: /^\/opt\/local\//,
  },
  {
    install: "choco install ffmpeg-shared",
    mend: () => "choco install ffmpeg-shared --force",
    directories: /\\chocolatey\\/i,
  },
  {
    install: "scoop install ffmpeg-shared",
    mend: () => "scoop uninstall ffmpeg-shared; scoop install ffmpeg-shared",
    directories: /\\scoop\\/i,
  },
  {
    install: "winget install Gyan.FFmpeg.Shared",
    mend: () => "winget install --force Gyan.FFmpeg.Shared",
    os: "windows",
  },
  { install: "pkg install ffmpeg", mend: () => "pkg install -f ffmpeg", os: "freebsd" },
  {
    install: "snap install ffmpeg",
    mend: () => "snap remove ffmpeg; snap install ffmpeg",
    directories: /^\/snap\//,
  },
  {
    install: "apt install jellyfin-ffmpeg7",
    mend: ({ name }) => `apt install --reinstall jellyfin-ffmpeg${name.split(".")[0]}`,
    directories: /^\/usr\/lib\/jellyfin-ffmpeg\//,
  },
  {
    install: "nix profile install nixpkgs#ffmpeg.lib",
    mend: () => "nix-store --verify --check-contents --repair",
    directories: /^\/nix\/|\/\.nix-profile\/|\/nix\/profile|^\/run\/current-system\//,
    ids: ["nixos"],
    names: "Nix",
  },
  {
    install: "apt install ffmpeg",
    mend: ({ majors }, directory, { arch }) => {
      // Where the system is for one processor and the runtime for another.
      const own = DEBIAN[arch];
      const suffix = !own || !isForeign(directory, arch) ? "" : `:${own}`;
      return `apt install --reinstall ${perLibrary((one) => `lib${one}${majors[one]}${suffix}`)}`;
    },
    ids: ["debian", "ubuntu"],
    names: "Debian, Ubuntu",
  },
  {
    install: "dnf install ffmpeg-free",
    mend: () => {
      return `dnf install ffmpeg-free && dnf reinstall ${perLibrary((one) => `lib${one}-free`)}`;
    },
    ids: ["fedora"],
    names: "Fedora",
  },
  {
    install: "apk add ffmpeg-libs",
    mend: () => "apk add ffmpeg-libs && apk fix --reinstall --depends ffmpeg-libs",
    ids: ["alpine"],
    names: "Alpine",
  },
  { install: "pacman -S ffmpeg", mend: () => "pacman -S ffmpeg", ids: ["arch"], names: "Arch" },
];

/** Which system this is. */
export interface Host {
  readonly os: Platform["os"];
  readonly arch: string;
  /** The text of `DISTRIBUTION_FILE`. */
  readonly distribution?: string | undefined;
  /** The conda environment that is active. */
  readonly conda?: string | undefined;
}

/** How to install FFmpeg's libraries; several ways where it is not known which Linux this is. */
export function installAdvice(host: Host): string {
  const own = managerOf(host);
  if (own) return own.install;
  const all = MANAGERS.filter(({ names }) => names);
  return [
    ...all.map(({ install, names }) => `${install} (${names})`),
    "brew install ffmpeg (Homebrew)",
  ].join(", ");
}

/** The directories of a system that are its own package manager's, unless they are another's. */
const OF_SYSTEM: Readonly<Partial<Record<Platform["os"], RegExp>>> = {
  linux: /^\/(?:usr\/)?lib(?:64|\/|$)/,
  darwin: /^\/usr\/local\/lib/,
  freebsd: /^\/usr\/local\/lib/,
  windows: /\\WinGet\\/i,
};

/** How to make those of a release in a directory whole again: a command where there is one. */
export function mendAdvice(host: Host, directory: string, release: Release): string {
  const manager = ownerOf(host, directory);
  if (manager) return manager.mend(release, directory, host);
  const install = installAdvice(host);
  return OF_SYSTEM[host.os]?.test(directory)
    ? install
    : `put all libraries of one release there, or do without it and install them: ${install}`;
}

function ownerOf(host: Host, directory: string): PackageManager | undefined {
  if (host.conda && directory.startsWith(host.conda) || CONDA_DIRECTORY.test(directory)) {
    return CONDA;
  }
  return MANAGERS.find(({ directories }) => directories?.test(directory)) ??
    (OF_SYSTEM[host.os]?.test(directory) ? managerOf(host) : undefined);
}

function managerOf({ os, distribution = "" }: Host): PackageManager | undefined {
  const ids = [...distribution.matchAll(/^ID(?:_LIKE)?=(.*)$/gm)]
    .flatMap(([, value]) => value!.replace(/["']/g, "").split(" "));
  return MANAGERS.find((one) => one.os === os) ??
    MANAGERS.find((one) => one.ids?.some((id) => ids.includes(id)));
}
