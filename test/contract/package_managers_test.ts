/** The commands that install FFmpeg's libraries, or mend them. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { test } from "node:test";
import type { Platform } from "../../ffi/backend/types.ts";
import { type Host, installAdvice, mendAdvice } from "../../ffi/load/package_managers.ts";
import { refusal } from "../../ffi/load/refusal.ts";
import { RELEASES } from "../../ffi/load/releases.ts";

const OSES: readonly Platform["os"][] = ["linux", "darwin", "windows", "freebsd", "other"];

for (const os of OSES) {
  test(`there is advice how to install FFmpeg on ${os}`, () => {
    assertStringIncludes(installAdvice({ arch: "x86_64", os }), "install");
    assertStringIncludes(installAdvice({ arch: "x86_64", os }).toLowerCase(), "ffmpeg");
  });
}

const DISTRIBUTIONS: readonly (readonly [string, string])[] = [
  ['PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n', "apt install ffmpeg"],
  ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', "apt install ffmpeg"],
  ['NAME="Fedora Linux"\nID=fedora\n', "dnf install ffmpeg-free"],
  ['ID="alpine"\n', "apk add ffmpeg-libs"],
  ["ID=endeavouros\nID_LIKE=arch\n", "pacman -S ffmpeg"],
  ["ID=nixos\n", "nix profile install nixpkgs#ffmpeg.lib"],
];

for (const [distribution, command] of DISTRIBUTIONS) {
  test(`the advice where ${distribution.match(/^ID.*$/m)?.[0]} is ${command}`, () => {
    assertEquals(installAdvice({ arch: "x86_64", os: "linux", distribution }), command);
  });
}

test("on a Linux that nobody knows there is advice for several", () => {
  for (const distribution of [undefined, "", "ID=nobody\n", "VERSION_ID=debian\n"]) {
    const advice = installAdvice({ arch: "x86_64", os: "linux", distribution });
    for (const [, command] of DISTRIBUTIONS) assertStringIncludes(advice, command);
  }
});

const release = RELEASES.find(({ name }) => name === "7.1")!;
const debian: Host = { arch: "x86_64", os: "linux", distribution: "ID=debian\n" };

const MENDED: readonly (readonly [Host, directory: string, command: string])[] = [
  [
    debian,
    "/usr/lib/x86_64-linux-gnu",
    "apt install --reinstall libavutil59 libswresample5 libswscale8 libavcodec61 libavformat61",
  ],
  [
    { ...debian, arch: "aarch64" },
    "/usr/lib/arm-linux-gnueabihf",
    "apt install --reinstall libavutil59:arm64 libswresample5:arm64 libswscale8:arm64 " +
    "libavcodec61:arm64 libavformat61:arm64",
  ],
  [
    { arch: "x86_64", os: "linux", distribution: "ID=fedora\n" },
    "/usr/lib64",
    "dnf install ffmpeg-free && dnf reinstall libavutil-free libswresample-free " +
    "libswscale-free libavcodec-free libavformat-free",
  ],
  [
    { arch: "x86_64", os: "linux", distribution: "ID=alpine\n" },
    "/usr/lib",
    "apk add ffmpeg-libs && apk fix --reinstall --depends ffmpeg-libs",
  ],
  [{ arch: "x86_64", os: "linux", distribution: "ID=arch\n" }, "/usr/lib", "pacman -S ffmpeg"],
  [debian, "/nix/store/b-ffmpeg-8.0-lib/lib", "nix-store --verify --check-contents --repair"],
  [debian, "/home/me/.nix-profile/lib", "nix-store --verify --check-contents --repair"],
  [debian, "/home/linuxbrew/.linuxbrew/lib", "brew reinstall ffmpeg"],
  [debian, "/home/linuxbrew/.linuxbrew/opt/ffmpeg@7/lib", "brew reinstall ffmpeg@7"],
  [debian, "/usr/lib/jellyfin-ffmpeg/lib", "apt install --reinstall jellyfin-ffmpeg7"],
  [debian, "/snap/ffmpeg/current/usr/lib", "snap remove ffmpeg; snap install ffmpeg"],
  [
    debian,
    "/home/me/miniconda3/envs/video/lib",
    "conda install -c conda-forge --force-reinstall ffmpeg",
  ],
  [
    { ...debian, conda: "/srv/env" },
    "/srv/env/lib",
    "conda install -c conda-forge --force-reinstall ffmpeg",
  ],
  [{ arch: "x86_64", os: "darwin" }, "/opt/homebrew/lib", "brew reinstall ffmpeg"],
  [{ arch: "x86_64", os: "darwin" }, "/usr/local/lib", "brew reinstall ffmpeg"],
  [{ arch: "x86_64", os: "darwin" }, "/usr/local/opt/ffmpeg@6/lib", "brew reinstall ffmpeg@6"],
  [{ arch: "x86_64", os: "darwin" }, "/usr/local/Cellar/ffmpeg/8.0_1/lib", "brew reinstall ffmpeg"],
  [{ arch: "x86_64", os: "darwin" }, "/opt/local/lib", "port -n upgrade --force ffmpeg"],
  [
    { arch: "x86_64", os: "darwin" },
    "/opt/local/libexec/ffmpeg7/lib",
    "port -n upgrade --force ffmpeg7",
  ],
  [
    { arch: "x86_64", os: "windows" },
    "C:\\Users\\me\\AppData\\Local\\Microsoft\\WinGet\\Packages\\Gyan\\ffmpeg-9.0\\bin",
    "winget install --force Gyan.FFmpeg.Shared",
  ],
  [
    { arch: "x86_64", os: "windows" },
    "C:\\ProgramData\\chocolatey\\lib\\ffmpeg-shared\\tools\\ffmpeg\\bin",
    "choco install ffmpeg-shared --force",
  ],
  [
    { arch: "x86_64", os: "windows" },
    "C:\\Users\\me\\scoop\\apps\\ffmpeg-shared\\current\\bin",
    "scoop uninstall ffmpeg-shared; scoop install ffmpeg-shared",
  ],
  [
    { arch: "x86_64", os: "windows", conda: "C:\\env" },
    "C:\\env\\Library\\bin",
    "conda install -c conda-forge --force-reinstall ffmpeg",
  ],
  [{ arch: "x86_64", os: "freebsd" }, "/usr/local/lib", "pkg install -f ffmpeg"],
];

for (const [host, directory, command] of MENDED) {
  test(`what is installed in part in ${directory} on ${host.os} is mended by ${command}`, () => {
    assertEquals(mendAdvice(host, directory, release), command);
    const { code, message } = refusal([], {
      host,
      releases: RELEASES,
      override: undefined,
      missingFlag: "--allow-env=RTSP_STREAM_LIBAV",
      notRead: ["PATH"],
      attempts: [],
      there: ["", directory],
      absent: ["/nowhere"],
      inPart: [
        { directory, release, fault: "libavformat is missing" },
        { directory: "/opt/other/lib", release, fault: "libswscale is missing" },
      ],
    });
    assertEquals(code, "LIBAV_NOT_FOUND");
    const lines = message.split("\n");
    assert(lines.length <= 5, message);
    assertEquals(
      lines[0],
      `FFmpeg is installed only in part in ${directory}: libavformat is missing`,
    );
    assertEquals(lines[1], `To mend it: ${command}`);
    assertStringIncludes(lines[3]!, "/opt/other/lib (libswscale is missing)");
    assertStringIncludes(lines[4]!, directory);
  });
}

const OWN: readonly (readonly [Host, directory: string, install: string])[] = [
  [debian, "/usr/local/lib", "apt install ffmpeg"],
  [debian, "/home/me/ffmpeg/lib", "apt install ffmpeg"],
  [{ arch: "x86_64", os: "darwin" }, "/Users/me/ffmpeg/lib", "brew install ffmpeg"],
  [{ arch: "x86_64", os: "windows" }, "C:\\ffmpeg\\bin", "winget install Gyan.FFmpeg.Shared"],
];

for (const [host, directory, install] of OWN) {
  test(`no command is said to mend ${directory} on ${host.os}, which no package manager has`, () => {
    assertEquals(
      mendAdvice(host, directory, release),
      `put all libraries of one release there, or do without it and install them: ${install}`,
    );
  });
}

test("a Linux that nobody knows is told how to install, as nobody knows how to mend it", () => {
  const host: Host = { arch: "x86_64", os: "linux", distribution: "ID=nobody\n" };
  assertEquals(mendAdvice(host, "/usr/lib", release), installAdvice(host));
});
