/**
 * What a program or a library says of itself: ELF (Linux, FreeBSD), Mach-O (macOS), PE (Windows).
 *
 * @module
 */

import type { ReadBytes } from "./file_bytes.ts";

/** What is read of a file to know its kind: all headers are within it. */
const HEAD_BYTES = 4096;

/** Processors by `e_machine` of elf.h, in the words of the runtimes. */
const ELF_MACHINES: Readonly<Record<number, string>> = {
  3: "i386",
  8: "mips",
  20: "ppc",
  21: "ppc64",
  22: "s390x",
  40: "arm",
  62: "x86_64",
  183: "aarch64",
  258: "loong64",
};
const ELF_RISCV = 243;
/** By `cputype` of mach/machine.h. */
const MACH_MACHINES: Readonly<Record<number, string>> = {
  0x7: "i386",
  0xc: "arm",
  0x1000007: "x86_64",
  0x100000c: "aarch64",
};
/** By `Machine` of "PE Format". */
const PE_MACHINES: Readonly<Record<number, string>> = {
  0x14c: "i386",
  0x1c4: "arm",
  0x8664: "x86_64",
  0xaa64: "aarch64",
};

const ELF = 0x7f454c46;
/** `MH_MAGIC_64` and `MH_MAGIC` as they lie in a file, and `FAT_MAGIC`, which is big-endian. */
const MACH = [0xcffaedfe, 0xcefaedfe];
const MACH_FAT = 0xcafebabe;
const PE = 0x4d5a;

/** The processors that a library is for; undefined when it is no library. */
export function machinesOf(read: ReadBytes): readonly string[] | undefined {
  const view = viewOf(read(0, HEAD_BYTES));
  if (view.byteLength < 64) return undefined;
  const magic = view.getUint32(0);
  if (magic === ELF) return [elfMachine(view)];
  if (MACH.includes(magic)) return [nameIn(MACH_MACHINES, view.getUint32(4, true))];
  if (magic === MACH_FAT) {
    const count = Math.min(view.getUint32(4), 16);
    return Array.from({ length: count }, (_, i) => {
      return nameIn(MACH_MACHINES, view.getUint32(8 + 20 * i));
    });
  }
  if (view.getUint16(0) === PE) {
    const header = view.getUint32(0x3c, true);
    if (header + 6 > view.byteLength) return undefined;
    return [nameIn(PE_MACHINES, view.getUint16(header + 4, true))];
  }
  return undefined;
}

function elfMachine(view: DataView): string {
  const machine = view.getUint16(18, isLittle(view));
  if (machine === ELF_RISCV) return isWide(view) ? "riscv64" : "riscv32";
  return nameIn(ELF_MACHINES, machine);
}

function nameIn(names: Readonly<Record<number, string>>, number: number): string {
  return names[number] ?? `processor ${number}`;
}

/** `PT_LOAD`, `PT_DYNAMIC`, `DT_STRTAB`, `DT_RPATH` and `DT_RUNPATH` of elf.h. */
const LOAD = 1;
const DYNAMIC = 2;
const STRINGS = 5n;
const RPATH = 15n;
const RUNPATH = 29n;
/** No program has more segments, entries or a longer path. */
const MOST = 4096;

/** `sizeof(Elf64_Phdr)`. */
const SEGMENT_BYTES = 56;

interface Segment {
  readonly type: number;
  readonly offset: bigint;
  readonly address: bigint;
  readonly size: bigint;
}

/**
 * The directories that an ELF program of 64 bits has its libraries looked for in, before the
 * system's own.
 *
 * @param origin the directory of the program, which `$ORIGIN` stands for
 */
export function runPathOf(read: ReadBytes, origin: string): readonly string[] {
  const head = viewOf(read(0, 64));
  if (head.byteLength < 64 || head.getUint32(0) !== ELF) return [];
  if (!isWide(head) || !isLittle(head)) return [];
  const segments = segmentsOf(read, head);
  const dynamic = segments.find(({ type }) => type === DYNAMIC);
  if (!dynamic) return [];
  const entries = entriesOf(read, dynamic);
  const strings = offsetOf(segments, entries.get(STRINGS));
  const at = entries.get(RUNPATH) ?? entries.get(RPATH);
  if (strings === undefined || at === undefined) return [];
  const text = new TextDecoder().decode(read(Number(strings + at), MOST));
  return text.slice(0, text.indexOf("\0")).split(":")
    .map((entry) => entry.replace(/\$ORIGIN|\$\{ORIGIN\}/g, origin));
}

function segmentsOf(read: ReadBytes, head: DataView): readonly Segment[] {
  const [size, count] = [head.getUint16(54, true), head.getUint16(56, true)];
  if (size !== SEGMENT_BYTES || count > MOST) return [];
  const table = viewOf(read(Number(head.getBigUint64(32, true)), size * count));
  if (table.byteLength < size * count) return [];
  return Array.from({ length: count }, (_, i) => ({
    type: table.getUint32(size * i, true),
    offset: table.getBigUint64(size * i + 8, true),
    address: table.getBigUint64(size * i + 16, true),
    size: table.getBigUint64(size * i + 32, true),
  }));
}

function entriesOf(read: ReadBytes, { offset, size }: Segment): ReadonlyMap<bigint, bigint> {
  const table = viewOf(read(Number(offset), Math.min(Number(size), MOST * 16)));
  const entries = new Map<bigint, bigint>();
  for (let at = 0; at + 16 <= table.byteLength; at += 16) {
    entries.set(table.getBigUint64(at, true), table.getBigUint64(at + 8, true));
  }
  return entries;
}

/** Where in the file an address is. */
function offsetOf(segments: readonly Segment[], address: bigint | undefined): bigint | undefined {
  if (address === undefined) return undefined;
  const segment = segments.find((one) =>
    one.type === LOAD && address >= one.address && address < one.address + one.size
  );
  return segment && address - segment.address + segment.offset;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function isWide(elf: DataView): boolean {
  return elf.getUint8(4) === 2;
}

function isLittle(elf: DataView): boolean {
  return elf.getUint8(5) === 1;
}
