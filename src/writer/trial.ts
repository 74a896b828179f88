/**
 * The time in which a server that has said yes may still say no.
 *
 * @module
 */

import type { StreamErrorFields } from "../core/connection/errors.ts";
import type { MediaUrl } from "../core/connection/url.ts";

/**
 * RTMP servers accept a publisher (`NetStream.Publish.Start`, which libav waits for), look
 * into its first packets, and hang up when the key is taken or the password wrong:
 * MediaMTX after two seconds.
 */
const TRIAL_MS = 2_500;

/** Milliseconds from the server's yes until the connection counts. */
export function trialTime({ scheme }: MediaUrl): number {
  return scheme === "rtmp" || scheme === "rtmps" ? TRIAL_MS : 0;
}

/** A connection that lasted less long is a failure in a row with the one before. */
export const PROVEN_MS = TRIAL_MS;

/** The failure of a connection that was lost on trial, `elapsed` milliseconds after the yes. */
export function trialFailure(error: StreamErrorFields, elapsed: number): StreamErrorFields {
  if (error.code !== "END_OF_STREAM") return error;
  const reason =
    `the server ended the connection ${Math.round(elapsed)} ms after it had accepted ` +
    `it, and gave no reason; usual causes: somebody else publishes to this stream key, or user ` +
    `name, password or key are wrong`;
  return { ...error, code: "REFUSED", operation: "open", reason };
}
