/** Where the libraries are looked for. */

import { assert, assertArrayIncludes, assertEquals } from "@std/assert";
import { test } from "node:test";
import { libcFiles } from "../../ffi/backend/libc_files.ts";
import type { Platform } from "../../ffi/backend/types.ts";
import { libraryFile, libraryPath } from "../../ffi/load/library_file.ts";
import {
  environmentDirectories,
  foreignDirectories,
  systemDirectories,
} from "../../ffi/load/locate.ts";
import { madeUp, type MadeUpSystem } from "./made_up_system.ts";

const FILES: readonly (readonly [Platform["os"], string])[] = [
  ["linux", "libavutil.so.57"],
  ["darwin", "libavutil.57.dylib"],
  ["windows", "avutil-57.dll"],
  ["freebsd", "libavutil.so.57"],
];

for (const [system, expected] of FILES) {
  test(`the file of avutil 57 is called ${expected} on ${system}`, () => {
    assertEquals(libraryFile("avutil", 57, system), expected);
  });
}

const JOINED: readonly (readonly [Platform["os"], string, string, string])[] = [
  ["linux", "/opt/mine", "f.so", "/opt/mine/f.so"],
  ["linux", "/opt/mine/", "f.so", "/opt/mine/f.so"],
  ["darwin", "", "f.dylib", "f.dylib"],
  ["windows", "C:\\mine", "f.dll", "C:\\mine\\f.dll"],
  ["windows", "C:\\mine\\", "f.dll", "C:\\mine\\f.dll"],
];

for (const [system, directory, file, expected] of JOINED) {
  test(`on ${system} "${directory}" and ${file} are joined to ${expected}`, () => {
    assertEquals(libraryPath(directory, file, system), expected);
  });
}

const WINGET = "C:\\Users\\me\\AppData\\Local\\Microsoft\\WinGet";
const GYAN = `${WINGET}\\Packages\\Gyan.FFmpeg.Shared_Microsoft.Winget.Source_8wekyb3d8bbwe`;
const CHOCOLATEY = "C:\\ProgramData\\chocolatey\\lib\\ffmpeg-shared\\tools";
const SCOOP = "C:\\Users\\me\\scoop";

/** What installs FFmpeg, where it puts avutil, and who finds it: the system or the environment. */
interface Layout extends MadeUpSystem {
  readonly name: string;
  readonly avutil: string;
  readonly by: "system" | "environment";
}

