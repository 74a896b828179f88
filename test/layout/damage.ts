/**
 * Damages the layout of the live release field by field and tells, as one line
 * of JSON for each, what `verifyLayout` makes of it. A damaged offset can crash
 * natively, so every case is announced before it is tried.
 *
 * Arguments: the name of the first case to try; without it, all.
 */

import { writeSync } from "node:fs";
import process from "node:process";
import { type Layout, type Libav, LibavError, openLibav } from "../../ffi/mod.ts";
import { verifyLayout } from "../../ffi/selftest/mod.ts";

/** `"AVStream.index"`. */
export type FieldName = string;

export interface Begin {
  begin: string;
}

export interface End {
  end: string;
  outcome: "refused" | "accepted" | "other error";
  /** The error's code and message. */
  code?: string | undefined;
  message?: string | undefined;
}

/** Pointers and 64-bit fields lie at multiples of 8, so a wrong offset does too. */
export const WIDE: ReadonlySet<FieldName> = new Set([
  "AVFormatContext.pb",
  "AVFormatContext.streams",
  "AVFormatContext.duration",
  "AVFormatContext.interrupt_callback",
  "AVStream.codecpar",
  "AVFrame.data",
  "AVFrame.pts",
  "AVFrame.best_effort_timestamp",
  "AVFrame.crop_top",
  "AVFrame.crop_bottom",
  "AVFrame.crop_left",
  "AVFrame.crop_right",
  "AVPacket.pts",
  "AVPacket.dts",
  "AVPacket.data",
  "AVPacket.duration",
  "AVOption.name",
  "AVDictionaryEntry.key",
  "AVDictionaryEntry.value",
]);

/** The last field of its struct: up is outside. */
export const LAST: ReadonlySet<FieldName> = new Set(["AVDictionaryEntry.value"]);

export interface Case {
  field: FieldName;
  shift: number;
  /** `"AVStream.index+4"`. */
  name: string;
}

/** Every field of the layout with every shift; a field that the release has not is left out. */
export function casesOf(layout: Layout): Case[] {
  return Object.entries(layout).flatMap(([struct, fields]) =>
    Object.entries(fields).filter(([, offset]) => offset >= 0).flatMap(([name]) => {
      const field = `${struct}.${name}`;
      const shifts = WIDE.has(field) ? [8] : [4, 8];
      return shifts.map((size) => {
        const shift = LAST.has(field) ? -size : size;
        return { field, shift, name: `${field}${shift > 0 ? "+" : ""}${shift}` };
      });
    })
  );
}

/** The layout with one field moved. */
export function damaged(layout: Layout, { field, shift }: Case): Layout {
  return Object.fromEntries(
    Object.entries(layout).map(([struct, fields]) => [
      struct,
      Object.fromEntries(
        Object.entries(fields).map(([name, offset]) => [
          name,
          `${struct}.${name}` === field ? offset + shift : offset,
        ]),
      ),
    ]),
  ) as unknown as Layout;
}

function attempt(libav: Libav, which: Case): End {
  try {
    verifyLayout({ ...libav, layout: damaged(libav.layout, which) });
    return { end: which.name, outcome: "accepted" };
  } catch (error) {
    if (!(error instanceof LibavError)) {
      return { end: which.name, outcome: "other error", message: String(error) };
    }
    const { code, message } = error;
    return { end: which.name, outcome: "refused", code, message };
  }
}

/** At once: what is still in a buffer is lost in a crash. */
function tell(line: Begin | End): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

if (import.meta.main) {
  const libav = openLibav();
  const cases = casesOf(libav.layout);
  const [first] = process.argv.slice(2);
  const from = first === undefined ? 0 : cases.findIndex(({ name }) => name === first);
  for (const which of cases.slice(from)) {
    tell({ begin: which.name });
    tell(attempt(libav, which));
  }
}
