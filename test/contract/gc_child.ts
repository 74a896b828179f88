/**
 * Takes addresses, forces the collector, writes through the addresses taken
 * before, and tells what moved or got lost as one line of JSON.
 */

import { nativeBytes } from "../../ffi/backend/memory.ts";
import { loadBackend } from "../../ffi/backend/mod.ts";
import { fn, type NativeBuffer, type Pointer } from "../../ffi/backend/types.ts";
import { loadLibc } from "../../ffi/load/mod.ts";

interface Collectors {
  gc?: (() => void) | undefined;
  Bun?: { gc(force: boolean): void };
}

const { gc, Bun: bun } = globalThis as Collectors;

function collect(): boolean {
  if (bun) bun.gc(true);
  else if (gc) gc();
  else return false;
  return true;
}

const backend = loadBackend();
const { memset } = backend.open(loadLibc(backend).path, {
  memset: fn("pointer", "pointer", "i32", "usize"),
}).symbols;

const MAKERS: Readonly<Record<string, (size: number) => NativeBuffer>> = {
  "buffer first": nativeBytes,
  "array only": (size) => new Uint8Array(size),
  "inner view": (size) => new Uint8Array(new ArrayBuffer(size + 32), 16, size),
  shared: (size) => new Uint8Array(new SharedArrayBuffer(size)),
};
const SIZES = [4, 8, 64, 100, 4096, 1 << 20];
const ROUNDS = 12;
const COPIES = 4;

interface Taken {
  label: string;
  memory: NativeBuffer;
  at: Pointer;
  address: bigint;
}

const moved: string[] = [];
const lost: string[] = [];
let collected = true;
let checked = 0;

function take(): Taken[] {
  return Object.entries(MAKERS).flatMap(([kind, make]) =>
    SIZES.flatMap((size) =>
      Array.from({ length: size > 4096 ? 1 : COPIES }, () => {
        const memory = make(size);
        const at = backend.pointerOf(memory);
        return { label: `${kind} ${size}`, memory, at, address: backend.addressOf(at) };
      })
    )
  );
}

/** Rubbish, so that there is something to collect and to move. */
function press(): number {
  let sum = 0;
  for (let i = 0; i < 2000; i++) sum += new Uint8Array(i % 97).length + [i, `${i}`].length;
  return sum;
}

for (let round = 0; round < ROUNDS; round++) {
  const all = take();
  press();
  collected = collect() && collected;
  press();
  collected = collect() && collected;
  for (const { label, memory, at, address } of all) {
    const value = round + 1;
    const other = new Uint8Array(memory.buffer, memory.byteOffset);
    memset(at, value, BigInt(memory.byteLength));
    checked++;
    if (memory[0] !== value || memory[memory.length - 1] !== value) lost.push(label);
    if (backend.addressOf(backend.pointerOf(memory)) !== address) moved.push(label);
    if (other[0] !== value) lost.push(`${label} through .buffer`);
  }
}

console.log(JSON.stringify({ collected, moved, lost, checked }));
