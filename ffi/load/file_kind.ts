/**
 * What a path names, before anybody opens it: a pipe that nobody writes to and some devices
 * hold up whoever opens or reads them. The runtime's own functions would ask for a permission
 * that libav does without.
 *
 * @module
 */

import { libcPart } from "../backend/libc_files.ts";
import { cString, nativeBytes } from "../backend/memory.ts";
import type { FfiBackend, NativeBuffer } from "../backend/types.ts";
import { links, stat, stat64, statx } from "../symbols/libc.ts";

/** What is there. */
export interface FoundFile {
  readonly kind: "file" | "directory" | "pipe" | "device" | "socket";
  /** 0 of what the system makes while it is read, as in /proc. */
  readonly byteLength: number;
  /** The same for all paths that lead there. */
  readonly identity: string;
}

/** `AT_FDCWD` of fcntl.h; `STATX_TYPE | STATX_INO | STATX_SIZE` of linux/stat.h. */
const AT_FDCWD = -100;
const WANTED = 0x301;
/** More than either struct has. */
const BYTES = 256;
/** Where `struct statx` of linux/stat.h has them, on every processor. */
const LINUX = { mode: 28, size: 40, inode: 32, device: 136 };
/** Where `struct stat` of sys/stat.h has them. */
const DARWIN = { mode: 4, size: 96, inode: 8, device: 0 };

/** `S_IFMT` of sys/stat.h and what it leaves. */
const TYPE_OF_FILE = 0o170000;
const KINDS: Readonly<Record<number, FoundFile["kind"]>> = {
  0o010000: "pipe",
  0o020000: "device",
  0o040000: "directory",
  0o060000: "device",
  0o100000: "file",
  0o140000: "socket",
};

type Look = (path: NativeBuffer, into: NativeBuffer) => number;

let look: Look | undefined;

/** Undefined where there is nothing, or where it cannot be told: on Windows always. */
export function findFile(backend: FfiBackend, path: string): FoundFile | undefined {
  const { os } = backend.platform;
  if (os !== "linux" && os !== "darwin") return undefined;
  look ??= os === "linux" ? openStatx(backend) : openStat(backend);
  const found = new DataView(nativeBytes(BYTES).buffer);
  if (look?.(cString(path), new Uint8Array(found.buffer)) !== 0) return undefined;
  const at = os === "linux" ? LINUX : DARWIN;
  const kind = KINDS[found.getUint16(at.mode, true) & TYPE_OF_FILE];
  if (!kind) return undefined;
  return {
    kind,
    byteLength: Number(found.getBigUint64(at.size, true)),
    // On Linux a device has two numbers, one behind the other.
    identity: [
      found.getUint32(at.device, true),
      os === "linux" ? found.getUint32(at.device + 4, true) : 0,
      found.getBigUint64(at.inode, true),
    ].join(":"),
  };
}

/** glibc has it from 2.28 on, musl from 1.2.4 on. */
function openStatx(backend: FfiBackend): Look | undefined {
  const libc = libcPart(backend, statx);
  return libc && ((path, into) => libc.statx(AT_FDCWD, path, 0, WANTED, into));
}

function openStat(backend: FfiBackend): Look | undefined {
  if (backend.platform.arch === "aarch64") return libcPart(backend, stat)?.stat;
  return libcPart(backend, stat64)?.["stat$INODE64"];
}

/** The longest path of Linux and macOS, with its end. */
const PATH_MAX = 4096;

/** What a link says, which may lead nowhere; undefined for what is no link, and on Windows. */
export function linkTarget(backend: FfiBackend, path: string): string | undefined {
  const text = nativeBytes(PATH_MAX);
  const length = libcPart(backend, links)?.readlink(cString(path), text, BigInt(PATH_MAX)) ?? -1n;
  return length < 0n ? undefined : new TextDecoder().decode(text.slice(0, Number(length)));
}