const LAYOUTS: readonly Layout[] = [
  ...["/opt/homebrew", "/usr/local"].flatMap((prefix): Layout[] => [
    {
      name: `Homebrew in ${prefix}`,
      os: "darwin",
      avutil: `${prefix}/lib/libavutil.60.dylib`,
      by: "system",
    },
    ...["ffmpeg", "ffmpeg@7", "ffmpeg@6", "ffmpeg@5", "ffmpeg@4", "ffmpeg-full"].map((
      keg,
    ): Layout => ({
      name: `Homebrew's keg ${keg} in ${prefix}`,
      os: "darwin",
      avutil: `${prefix}/opt/${keg}/lib/libavutil.59.dylib`,
      by: "system",
    })),
  ]),
  {
    name: "Homebrew on Linux",
    os: "linux",
    avutil: "/home/linuxbrew/.linuxbrew/lib/libavutil.so.60",
    by: "system",
  },
  {
    name: "Homebrew's keg ffmpeg@7 on Linux",
    os: "linux",
    avutil: "/home/linuxbrew/.linuxbrew/opt/ffmpeg@7/lib/libavutil.so.59",
    by: "system",
  },
  {
    name: "MacPorts",
    os: "darwin",
    avutil: "/opt/local/lib/libavutil.56.dylib",
    by: "system",
  },
  ...["ffmpeg4", "ffmpeg6", "ffmpeg7", "ffmpeg8"].map((port): Layout => ({
    name: `MacPorts' port ${port}`,
    os: "darwin",
    avutil: `/opt/local/libexec/${port}/lib/libavutil.59.dylib`,
    by: "system",
  })),
  {
    name: "Alpine",
    os: "linux",
    avutil: "/usr/lib/libavutil.so.59",
    by: "system",
  },
  {
    name: "Fedora",
    os: "linux",
    avutil: "/usr/lib64/libavutil.so.59",
    by: "system",
  },
  ...Object.entries({
    x86_64: "x86_64-linux-gnu",
    aarch64: "aarch64-linux-gnu",
    riscv64: "riscv64-linux-gnu",
  }).map(([arch, triplet]): Layout => ({
    name: `Debian for ${arch}`,
    os: "linux",
    arch,
    avutil: `/usr/lib/${triplet}/libavutil.so.59`,
    by: "system",
  })),
  {
    name: "NixOS",
    os: "linux",
    avutil: "/run/current-system/sw/lib/libavutil.so.60",
    by: "system",
  },
  {
    name: "FreeBSD",
    os: "freebsd",
    avutil: "/usr/local/lib/libavutil.so.58",
    by: "system",
  },
  ...["linux", "darwin"].map((os): Layout => ({
    name: `conda on ${os}`,
    os: os as Platform["os"],
    env: { CONDA_PREFIX: "/home/me/miniforge3/envs/video" },
    avutil: `/home/me/miniforge3/envs/video/lib/${libraryFile("avutil", 60, os as Platform["os"])}`,
    by: "environment",
  })),
  {
    name: "conda on Windows",
    os: "windows",
    env: { CONDA_PREFIX: "C:\\Users\\me\\miniforge3" },
    avutil: "C:\\Users\\me\\miniforge3\\Library\\bin\\avutil-60.dll",
    by: "environment",
  },
  {
    name: "a shell of Nix",
    os: "linux",
    env: {
      NIX_LDFLAGS: "-rpath /home/me/out/lib  -L/nix/store/a-zlib-1.3/lib " +
        "-L/nix/store/b-ffmpeg-8.0-lib/lib",
    },
    avutil: "/nix/store/b-ffmpeg-8.0-lib/lib/libavutil.so.60",
    by: "environment",
  },
  {
    name: "a profile of Nix",
    os: "darwin",
    env: { NIX_PROFILES: "/nix/var/nix/profiles/default /etc/profiles/per-user/me" },
    avutil: "/etc/profiles/per-user/me/lib/libavutil.60.dylib",
    by: "environment",
  },
  {
    name: "the user's profile of Nix",
    os: "linux",
    env: { HOME: "/home/me" },
    avutil: "/home/me/.nix-profile/lib/libavutil.so.60",
    by: "environment",
  },
  {
    name: "the command of Nix, which has its libraries in another directory of the store",
    os: "linux",
    env: { PATH: "/usr/bin:/home/me/.nix-profile/bin" },
    files: ["/nix/store/c-ffmpeg-8.0-bin/bin/ffmpeg"],
    links: { "/home/me/.nix-profile/bin/ffmpeg": "/nix/store/c-ffmpeg-8.0-bin/bin/ffmpeg" },
    runPaths: {
      "/nix/store/c-ffmpeg-8.0-bin/bin/ffmpeg": [
        "/nix/store/b-ffmpeg-8.0-lib/lib",
        "/nix/store/a-zlib-1.3/lib",
      ],
    },
    avutil: "/nix/store/b-ffmpeg-8.0-lib/lib/libavutil.so.60",
    by: "environment",
  },
  {
    name: "a directory of one's own in PATH",
    os: "linux",
    env: { PATH: "/home/me/bin:/opt/ffmpeg/bin:/usr/bin" },
    files: ["/opt/ffmpeg/bin/ffmpeg"],
    avutil: "/opt/ffmpeg/lib/libavutil.so.60",
    by: "environment",
  },
  {
    name: "a link to a command elsewhere",
    os: "darwin",
    env: { PATH: "/home/me/bin" },
    files: ["/Users/me/ffmpeg-8.0/bin/ffmpeg"],
    links: { "/home/me/bin/ffmpeg": "/Users/me/ffmpeg-8.0/bin/ffmpeg" },
    avutil: "/Users/me/ffmpeg-8.0/lib/libavutil.60.dylib",
    by: "environment",
  },
  {
    name: "a command beside its libraries",
    os: "linux",
    env: { PATH: "/opt/video" },
    files: ["/opt/video/ffmpeg"],
    avutil: "/opt/video/libavutil.so.60",
    by: "environment",
  },
  {
    name: "Jellyfin's FFmpeg",
    os: "linux",
    avutil: "/usr/lib/jellyfin-ffmpeg/lib/libavutil.so.59",
    by: "environment",
  },
  {
    name: "Jellyfin's FFmpeg where its command is linked",
    os: "linux",
    env: { PATH: "/usr/bin" },
    files: ["/opt/jellyfin-ffmpeg/ffmpeg"],
    links: { "/usr/bin/ffmpeg": "/opt/jellyfin-ffmpeg/ffmpeg" },
    avutil: "/opt/jellyfin-ffmpeg/lib/libavutil.so.59",
    by: "environment",
  },
  {
    name: "the snap",
    os: "linux",
    avutil: "/snap/ffmpeg/current/usr/lib/libavutil.so.56",
    by: "environment",
  },
  {
    name: "the snap, with Debian's packages inside",
    os: "linux",
    arch: "aarch64",
    avutil: "/snap/ffmpeg/current/usr/lib/aarch64-linux-gnu/libavutil.so.56",
    by: "environment",
  },
  {
    name: "winget, which adds to PATH",
    os: "windows",
    unreadable: true,
    env: { PATH: `C:\\Windows;${GYAN}\\ffmpeg-9.0.2-full_build-shared\\bin` },
    avutil: `${GYAN}\\ffmpeg-9.0.2-full_build-shared\\bin\\avutil-61.dll`,
    by: "system",
  },
  {
    name: "winget, in a terminal that was open before",
    os: "windows",
    env: { LOCALAPPDATA: "C:\\Users\\me\\AppData\\Local" },
    avutil: `${GYAN}\\ffmpeg-9.0.2-full_build-shared\\bin\\avutil-61.dll`,
    by: "system",
  },
  {
    name: "winget's links",
    os: "windows",
    env: { PATH: `${WINGET}\\Links` },
    files: [`${GYAN}\\ffmpeg-9.0.2-full_build-shared\\bin\\ffmpeg.exe`],
    links: {
      [`${WINGET}\\Links\\ffmpeg.exe`]: `${GYAN}\\ffmpeg-9.0.2-full_build-shared\\bin\\ffmpeg.exe`,
    },
    avutil: `${GYAN}\\ffmpeg-9.0.2-full_build-shared\\bin\\avutil-61.dll`,
    by: "environment",
  },
  ...["ffmpeg", "ffmpeg-8.0.1-full_build-shared"].map((folder): Layout => ({
    name: `Chocolatey, in ${folder}`,
    os: "windows",
    avutil: `${CHOCOLATEY}\\${folder}\\bin\\avutil-60.dll`,
    by: "system",
  })),
  {
    name: "Scoop",
    os: "windows",
    unreadable: true,
    env: { USERPROFILE: "C:\\Users\\me" },
    avutil: `${SCOOP}\\apps\\ffmpeg-shared\\current\\bin\\avutil-60.dll`,
    by: "system",
  },
  {
    name: "Scoop elsewhere",
    os: "windows",
    env: { SCOOP: "D:\\scoop" },
    avutil: "D:\\scoop\\apps\\ffmpeg-shared\\current\\bin\\avutil-60.dll",
    by: "system",
  },
  {
    name: "Scoop's shim",
    os: "windows",
    env: { PATH: "E:\\tools\\shims" },
    texts: {
      "E:\\tools\\shims\\ffmpeg.shim":
        'path = "E:\\tools\\apps\\ffmpeg-nightly-shared\\current\\bin\\ffmpeg.exe"\r\nargs = \r\n',
    },
    avutil: "E:\\tools\\apps\\ffmpeg-nightly-shared\\current\\bin\\avutil-61.dll",
    by: "environment",
  },
];

