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
import type { ReadRequest } from "../thread/read_protocol.ts";
import { serverAddress } from "./server_address.ts";
import { otherThanFile } from "./special_file.ts";

/** Schemes over TLS. */
const SECURE: ReadonlySet<string> = new Set(["https", "rtmps", "rtsps"]);

const NOT_ACCEPTED = "the server's certificate was not accepted: it is expired, made for another " +
  "name, or signed by an authority that is not known; ";
const ASK_OPTION = "the options tls.caFile and tls.serverName name a file of authorities and " +
  "another name";
/** Options that are paths, and libav's own ones. */
const FILES = ["caFile", "certFile", "keyFile"] as const;
const NATIVE_FILES = ["ca_file", "cafile", "cert_file", "key_file"] as const;
const ASK_SYSTEM = 'with transport "http" FFmpeg knows those of the system alone and takes no ' +
  "option tls";

/** What a request has of it. */
export interface TlsRequest {
  readonly media: MediaUrl;
  readonly tls: Resolved<typeof TLS_FIELDS>;
  readonly transport?: string | undefined;
}

/**
 * Refuses files of certificates that may hold up for ever whoever opens them, which libav does
 * in calls that hear of no stop. Asked with any scheme: a server may redirect to another one.
 *
 * @throws {SessionError} `TLS_FAILED`
 */
export function assertCertificateFiles(
  libav: Libav,
  { tls, ffmpeg: { format } }: Pick<TlsRequest, "tls"> & Pick<ReadRequest, "ffmpeg">,
): void {
  const named = [
    ...FILES.map((name) => [`tls.${name}`, tls[name]] as const),
    ...NATIVE_FILES.map((name) => [`ffmpeg.format.${name}`, format[name]] as const),
  ];
  for (const [option, path] of named) {
    const what = path === undefined ? undefined : otherThanFile(libav, path);
    if (path === undefined || what === undefined) continue;
    const reason = `the option ${option} names ${what} and not a file: ${path}`;
    throw new SessionError("open", "TLS_FAILED", reason);
  }
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
