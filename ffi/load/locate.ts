/**
 * Where FFmpeg's shared libraries may lie, per operating system. Nothing here asks the system
 * but through `Surroundings`.
 *
 * The working directory is never among them: anybody may have put a library there.
 *
 * @module
 */

import type { Platform } from "../backend/types.ts";
import { RELEASES } from "./releases.ts";
import type { Surroundings } from "./surroundings.ts";

/** The environment variable that names the one directory to take the libraries from. */
export const DIRECTORY_VARIABLE = "RTSP_STREAM_LIBAV";

/** `9`, `8` and so on, as versioned packages are called. */
const GENERATIONS = [...new Set(RELEASES.map(({ name }) => name.split(".")[0]!))];

/** Homebrew's prefixes: Apple silicon, Intel, Linux. */
const HOMEBREW = ["/opt/homebrew", "/usr/local"];
const LINUXBREW = "/home/linuxbrew/.linuxbrew";
/** Homebrew's formula, and its keg-only ones, which it does not link into `lib`. */
const KEGS = ["ffmpeg", "ffmpeg-full", ...GENERATIONS.map((one) => `ffmpeg@${one}`)];
/** MacPorts' prefix, and its ports that have one of their own. */
const MACPORTS = "/opt/local";
const PORTS = GENERATIONS.map((one) => `ffmpeg${one}`);

/** Debian's multiarch directories, by the runtimes' names of processors. */
const MULTIARCH: Readonly<Record<string, string>> = {
  x86_64: "x86_64-linux-gnu",
  aarch64: "aarch64-linux-gnu",
  riscv64: "riscv64-linux-gnu",
  loong64: "loongarch64-linux-gnu",
  ppc64: "powerpc64le-linux-gnu",
  s390x: "s390x-linux-gnu",
};

/** Debian's directories for processors that no runtime here is for. */
const MULTIARCH_NARROW = ["arm-linux-gnueabihf", "arm-linux-gnueabi", "i386-linux-gnu"];

/** Variables that tell of places, beside `DIRECTORY_VARIABLE`. */
export const PLACE_VARIABLES: Readonly<Partial<Record<Platform["os"], readonly string[]>>> = {
  linux: ["CONDA_PREFIX", "HOME", "NIX_LDFLAGS", "NIX_PROFILES", "PATH"],
  darwin: ["CONDA_PREFIX", "HOME", "NIX_LDFLAGS", "NIX_PROFILES", "PATH"],
  freebsd: ["CONDA_PREFIX", "PATH"],
  windows: [
    ...["CONDA_PREFIX", "ChocolateyInstall", "LOCALAPPDATA", "PATH", "ProgramData"],
    ...["ProgramFiles", "SCOOP", "USERPROFILE"],
  ],
};

/**
 * The directories that the system and its package managers have libraries in, best first; `""`
 * leaves the search to the system's loader, where that never looks into the working directory:
 * on macOS and Windows it does (dyld(1), "Dynamic-link library search order").
 */
export function systemDirectories(surroundings: Surroundings): readonly string[] {
  const { os, arch } = surroundings.platform;
  switch (os) {
    case "darwin":
      return [
        ...HOMEBREW.flatMap(homebrewDirectories),
        `${MACPORTS}/lib`,
        ...PORTS.map((port) => `${MACPORTS}/libexec/${port}/lib`),
        "/usr/lib",
      ];
    case "windows":
      return safe(windowsDirectories(surroundings), surroundings);
    case "freebsd":
      return ["", "/usr/local/lib"];
    default:
      return [
        "",
        "/usr/local/lib",
        ...(MULTIARCH[arch] ? [`/usr/lib/${MULTIARCH[arch]}`] : []),
        "/usr/lib",
        "/usr/lib64",
        "/lib",
        ...homebrewDirectories(LINUXBREW),
        "/run/current-system/sw/lib",
      ];
  }
}

/**
 * The directories that the environment names, best first: those of an environment that is
 * active, those of the `ffmpeg` command, and those of programs that bring FFmpeg for themselves.
 */
export function environmentDirectories(surroundings: Surroundings): readonly string[] {
  const { os, arch } = surroundings.platform;
  const conda = surroundings.env("CONDA_PREFIX");
  const directories = os === "windows"
    ? [...(conda ? [`${conda}\\Library\\bin`] : []), ...windowsCommands(surroundings)]
    : [
      ...(conda ? [`${conda}/lib`] : []),
      ...nixDirectories(surroundings),
      ...commandDirectories(surroundings),
    ];
  if (os === "linux") {
    directories.push("/usr/lib/jellyfin-ffmpeg/lib", "/snap/ffmpeg/current/usr/lib");
    if (MULTIARCH[arch]) directories.push(`/snap/ffmpeg/current/usr/lib/${MULTIARCH[arch]}`);
  }
  return safe(directories, surroundings);
}

/**
 * Where a system of several processors has the libraries for the others: they cannot be loaded,
 * but an error may say that they are there.
 */
export function foreignDirectories({ os, arch }: Platform): readonly string[] {
  if (os !== "linux") return [];
  const others = Object.values(MULTIARCH).filter((triplet) => triplet !== MULTIARCH[arch]);
  return [...others, ...MULTIARCH_NARROW].map((triplet) => `/usr/lib/${triplet}`);
}

