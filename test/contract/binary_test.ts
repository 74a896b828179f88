/** What the files of programs and libraries say of themselves. */

import { assert, assertArrayIncludes, assertEquals } from "@std/assert";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { loadBackend } from "../../ffi/backend/mod.ts";
import { machinesOf, runPathOf } from "../../ffi/load/binary.ts";
import { type ReadBytes, withFileBytes } from "../../ffi/load/file_bytes.ts";
import { realFile, withDirectory } from "./library_directory.ts";
import { madeUpProgram } from "./made_up_program.ts";

const backend = loadBackend();

function reading(bytes: Uint8Array): ReadBytes {
  return (offset, length) => bytes.slice(offset, offset + length);
}

/** A file of zeros but for these bytes. */
function withBytes(...pieces: readonly (readonly [at: number, bytes: readonly number[]])[]) {
  const bytes = new Uint8Array(512);
  for (const [at, piece] of pieces) bytes.set(piece, at);
  return reading(bytes);
}

const ELF = [0x7f, 0x45, 0x4c, 0x46];
const KINDS: readonly (readonly [string, ReadBytes, readonly string[] | undefined])[] = [
  ["ELF for x86_64", withBytes([0, [...ELF, 2, 1]], [18, [62]]), ["x86_64"]],
  ["ELF for arm64", withBytes([0, [...ELF, 2, 1]], [18, [183]]), ["aarch64"]],
  ["ELF for arm with 32 bits", withBytes([0, [...ELF, 1, 1]], [18, [40]]), ["arm"]],
  ["ELF for riscv64", withBytes([0, [...ELF, 2, 1]], [18, [243]]), ["riscv64"]],
  ["ELF for riscv32", withBytes([0, [...ELF, 1, 1]], [18, [243]]), ["riscv32"]],
  ["big-endian ELF", withBytes([0, [...ELF, 2, 2]], [18, [0, 22]]), ["s390x"]],
  ["ELF for another processor", withBytes([0, [...ELF, 2, 1]], [18, [7]]), ["processor 7"]],
  ["Mach-O for arm64", withBytes([0, [0xcf, 0xfa, 0xed, 0xfe, 12, 0, 0, 1]]), ["aarch64"]],
  ["Mach-O for x86_64", withBytes([0, [0xcf, 0xfa, 0xed, 0xfe, 7, 0, 0, 1]]), ["x86_64"]],
  [
    "Mach-O for both",
    withBytes([0, [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2, 1, 0, 0, 7]], [28, [1, 0, 0, 12]]),
    ["x86_64", "aarch64"],
  ],
  ["PE for x64", withBytes([0, [0x4d, 0x5a]], [60, [128]], [132, [0x64, 0x86]]), ["x86_64"]],
  ["PE for arm64", withBytes([0, [0x4d, 0x5a]], [60, [128]], [132, [0x64, 0xaa]]), ["aarch64"]],
  ["PE whose header is far away", withBytes([0, [0x4d, 0x5a]], [60, [0, 0, 0, 9]]), undefined],
  ["a text", reading(new TextEncoder().encode("no library\n".repeat(50))), undefined],
  ["the beginning of ELF", reading(new Uint8Array(ELF)), undefined],
  ["an empty file", reading(new Uint8Array()), undefined],
];

for (const [name, read, expected] of KINDS) {
  test(`${name}: ${expected?.join(" and ") ?? "no library"}`, () => {
    assertEquals(machinesOf(read), expected);
  });
}

test("a library of this system is for this processor, read without the runtime's help", async () => {
  const file = await realFile("avutil");
  assertEquals(withFileBytes(backend, file, machinesOf), [backend.platform.arch]);
});

test("the bytes of a file are those that are in it, up to its end", async () => {
  await withDirectory(async (directory) => {
    const file = join(directory, "file");
    const bytes = Uint8Array.from({ length: 3000 }, (_, i) => i % 251);
    await writeFile(file, bytes);
    withFileBytes(backend, file, (read) => {
      assertEquals(read(1000, 500), bytes.slice(1000, 1500));
      assertEquals(read(2990, 500), bytes.slice(2990));
      assertEquals(read(5000, 10).length, 0);
      assertEquals(read(0, 0).length, 0);
    });
    withFileBytes(backend, join(directory, "none"), (read) => assertEquals(read(0, 10).length, 0));
  });
});

test("a program's own directories are read, and $ORIGIN is where it lies", () => {
  const bytes = madeUpProgram("/nix/store/b-ffmpeg-8.0-lib/lib:$ORIGIN/../lib:${ORIGIN}/a");
  assertEquals(runPathOf(reading(bytes), "/opt/one/bin"), [
    "/nix/store/b-ffmpeg-8.0-lib/lib",
    "/opt/one/bin/../lib",
    "/opt/one/bin/a",
  ]);
});

test("a program that is cut off or changed anywhere has no such directories, or some", () => {
  const bytes = madeUpProgram("/opt/one/lib");
  for (let length = 0; length < bytes.length; length++) {
    runPathOf(reading(bytes.slice(0, length)), "/");
  }
  for (let at = 0; at < bytes.length; at++) {
    for (const value of [0, 1, 0x7f, 0xff]) {
      const changed = bytes.slice();
      changed[at] = value;
      const found = runPathOf(reading(changed), "/");
      assert(found.length <= 1 || at > 200, `${at}: ${found.join()}`);
    }
  }
});

test("a program of this system is read, whatever it says", async () => {
  const bytes = await readFile("/proc/self/exe");
  for (const directory of runPathOf(reading(bytes), "/nowhere")) assert(directory.length < 4096);
  assertArrayIncludes(machinesOf(reading(bytes)) ?? [], [backend.platform.arch]);
});
