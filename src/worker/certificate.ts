/**
 * What was wrong when a TLS connection has failed: libav tells "I/O error" only.
 *
 * @module
 */

import type { Libav } from "../../ffi/mod.ts";
import { CallError, SessionError } from "../av/check.ts";
import { canRead } from "../av/file_check.ts";
import { shakesHands } from "../av/tls_handshake.ts";
import type { MediaUrl } from "../core/connection/url.ts";
import type { Resolved } from "../core/options/fields.ts";
import { nativeTls, type TLS_FIELDS } from "../core/options/tls_options.ts";
import { serverAddress } from "./server_address.ts";

/** Schemes over TLS. */
const SECURE: ReadonlySet<string> = new Set(["https", "rtmps", "rtsps"]);

const NOT_ACCEPTED = "the server's certificate was not accepted: it is expired, made for another " +
  "name, or signed by an authority that is not known; ";
const ASK_OPTION = "the options tls.caFile and tls.serverName name a file of authorities and " +
  "another name";
/** Options that are paths. */
const FILES = ["caFile", "certFile", "keyFile"] as const;
const ASK_SYSTEM = 'with transport "http" FFmpeg knows those of the system alone and takes no ' +
  "option tls";

/** What a request has of it. */
export interface TlsRequest {
  readonly media: MediaUrl;
  readonly tls: Resolved<typeof TLS_FIELDS>;
  readonly transport?: string | undefined;
}

/**
 * The error of a certificate that was not accepted, or of a file of one. Whether it was that is
 * seen from other connections, over which nothing is sent: one is made without verifying it.
 *
 * @param stop begins with the stop byte
 */
export function certificateRefused(
  libav: Libav,
  { media, tls, transport }: TlsRequest,
  error: unknown,
  stop: Uint8Array,
): SessionError | undefined {
  const isVague = error instanceof CallError && error.operation === "open" &&
    error.detail === "EIO";
  const address = SECURE.has(media.scheme) ? serverAddress(media)?.hostAndPort : undefined;
  if (!isVague || stop[0] !== 0 || address === undefined) return undefined;
  const unreadable = FILES.find((name) => tls[name] !== undefined && !canRead(libav, tls[name]));
  if (unreadable !== undefined) {
    const reason = `the option tls.${unreadable} names a file that cannot be read: ` +
      `${tls[unreadable]}`;
    return new SessionError("open", "TLS_FAILED", reason);
  }
  // libav 9.0 hands no option on to the HTTPS that it puts RTSP into.
  const inside = media.scheme === "rtsps" && transport === "http";
  const accepts = (options: Readonly<Record<string, string>>) =>
    shakesHands(libav, address, options, stop);
  const fault = inside && !accepts({})
    ? ASK_SYSTEM
    : tls.verify && verifies(libav, media.scheme) && !accepts(nativeTls(tls))
    ? ASK_OPTION
    : undefined;
  if (fault === undefined || !accepts(nativeTls({ ...tls, verify: false }))) return undefined;
  return new SessionError("open", "TLS_FAILED", NOT_ACCEPTED + fault);
}

function verifies(libav: Libav, scheme: string): boolean {
  return scheme !== "rtsps" || libav.rtspsVerified;
}