function homebrewDirectories(prefix: string): readonly string[] {
  return [`${prefix}/lib`, ...KEGS.map((keg) => `${prefix}/opt/${keg}/lib`)];
}

/** Nix profiles have only what was installed as `ffmpeg.lib`; a shell names what it links with. */
function nixDirectories({ env }: Surroundings): readonly string[] {
  const home = env("HOME");
  const linked = [...(env("NIX_LDFLAGS") ?? "").matchAll(/(?:^|\s)-L\s*(\S+)/g)];
  const profiles = (env("NIX_PROFILES") ?? "").split(/\s+/).filter((profile) => profile !== "");
  return [
    ...linked.map(([, directory]) => directory!).filter((one) => /ffmpeg/i.test(one)),
    // The one that counts most is the last.
    ...profiles.reverse().map((profile) => `${profile}/lib`),
    ...(home ? [`${home}/.nix-profile/lib`, `${home}/.local/state/nix/profile/lib`] : []),
    "/nix/var/nix/profiles/default/lib",
  ];
}

/** Those of the usual places around each `ffmpeg` in PATH that are there. */
function commandDirectories(surroundings: Surroundings): readonly string[] {
  const { env, kind, realPath, runPath, isWorkingDirectory } = surroundings;
  const directories: string[] = [];
  for (const entry of (env("PATH") ?? "").split(":")) {
    const command = `${entry}/ffmpeg`;
    if (!isPlain(entry) || kind(command) !== "file") continue;
    const real = realPath(command) ?? command;
    const own = parentOf(real);
    directories.push(...runPath(real, own));
    for (const bin of new Set([parentOf(command), own])) {
      directories.push(`${parentOf(bin)}/lib`, `${parentOf(bin)}/lib64`, bin);
      if (!isWorkingDirectory(bin)) directories.push(`${bin}/lib`);
    }
  }
  return directories.filter((directory) => kind(directory) !== "nothing");
}

/** Absolute, so that its parent is the one in its name and the working directory is no part of it. */
function isPlain(path: string): boolean {
  return isUnixAbsolute(path) && !path.split("/").some((part) => part === "." || part === "..");
}

/** Some of those in /proc are other names of the working directory. */
function isUnixAbsolute(path: string): boolean {
  return path.startsWith("/") && !path.startsWith("/proc/");
}

function parentOf(path: string): string {
  return path.replace(/\/+[^/]*\/*$/, "");
}

function windowsDirectories({ env, names }: Surroundings): readonly string[] {
  const [home, data] = [env("USERPROFILE"), env("ProgramData") ?? "C:\\ProgramData"];
  const programs = env("ProgramFiles") ?? "C:\\Program Files";
  const scoops = [env("SCOOP") ?? (home && `${home}\\scoop`), `${data}\\scoop`];
  const chocolatey = env("ChocolateyInstall") ?? `${data}\\chocolatey`;
  const winget = [
    ...(env("LOCALAPPDATA") ? [`${env("LOCALAPPDATA")}\\Microsoft\\WinGet\\Packages`] : []),
    `${programs}\\WinGet\\Packages`,
  ];
  /** What an archive was unpacked to has the version in its name. */
  const unpacked = (directory: string) =>
    names(directory).map((one) => `${directory}\\${one}\\bin`);
  return [
    ...windowsPath(env("PATH")),
    "C:\\ffmpeg\\bin",
    `${programs}\\ffmpeg\\bin`,
    ...winget.flatMap((packages) => {
      const shared = names(packages).filter((one) => /FFmpeg.*Shared/i.test(one));
      return shared.flatMap((one) => unpacked(`${packages}\\${one}`));
    }),
    ...scoops.flatMap((root) => root ? [`${root}\\apps\\ffmpeg-shared\\current\\bin`] : []),
    ...unpacked(`${chocolatey}\\lib\\ffmpeg-shared\\tools`),
  ];
}

function windowsPath(path = ""): readonly string[] {
  return path.split(";").filter(isWindowsAbsolute);
}

/** Not those of other machines, nor those that depend on the current drive. */
function isWindowsAbsolute(path: string): boolean {
  return /^[A-Za-z]:[\\/]/.test(path);
}

/** Where the `ffmpeg.exe` of a directory in PATH is only a link or one of Scoop's shims. */
function windowsCommands({ env, realPath, text }: Surroundings): readonly string[] {
  return windowsPath(env("PATH")).flatMap((entry) => {
    const shim = /^\s*path\s*=\s*"?([^"\r\n]+)/m.exec(text(`${entry}\\ffmpeg.shim`) ?? "")?.[1];
    const real = shim ?? realPath(`${entry}\\ffmpeg.exe`);
    return real ? [real.replace(/[\\/][^\\/]*$/, "")] : [];
  });
}

/**
 * What is absolute and not the working directory, each once. The working directory may be meant
 * by any variable: by accident, or because somebody wants a library of theirs to be loaded.
 */
function safe(directories: readonly string[], surroundings: Surroundings): readonly string[] {
  const { platform, isWorkingDirectory } = surroundings;
  const isAbsolute = platform.os === "windows" ? isWindowsAbsolute : isUnixAbsolute;
  return [...new Set(directories)].filter((one) => isAbsolute(one) && !isWorkingDirectory(one));
}
