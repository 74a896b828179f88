/**
 * Options of TLS connections.
 *
 * @module
 */

import { type FieldsOf, flag, type Resolved, text } from "./fields.ts";

/**
 * How rtsps, rtmps and https are secured. FFmpeg before 8.0 takes none of this for rtsps, and
 * does not verify its certificates: a warning is logged.
 */
export interface TlsOptions {
  /**
   * Whether the server's certificate is verified: signed by a known authority, not expired,
   * and made for this host. An error of it is `TLS_FAILED`, as is a file of the options below
   * that cannot be read, or is a pipe or a device.
   * @default true
   */
  readonly verify?: boolean | undefined;
  /** Path of a PEM file with the authorities to trust; default: those of the system. */
  readonly caFile?: string | undefined;
  /** Path of a PEM file with the certificate by which the server knows this client. */
  readonly certFile?: string | undefined;
  /** Path of a PEM file with the private key of `certFile`. */
  readonly keyFile?: string | undefined;
  /** The name that the certificate has to be made for; default: the host of the URL. */
  readonly serverName?: string | undefined;
}

export const TLS_FIELDS = {
  verify: flag(true),
  caFile: text,
  certFile: text,
  keyFile: text,
  serverName: text,
} satisfies FieldsOf<TlsOptions>;

/** The same by libav's names (libavformat/tls.h). */
export function nativeTls(
  { verify, caFile, certFile, keyFile, serverName }: Resolved<typeof TLS_FIELDS>,
): Readonly<Record<string, string>> {
  return {
    tls_verify: verify ? "1" : "0",
    ...(caFile === undefined ? {} : { ca_file: caFile }),
    ...(certFile === undefined ? {} : { cert_file: certFile }),
    ...(keyFile === undefined ? {} : { key_file: keyFile }),
    ...(serverName === undefined ? {} : { verifyhost: serverName }),
  };
}