for (const { name, avutil, by, ...system } of LAYOUTS) {
  test(`the libraries of ${name} are found by the ${by}`, () => {
    const surroundings = madeUp({ ...system, files: [...system.files ?? [], avutil] });
    const lists = {
      system: systemDirectories(surroundings),
      environment: environmentDirectories(surroundings),
    };
    const directory = avutil.replace(/[\\/][^\\/]*$/, "");
    assertArrayIncludes(lists[by], [directory]);
    assertEquals(new Set(lists[by]).size, lists[by].length, "a directory is listed twice");
    if (by === "environment") assert(!lists.system.includes(directory), "the system has it too");
  });
}

test("on Linux and FreeBSD the system's loader is asked first, elsewhere never", () => {
  for (const os of ["linux", "freebsd", "other"] as const) {
    assertEquals(systemDirectories(madeUp({ os }))[0], "");
  }
  for (const os of ["darwin", "windows"] as const) {
    assert(!systemDirectories(madeUp({ os })).includes(""), os);
  }
});

test("what stands first: Homebrew of Apple silicon, and the directories of PATH on Windows", () => {
  assertEquals(systemDirectories(madeUp({ os: "darwin" }))[0], "/opt/homebrew/lib");
  const env = { PATH: "D:\\tools;C:\\ffmpeg\\bin" };
  assertEquals(systemDirectories(madeUp({ os: "windows", env })).slice(0, 3), [
    "D:\\tools",
    "C:\\ffmpeg\\bin",
    "C:\\Program Files\\ffmpeg\\bin",
  ]);
});

