/**
 * The option `tls`, as the runtime's own TLS takes it.
 *
 * @module
 */

import { readFileSync, statSync } from "node:fs";
import { isIP } from "node:net";
import { checkServerIdentity, type ConnectionOptions } from "node:tls";
import { SessionError } from "../../av/check.ts";
import type { ReadRequest } from "../../thread/read_protocol.ts";

/**
 * @param host of the URL: what the certificate has to be made for, unless the option names another
 * @throws {SessionError} `TLS_FAILED`: a file cannot be read
 */
export function tlsSettings(
  host: string,
  { verify, caFile, certFile, keyFile, serverName = host }: ReadRequest["tls"],
): ConnectionOptions {
  return {
    rejectUnauthorized: verify,
    // An address is no server name (RFC 6066, section 3), but can be verified.
    ...(isIP(serverName) === 0 ? { servername: serverName } : {
      checkServerIdentity: (_: string, certificate) => checkServerIdentity(serverName, certificate),
    }),
    ...contents({
      ca: ["caFile", caFile],
      cert: ["certFile", certFile],
      key: ["keyFile", keyFile],
    }),
  };
}

type Files = Readonly<Record<string, readonly [option: string, path: string | undefined]>>;

function contents(files: Files): Record<string, Uint8Array> {
  const read: Record<string, Uint8Array> = {};
  for (const [name, [option, path]] of Object.entries(files)) {
    if (path !== undefined) read[name] = readPlainFile(option, path);
  }
  return read;
}

/** A pipe would hold up the thread. */
function readPlainFile(option: string, path: string): Uint8Array {
  try {
    if (statSync(path).isFile()) return readFileSync(path);
  } catch {
    // One error for all that is wrong with it.
  }
  const reason = `the option tls.${option} names a file that cannot be read: ${path}`;
  throw new SessionError("open", "TLS_FAILED", reason);
}
