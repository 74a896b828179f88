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
    assertStringIncludes(installAdvice({ os }), "install");
    assertStringIncludes(installAdvice({ os }).toLowerCase(), "ffmpeg");
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
    assertEquals(installAdvice({ os: "linux", distribution }), command);
  });
}

test("on a Linux that nobody knows there is advice for several", () => {
  for (const distribution of [undefined, "", "ID=nobody\n", "VERSION_ID=debian\n"]) {
    const advice = installAdvice({ os: "linux", distribution });
    for (const [, command] of DISTRIBUTIONS) assertStringIncludes(advice, command);
  }
});

const release = RELEASES.find(({ name }) => name === "7.1")!;
const debian: Host = { os: "linux", distribution: "ID=debian\n" };

const MENDED: readonly (readonly [Host, directory: string, command: string])[] = [
  [
    debian,
    "/usr/lib/x86_64-linux-gnu",
    "apt install --reinstall libavutil59 libswresample5 libswscale8 libavcodec61 libavformat61",
  ],
  [
    { os: "linux", distribution: "ID=fedora\n" },
    "/usr/lib64",
    "dnf install ffmpeg-free && dnf reinstall libavutil-free libswresample-free " +
    "libswscale-free libavcodec-free libavformat-free",
  ],
  [
    { os: "linux", distribution: "ID=alpine\n" },
    "/usr/lib",
    "apk add ffmpeg-libs && apk fix --reinstall --depends ffmpeg-libs",
  ],
  [{ os: "linux", distribution: "ID=arch\n" }, "/usr/lib", "pacman -S ffmpeg"],
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
  [{ os: "darwin" }, "/opt/homebrew/lib", "brew reinstall ffmpeg"],
  [{ os: "darwin" }, "/usr/local/opt/ffmpeg@6/lib", "brew reinstall ffmpeg@6"],
  [{ os: "darwin" }, "/usr/local/Cellar/ffmpeg/8.0_1/lib", "brew reinstall ffmpeg"],
  [{ os: "darwin" }, "/opt/local/lib", "port -n upgrade --force ffmpeg"],
  [{ os: "darwin" }, "/opt/local/libexec/ffmpeg7/lib", "port -n upgrade --force ffmpeg7"],
  [{ os: "windows" }, "C:\\ffmpeg\\bin", "winget install --force Gyan.FFmpeg.Shared"],
  [
    { os: "windows" },
    "C:\\ProgramData\\chocolatey\\lib\\ffmpeg-shared\\tools\\ffmpeg\\bin",
    "choco install ffmpeg-shared --force",
  ],
  [
    { os: "windows" },
    "C:\\Users\\me\\scoop\\apps\\ffmpeg-shared\\current\\bin",
    "scoop uninstall ffmpeg-shared; scoop install ffmpeg-shared",
  ],
  [
    { os: "windows", conda: "C:\\env" },
    "C:\\env\\Library\\bin",
    "conda install -c conda-forge --force-reinstall ffmpeg",
  ],
  [{ os: "freebsd" }, "/usr/local/lib", "pkg install -f ffmpeg"],
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

test("a Linux that nobody knows is told how to install, as nobody knows how to mend it", () => {
  const host: Host = { os: "linux", distribution: "ID=nobody\n" };
  assertEquals(mendAdvice(host, "/usr/lib", release), installAdvice(host));
});
