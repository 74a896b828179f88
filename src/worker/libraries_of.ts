/**
 * What a background thread reports about the libraries that it has loaded.
 *
 * @module
 */

import type { Libav } from "../../ffi/mod.ts";
import type { Libraries } from "../core/connection/libraries.ts";

/** The part of them that can be sent. */
export function librariesOf(libav: Libav): Libraries {
  const { version, release, paths, missingFlag, rtspsVerified } = libav;
  return { version, release, paths, missingFlag, rtspsVerified };
}
