/**
 * libav's own options, as users pass them.
 *
 * @module
 */

import type { MediaUrl } from "../connection/url.ts";
import { checkDictionary, checkNames } from "./validate.ts";

/** Options of libav itself, by the names that `ffmpeg -h full` lists. */
export interface NativeOptions {
  /** Options of the demuxer (a writer's: the muxer) and its protocols. */
  readonly format?: Readonly<Record<string, string | number | boolean>>;
  /** Options of the decoder (a writer's: the encoder). */
  readonly codec?: Readonly<Record<string, string | number | boolean>>;
}

/** Checked, as libav's dictionaries take them. */
export interface ResolvedNativeOptions {
  readonly format: Readonly<Record<string, string>>;
  readonly codec: Readonly<Record<string, string>>;
}

const NAMES = ["format", "codec"];

/** Checks the options. */
export function resolveNative(options: NativeOptions | undefined): ResolvedNativeOptions {
  checkNames("ffmpeg", options, NAMES);
  return Object.freeze({
    format: checkDictionary("ffmpeg.format", options?.format),
    codec: checkDictionary("ffmpeg.codec", options?.codec),
  });
}

/**
 * Refuses native options that do the opposite of what their name says.
 *
 * @throws {TypeError}
 */
export function checkNativeFormat({ format }: ResolvedNativeOptions, media: MediaUrl): void {
  for (const name of media.rules.forbidden ?? []) {
    if (!Object.hasOwn(format, name)) continue;
    throw new TypeError(
      `ffmpeg.format.${name} makes libav wait for a caller when it reads ${media.scheme}; ` +
        `the time-outs are the options openTimeout, readTimeout and stallTimeout`,
    );
  }
}
