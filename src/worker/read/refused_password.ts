/**
 * What a server says that has not accepted a password.
 *
 * @module
 */

import type { Libav } from "../../../ffi/mod.ts";
import type { CallError, Explanation } from "../../av/check.ts";
import { unsupportedChallenges } from "../../core/connection/challenges.ts";
import type { ReadRequest } from "../../thread/read_protocol.ts";
import { secondLook } from "../second_look.ts";

/**
 * Asks once more, without a password: libav does not tell what was offered.
 *
 * @returns undefined when the password may be wrong
 */
export function passwordRefused(
  libav: Libav,
  request: ReadRequest,
  stop: Uint8Array,
  { detail }: CallError,
): Explanation | undefined {
  if (detail !== "HTTP_UNAUTHORIZED" || !request.media.hasCredentials) return undefined;
  const reason = unsupportedChallenges(secondLook(libav, request, "DESCRIBE", stop) ?? "");
  return reason === undefined ? undefined : { code: "AUTH_FAILED", reason };
}
