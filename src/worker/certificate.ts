/**
 * What was wrong when a TLS connection has failed: libav tells "I/O error" only.
 *
 * @module
 */

import type { Libav } from "../../ffi/mod.ts";
import { CallError, SessionError } from "../av/check.ts";
import { shakesHands } from "../av/tls_handshake.ts";
import type { MediaUrl } from "../core/connection/url.ts";
import type { Resolved } from "../core/options/fields.ts";
import { nativeTls, type TLS_FIELDS } from "../core/options/tls_options.ts";

/** Schemes over TLS, and their usual ports. */
const PORTS: Readonly<Record<string, number>> = { https: 443, rtmps: 443, rtsps: 322 };

/** What a request has of it. */
export interface TlsRequest {
  readonly media: MediaUrl;
  readonly tls: Resolved<typeof TLS_FIELDS>;
}

/**
 * The error of a certificate that was not accepted. Whether it was that is seen from another
 * connection, over which nothing is sent and which is made without verifying it.
 *
 * @param stop begins with the stop byte
 */
export function certificateRefused(
  libav: Libav,
  { media, tls }: TlsRequest,
  error: unknown,
  stop: Uint8Array,
): SessionError | undefined {
  const isVague = error instanceof CallError && error.operation === "open" &&
    error.detail === "EIO";
  if (!isVague || stop[0] !== 0) return undefined;
  const address = tls.verify && verifies(libav, media.scheme) ? addressOf(media) : undefined;
  if (address === undefined) return undefined;
  if (!shakesHands(libav, address, nativeTls({ ...tls, verify: false }), stop)) return undefined;
  return new SessionError(
    "open",
    "TLS_FAILED",
    "the server's certificate was not accepted: it is expired, made for another name, or signed " +
      "by an authority that is not known; the option tls.caFile names a file of authorities",
  );
}

function verifies(libav: Libav, scheme: string): boolean {
  return scheme !== "rtsps" || libav.rtspsVerified;
}

function addressOf({ scheme, withCredentials }: MediaUrl): string | undefined {
  const port = PORTS[scheme];
  const address = /^\w+:\/\/(?:[^/?#]*@)?([^/?#@]*)/.exec(withCredentials)?.[1];
  if (port === undefined || !address) return undefined;
  return /:\d+$/.test(address) ? address : `${address}:${port}`;
}