test("an active environment stands before the command, and that before others' programs", () => {
  const found = environmentDirectories(madeUp({
    os: "linux",
    env: { CONDA_PREFIX: "/opt/conda", NIX_PROFILES: "/nix/p /nix/q", PATH: "/opt/one/bin" },
    files: ["/opt/one/bin/ffmpeg", "/opt/one/lib/libavutil.so.60"],
  }));
  assertEquals(found.slice(0, 5), [
    "/opt/conda/lib",
    "/nix/q/lib",
    "/nix/p/lib",
    "/nix/var/nix/profiles/default/lib",
    "/opt/one/lib",
  ]);
  assertEquals(found.at(-3), "/usr/lib/jellyfin-ffmpeg/lib");
});

test("without a permission to read there is still the directory beside the one in PATH", () => {
  const system: MadeUpSystem = {
    os: "linux",
    env: { PATH: "/home/me/bin" },
    files: ["/opt/one/bin/ffmpeg", "/opt/one/lib/libc.so", "/home/me/lib/libm.so"],
    links: { "/home/me/bin/ffmpeg": "/opt/one/bin/ffmpeg" },
  };
  const readable = environmentDirectories(madeUp(system));
  const unreadable = environmentDirectories(madeUp({ ...system, unreadable: true }));
  assertArrayIncludes(readable, ["/home/me/lib", "/opt/one/lib"]);
  assertArrayIncludes(unreadable, ["/home/me/lib"]);
  assert(!unreadable.includes("/opt/one/lib"));
});

test("a directory of PATH without the command adds nothing", () => {
  const found = environmentDirectories(madeUp({ os: "linux", env: { PATH: "/opt/one/bin" } }));
  assert(!found.some((directory) => directory.startsWith("/opt/one")), found.join());
});

test("the directories for other processors are looked at for an error only", () => {
  const foreign = foreignDirectories({ os: "linux", arch: "aarch64" });
  assertArrayIncludes(foreign, ["/usr/lib/arm-linux-gnueabihf", "/usr/lib/x86_64-linux-gnu"]);
  assert(!foreign.includes("/usr/lib/aarch64-linux-gnu"));
  const surroundings = madeUp({ os: "linux", arch: "aarch64" });
  const searched = [...systemDirectories(surroundings), ...environmentDirectories(surroundings)];
  assert(!foreign.some((directory) => searched.includes(directory)));
  assertEquals(foreignDirectories({ os: "darwin", arch: "aarch64" }), []);
});

