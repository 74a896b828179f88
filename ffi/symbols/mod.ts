/**
 * The functions of all libraries, by library, in the order they are loaded:
 * a library comes after those it needs.
 *
 * @module
 */

import { avcodec } from "./avcodec.ts";
import { avformat } from "./avformat.ts";
import { avutil } from "./avutil.ts";
import { swresample, swscale } from "./swscale.ts";

export const SYMBOLS = { avutil, swresample, swscale, avcodec, avformat } as const;

export type LibraryName = keyof typeof SYMBOLS;

export const LIBRARIES = Object.keys(SYMBOLS) as readonly LibraryName[];

/** All libav functions in one table. */
export type LibavSymbols =
  & typeof avutil
  & typeof swresample
  & typeof swscale
  & typeof avcodec
  & typeof avformat;
