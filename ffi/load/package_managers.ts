/**
 * The commands that install FFmpeg's libraries, or mend them.
 *
 * @module
 */

import type { Platform } from "../backend/types.ts";
import { LIBRARIES, type LibraryName } from "../symbols/mod.ts";
import type { Release } from "./releases.ts";

/** Says which Linux this is: os-release(5). */
export const DISTRIBUTION_FILE = "/etc/os-release";

interface PackageManager {
  /** Installs what is not there. */
  readonly install: string;
  /** Puts all libraries of one release there again, whatever is there. */
  mend(release: Release, directory: string): string;
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

/** A pattern for the name of a formula or port in a directory. */
function named(pattern: RegExp, directory: string): string {
  return pattern.exec(directory)?.[1] ?? "ffmpeg";
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
    mend: ({ majors }) => {
      return `apt install --reinstall ${perLibrary((one) => `lib${one}${majors[one]}`)}`;
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

/** How to make those of a release in a directory whole again. */
export function mendAdvice(host: Host, directory: string, release: Release): string {
  const isConda = host.conda && directory.startsWith(host.conda);
  const manager =
    isConda || /[\\/](?:mini|ana|micro)?conda\d?[\\/]|[\\/]\.pixi[\\/]/i.test(directory)
      ? CONDA
      : MANAGERS.find(({ directories }) => directories?.test(directory)) ?? managerOf(host);
  return manager?.mend(release, directory) ?? installAdvice(host);
}

function managerOf({ os, distribution = "" }: Host): PackageManager | undefined {
  const ids = [...distribution.matchAll(/^ID(?:_LIKE)?=(.*)$/gm)]
    .flatMap(([, value]) => value!.replace(/["']/g, "").split(" "));
  return MANAGERS.find((one) => one.os === os) ??
    MANAGERS.find((one) => one.ids?.some((id) => ids.includes(id)));
}
