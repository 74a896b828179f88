/** The smallest ELF program for this machine that says where its libraries are looked for. */

const HEADER = 64;
const SEGMENT = 56;
/** Where the file would lie in memory: addresses are not offsets. */
const BASE = 0x400000n;

/** `machine` is `e_machine` of elf.h, 62 for x86_64. */
export function madeUpProgram(runPath: string, machine = 62): Uint8Array<ArrayBuffer> {
  const strings = new TextEncoder().encode(`\0${runPath}\0`);
  const dynamicAt = HEADER + 2 * SEGMENT;
  const stringsAt = dynamicAt + 3 * 16;
  const size = stringsAt + strings.length;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  // 64 bits, little-endian, version 1.
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 3, true);
  view.setUint16(18, machine, true);
  view.setBigUint64(32, BigInt(HEADER), true);
  view.setUint16(54, SEGMENT, true);
  view.setUint16(56, 2, true);
  segment(HEADER, 1, 0, size);
  segment(HEADER + SEGMENT, 2, dynamicAt, 3 * 16);
  // DT_STRTAB, DT_RUNPATH, DT_NULL.
  entry(dynamicAt, 5n, BASE + BigInt(stringsAt));
  entry(dynamicAt + 16, 29n, 1n);
  bytes.set(strings, stringsAt);
  return bytes;

  function segment(at: number, type: number, offset: number, length: number): void {
    view.setUint32(at, type, true);
    view.setBigUint64(at + 8, BigInt(offset), true);
    view.setBigUint64(at + 16, BASE + BigInt(offset), true);
    view.setBigUint64(at + 32, BigInt(length), true);
  }

  function entry(at: number, tag: bigint, value: bigint): void {
    view.setBigUint64(at, tag, true);
    view.setBigUint64(at + 8, value, true);
  }
}
