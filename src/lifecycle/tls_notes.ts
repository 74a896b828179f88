/**
 * What the log says about the security of a connection.
 *
 * @module
 */

import type { Libraries } from "../core/connection/libraries.ts";
import type { MediaUrl } from "../core/connection/url.ts";
import type { TlsOptions } from "../core/options/tls_options.ts";

const UNVERIFIED = "the server's certificate is not verified, and the option tls has no effect: " +
  'this FFmpeg cannot do it for rtsps; 8.0 can, and so does rtspClient: "own"';

/** What a program may believe to be secure, and is not; undefined when there is nothing. */
export function tlsWarning(
  { scheme, rules }: MediaUrl,
  { verify = true, ...names }: TlsOptions,
  { rtspsVerified }: Libraries,
): string | undefined {
  if (scheme === "rtsps") return rtspsVerified ? undefined : UNVERIFIED;
  const isSet = !verify || Object.values(names).some((value) => value !== undefined);
  // http may redirect to https.
  if (!isSet || rules.protocols.includes("tls")) return undefined;
  const secure = scheme === "rtsp" || scheme === "rtmp" ? `; ${scheme}s is` : "";
  return `the option tls has no effect: ${scheme} is not encrypted${secure}`;
}
