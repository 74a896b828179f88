/**
 * Where FFmpeg's shared libraries may lie, per operating system.
 *
 * @module
 */

import type { Platform } from "../backend/types.ts";
import type { LibraryName } from "../symbols/mod.ts";

/** The environment variable that names the one directory to take the libraries from. */
export const DIRECTORY_VARIABLE = "RTSP_STREAM_LIBAV";

/** The file name that carries the major version, which is the ABI. */
export function libraryFile(
  library: LibraryName,
  major: number,
  os: Platform["os"],
): string {
  if (os === "windows") return `${library}-${major}.dll`;
  if (os === "darwin") return `lib${library}.${major}.dylib`;
  return `lib${library}.so.${major}`;
}

/** What the environment says of places. */
export interface Places {
  /** The value of `RTSP_STREAM_LIBAV`. */
  readonly override?: string | undefined;
  /** On Windows: `USERPROFILE`. */
  readonly home?: string | undefined;
  /** On Windows: `PATH`. */
  readonly path?: string | undefined;
}

/**
 * Directories to look in, best first; `""` leaves the search to the system's
 * loader, where that never looks into the working directory: on macOS and Windows it does
 * (dyld(1), "Dynamic-link library search order"). An override is the only place when it is given.
 */
export function searchDirectories(
  platform: Platform,
  { override, home, path = "" }: Places = {},
): readonly string[] {
  if (override) return [override];
  switch (platform.os) {
    case "darwin":
      return ["/opt/homebrew/lib", "/usr/local/lib", "/opt/local/lib", "/usr/lib"];
    case "windows":
      return [
        ...new Set([
          ...path.split(";").filter((entry) => /^[A-Za-z]:\\/.test(entry)),
          "C:\\ffmpeg\\bin",
          "C:\\Program Files\\ffmpeg\\bin",
          ...(home ? [`${home}\\scoop\\apps\\ffmpeg-shared\\current\\bin`] : []),
        ]),
      ];
    case "freebsd":
      return ["", "/usr/local/lib"];
    default:
      return [
        "",
        "/usr/local/lib",
        "/usr/lib",
        "/usr/lib64",
        "/home/linuxbrew/.linuxbrew/lib",
        "/run/current-system/sw/lib",
        "/snap/ffmpeg/current/usr/lib",
      ];
  }
}

/** A directory and a file name joined in the system's way. */
export function libraryPath(directory: string, file: string, os: Platform["os"]): string {
  if (directory === "") return file;
  const separator = os === "windows" ? "\\" : "/";
  return directory.endsWith(separator) ? directory + file : directory + separator + file;
}

/** Says which Linux this is: os-release(5). */
export const DISTRIBUTION_FILE = "/etc/os-release";

/** What installs the libraries, by the distribution's ID; those that are like it say so. */
const INSTALL: readonly { command: string; ids: readonly string[]; names: string }[] = [
  { command: "apt install ffmpeg", ids: ["debian", "ubuntu"], names: "Debian, Ubuntu" },
  { command: "dnf install ffmpeg-free", ids: ["fedora"], names: "Fedora" },
  { command: "apk add ffmpeg-libs", ids: ["alpine"], names: "Alpine" },
  { command: "pacman -S ffmpeg", ids: ["arch"], names: "Arch" },
];

/**
 * How to install FFmpeg's libraries.
 *
 * @param distribution the text of `DISTRIBUTION_FILE`; without it the commands of several
 * distributions are named
 */
export function installAdvice(os: Platform["os"], distribution = ""): string {
  switch (os) {
    case "darwin":
      return "brew install ffmpeg";
    case "windows":
      return "winget install Gyan.FFmpeg.Shared";
    case "freebsd":
      return "pkg install ffmpeg";
    default: {
      const ids = [...distribution.matchAll(/^ID(?:_LIKE)?=(.*)$/gm)]
        .flatMap(([, value]) => value!.replace(/["']/g, "").split(" "));
      const own = INSTALL.find((one) => one.ids.some((id) => ids.includes(id)));
      const all = INSTALL.map(({ command, names }) => `${command} (${names})`);
      return own?.command ?? [...all, "brew install ffmpeg (Homebrew)"].join(", ");
    }
  }
}