/** Who would load a library from the working directory, or from a place that depends on it. */
const UNSAFE: Readonly<Record<string, MadeUpSystem>> = {
  "an empty entry of PATH": { os: "linux", env: { PATH: ":/usr/bin:" } },
  "a dot in PATH": { os: "linux", env: { PATH: "." } },
  "a relative entry of PATH": { os: "linux", env: { PATH: "bin:./bin:../bin" } },
  "an entry of PATH with dots": {
    os: "linux",
    env: { PATH: "/home/me/project/bin/..:/opt/./bin/../../home/me/project/bin" },
    files: ["/home/me/project/bin/../ffmpeg"],
  },
  "the working directory in PATH": {
    os: "linux",
    env: { PATH: "/home/me/project" },
    files: ["/home/me/project/ffmpeg", "/home/me/project/lib/libavutil.so.60"],
  },
  "the sibling of a directory in PATH": {
    os: "darwin",
    env: { PATH: "/opt/one/bin" },
    files: ["/opt/one/bin/ffmpeg", "/opt/one/lib/libavutil.60.dylib"],
    workingDirectory: "/opt/one/lib",
  },
  "the sibling of a directory in PATH, by another name": {
    os: "linux",
    env: { PATH: "/opt/one/bin" },
    files: ["/opt/one/bin/ffmpeg", "/home/me/project/f"],
    links: { "/opt/one/lib": "/home/me/project" },
  },
  "the working directory by its name in /proc": {
    os: "linux",
    env: { PATH: "/proc/self/cwd/bin", CONDA_PREFIX: "/proc/self/cwd" },
    files: ["/home/me/project/bin/ffmpeg"],
    links: { "/proc/self/cwd": "/home/me/project" },
  },
  "where the command's link leads": {
    os: "linux",
    env: { PATH: "/usr/bin" },
    files: ["/home/me/project/ffmpeg"],
    links: { "/usr/bin/ffmpeg": "/home/me/project/ffmpeg" },
  },
  "what the command was linked with": {
    os: "linux",
    env: { PATH: "/opt/one/bin" },
    files: ["/opt/one/bin/ffmpeg"],
    runPaths: { "/opt/one/bin/ffmpeg": ["", ".", "lib", "/home/me/project"] },
  },
  "a relative CONDA_PREFIX": { os: "linux", env: { CONDA_PREFIX: "env" } },
  "a CONDA_PREFIX that is a dot": { os: "darwin", env: { CONDA_PREFIX: "." } },
  "an empty CONDA_PREFIX": { os: "darwin", env: { CONDA_PREFIX: "" } },
  "a CONDA_PREFIX around the working directory": {
    os: "linux",
    env: { CONDA_PREFIX: "/opt/conda" },
    workingDirectory: "/opt/conda/lib",
  },
  "a relative profile of Nix": {
    os: "linux",
    env: { NIX_PROFILES: ". profile", NIX_LDFLAGS: "-L. -Lffmpeg/lib -L ./ffmpeg", HOME: "." },
  },
  "the working directory in PATH on Windows": { os: "windows", env: { PATH: "D:\\project" } },
  "entries of PATH on Windows that depend on it": {
    os: "windows",
    env: { PATH: ".;;bin;\\bin;D:bin;\\\\server\\share;%HOME%" },
  },
  "a relative CONDA_PREFIX on Windows": { os: "windows", env: { CONDA_PREFIX: "env" } },
  "a CONDA_PREFIX of the current drive": { os: "windows", env: { CONDA_PREFIX: "\\conda" } },
  "a shim that leads to it": {
    os: "windows",
    env: { PATH: "C:\\shims" },
    texts: { "C:\\shims\\ffmpeg.shim": "path = D:\\project\\ffmpeg.exe\n" },
  },
  "a shim with a relative path": {
    os: "windows",
    env: { PATH: "C:\\shims" },
    texts: { "C:\\shims\\ffmpeg.shim": "path = bin\\ffmpeg.exe\n" },
  },
};

for (const [name, system] of Object.entries(UNSAFE)) {
  test(`nothing is looked for in the working directory because of ${name}`, () => {
    const surroundings = madeUp(system);
    const found = [
      ...systemDirectories(surroundings).filter((directory) => directory !== ""),
      ...environmentDirectories(surroundings),
    ];
    for (const directory of found) {
      const absolute = system.os === "windows" ? /^[A-Z]:\\/ : /^\//;
      assert(absolute.test(directory), `${directory} is relative`);
      assert(!/[\\/]\.\.?([\\/]|$)/.test(directory), `${directory} has dots`);
      assert(!surroundings.isWorkingDirectory(directory), `${directory} is it`);
      assert(!directory.startsWith("/proc/"), `${directory} depends on it`);
      assert(!directory.startsWith("/home/me/project/"), `${directory} is in it`);
    }
  });
}

const LIBC: readonly (readonly [Platform["os"], string, readonly string[]])[] = [
  ["linux", "x86_64", ["libc.so.6", "libc.musl-x86_64.so.1", "/lib/ld-musl-x86_64.so.1"]],
  ["linux", "aarch64", ["libc.so.6", "libc.musl-aarch64.so.1", "/lib/ld-musl-aarch64.so.1"]],
  ["darwin", "aarch64", ["/usr/lib/libSystem.B.dylib"]],
  ["windows", "x86_64", [
    "C:\\Windows\\System32\\ucrtbase.dll",
    "C:\\Windows\\System32\\msvcrt.dll",
  ]],
  ["freebsd", "x86_64", ["libc.so.7"]],
];

for (const [system, arch, expected] of LIBC) {
  test(`the C library on ${system} ${arch} is ${expected.join(" or ")}`, () => {
    assertEquals(libcFiles({ os: system, arch }), expected);
  });
}
