/**
 * libav's own options, as users pass them.
 *
 * @module
 */

import type { MediaUrl } from "../connection/url.ts";
import type { Field, FieldsOf, Resolved } from "./fields.ts";
import { checkNativeBounds } from "./native_bounds.ts";
import { checkDictionary } from "./validate.ts";

/**
 * Options of libav itself, by the names that `ffmpeg -h full` lists. They are handed on as they
 * are, and some of them are dangerous: `SECURITY.md` names those.
 */
export interface NativeOptions {
  /** Options of the demuxer (a writer's: the muxer) and its protocols. */
  readonly format?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Options of the decoder (a writer's: the encoder). */
  readonly codec?: Readonly<Record<string, string | number | boolean>> | undefined;
}

function bounded(dictionary: "format" | "codec"): Field<Readonly<Record<string, string>>> {
  return (name, value) => {
    const options = checkDictionary(name, value);
    checkNativeBounds(dictionary, options);
    return options;
  };
}

export const NATIVE_FIELDS = {
  format: bounded("format"),
  codec: bounded("codec"),
} satisfies FieldsOf<NativeOptions>;

/**
 * Refuses native options that do the opposite of what their name says.
 *
 * @throws {TypeError}
 */
export function checkNativeFormat(
  { format }: Resolved<typeof NATIVE_FIELDS>,
  media: MediaUrl,
): void {
  for (const name of media.rules.forbidden ?? []) {
    if (!Object.hasOwn(format, name)) continue;
    throw new TypeError(
      `ffmpeg.format.${name} makes libav wait for a caller when it reads ${media.scheme}; ` +
        `the time-outs are the options openTimeout, readTimeout and stallTimeout`,
    );
  }
}
