/** Where the libraries are looked for, and what installs them. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { test } from "node:test";
import { libcFiles } from "../../ffi/backend/libc_files.ts";
import type { Platform } from "../../ffi/backend/types.ts";
import {
  installAdvice,
  libraryFile,
  libraryPath,
  searchDirectories,
} from "../../ffi/load/locate.ts";

const OSES: readonly Platform["os"][] = ["linux", "darwin", "windows", "freebsd", "other"];

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

const DIRECTORIES: readonly (readonly [Platform["os"], readonly string[]])[] = [
  ["linux", ["/usr/local/lib", "/usr/lib", "/usr/lib64", "/home/linuxbrew/.linuxbrew/lib"]],
  ["freebsd", ["/usr/local/lib"]],
];
/** Their loaders look into the working directory for a bare name. */
const ABSOLUTE_ONLY: readonly (readonly [Platform["os"], readonly string[]])[] = [
  ["darwin", ["/opt/homebrew/lib", "/usr/local/lib", "/opt/local/lib", "/usr/lib"]],
  ["windows", ["C:\\ffmpeg\\bin", "C:\\Program Files\\ffmpeg\\bin"]],
];

for (const [system, expected] of DIRECTORIES) {
  test(`on ${system} the system's loader is asked first, then ${expected[0]} and others`, () => {
    const found = searchDirectories({ os: system, arch: "x86_64" });
    assertEquals(found[0], "");
    assertEquals(found.slice(1, 1 + expected.length), expected);
    assertEquals(new Set(found).size, found.length, "a directory is listed twice");
  });
}

for (const [system, expected] of ABSOLUTE_ONLY) {
  test(`on ${system} only absolute directories are looked into, ${expected[0]} first`, () => {
    assertEquals(searchDirectories({ os: system, arch: "x86_64" }), expected);
  });
}

test("on windows the absolute directories of PATH come first", () => {
  const platform: Platform = { os: "windows", arch: "x86_64" };
  const path = "D:\\tools;.;;bin;\\\\server\\share;C:\\ffmpeg\\bin;%HOME%";
  assertEquals(searchDirectories(platform, { path }), [
    "D:\\tools",
    "C:\\ffmpeg\\bin",
    "C:\\Program Files\\ffmpeg\\bin",
  ]);
});

test("on windows the home directory adds scoop's, and without one it does not", () => {
  const platform: Platform = { os: "windows", arch: "x86_64" };
  const scoop = "C:\\Users\\me\\scoop\\apps\\ffmpeg-shared\\current\\bin";
  assertEquals(searchDirectories(platform, { home: "C:\\Users\\me" }).at(-1), scoop);
  assert(!searchDirectories(platform).some((path) => path.includes("scoop")));
});

for (const system of OSES) {
  test(`an override is the only directory on ${system}`, () => {
    const platform: Platform = { os: system, arch: "x86_64" };
    const places = { override: "/opt/mine", home: "/home/me", path: "/usr/bin" };
    assertEquals(searchDirectories(platform, places), ["/opt/mine"]);
    // An empty variable is one that is not set.
    assertEquals(searchDirectories(platform, { override: "" }), searchDirectories(platform));
  });

  test(`there is advice how to install FFmpeg on ${system}`, () => {
    assertStringIncludes(installAdvice(system), "install");
    assertStringIncludes(installAdvice(system).toLowerCase(), "ffmpeg");
  });
}

const DISTRIBUTIONS: readonly (readonly [string, string])[] = [
  ['PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n', "apt install ffmpeg"],
  ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', "apt install ffmpeg"],
  ['NAME="Fedora Linux"\nID=fedora\n', "dnf install ffmpeg-free"],
  ['ID="alpine"\n', "apk add ffmpeg-libs"],
  ["ID=endeavouros\nID_LIKE=arch\n", "pacman -S ffmpeg"],
];

for (const [text, command] of DISTRIBUTIONS) {
  test(`the advice where ${text.match(/^ID.*$/m)?.[0]} is ${command}`, () => {
    assertEquals(installAdvice("linux", text), command);
  });
}

test("on a Linux that nobody knows there is advice for several", () => {
  for (const text of [undefined, "", "ID=nobody\n", "VERSION_ID=debian\n"]) {
    const advice = installAdvice("linux", text);
    for (const [, command] of DISTRIBUTIONS) assertStringIncludes(advice, command);
  }
});

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
