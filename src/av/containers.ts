/**
 * The containers that the installed FFmpeg reads and writes, by libav's names.
 *
 * @module
 */

import { cString, type Libav, PointerCell } from "../../ffi/mod.ts";
import { closest } from "../core/options/closest.ts";
import { CONTAINERS } from "../core/output/output_format.ts";
import { SessionError } from "./check.ts";

/** What libavdevice has: capture devices, not containers. */
const DEVICES: ReadonlySet<string> = new Set([
  ...["alsa", "android_camera", "avfoundation", "decklink", "dshow", "fbdev", "gdigrab"],
  ...["iec61883", "jack", "kmsgrab", "lavfi", "libdc1394", "openal", "oss", "pulse", "sndio"],
  ...["v4l2", "video4linux2", "vfwcap", "x11grab", "xcbgrab"],
]);

/** What cannot be read because FFmpeg has no demuxer of that name. */
export function noDemuxer(libav: Libav, name: string): SessionError {
  if (DEVICES.has(name)) {
    const reason = `"${name}" is a device of libavdevice, which is not loaded`;
    return new SessionError("open", "UNSUPPORTED_CONTAINER", reason);
  }
  return missing("demuxer", name, demuxers(libav));
}

/** What cannot be written because FFmpeg has no muxer of that name. */
export function noMuxer(libav: Libav, name: string): SessionError {
  const { symbols } = libav;
  const known = CONTAINERS.filter((one) => symbols.av_guess_format(cString(one), null, null));
  return missing("muxer", name, known);
}

function missing(kind: "demuxer" | "muxer", name: string, known: readonly string[]): SessionError {
  const near = closest(name, known);
  const list = known.length > 20 ? "" : `, only ${known.join(", ")}`;
  const hint = near === undefined ? list : `; did you mean "${near}"?`;
  const reason = `the installed FFmpeg has no ${kind} "${name}"${hint}`;
  return new SessionError("open", "UNSUPPORTED_CONTAINER", reason);
}

/** A demuxer may have several names. */
function demuxers({ symbols, memory, backend, layout: { AVInputFormat } }: Libav): string[] {
  const names: string[] = [];
  const state = new PointerCell(backend);
  for (;;) {
    const demuxer = symbols.av_demuxer_iterate(state.buffer);
    if (demuxer === null) return names;
    const text = memory.readString(memory.readPointer(demuxer, AVInputFormat.name));
    names.push(...text?.split(",") ?? []);
  }
}
