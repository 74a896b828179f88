/**
 * Where the server of a URL is, for connections beside libav's own.
 *
 * @module
 */

import type { MediaUrl } from "../core/connection/url.ts";

/** Usual ports. */
const PORTS: Readonly<Record<string, number>> = {
  http: 80,
  https: 443,
  rtmps: 443,
  rtsp: 554,
  rtsps: 322,
};

/** The parts of a URL that such a connection needs. */
export interface ServerAddress {
  /** As the URL has it. */
  readonly authority: string;
  /** With the query. */
  readonly path: string;
  /** With the port in any case. */
  readonly hostAndPort: string;
}

/** Without user name and password; undefined for a scheme without a usual port. */
export function serverAddress({ scheme, withCredentials }: MediaUrl): ServerAddress | undefined {
  const port = PORTS[scheme];
  const [, authority, path = ""] =
    /^\w+:\/\/(?:[^@/?#]*@)?([^/?#]*)([^#]*)/.exec(withCredentials) ?? [];
  if (port === undefined || !authority) return undefined;
  const hostAndPort = /:\d+$/.test(authority) ? authority : `${authority}:${port}`;
  return { authority, path, hostAndPort };
}
