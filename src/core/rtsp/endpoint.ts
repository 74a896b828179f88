/**
 * Where a server is, what it is asked for, and with which credentials.
 *
 * @module
 */

import { type Credentials, type MediaUrl, parseMediaUrl } from "../connection/url.ts";
import { RtspFault } from "./fault.ts";
import { requestUrl } from "./request_url.ts";

/** One server, and the stream on it. */
export interface Endpoint {
  /** What people are shown. */
  readonly media: MediaUrl;
  /** Without credentials, as requests have it (RFC 2326, section 3.2). */
  readonly url: string;
  /** As the system looks it up: IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** `rtsps`: TLS from the first byte on (RFC 7826, section 19.2). */
  readonly secure: boolean;
  readonly credentials: Credentials | undefined;
}

const PORTS = { rtsp: 554, rtsps: 322 };

/** @param media of `rtsp` or `rtsps` */
export function endpointOf(media: MediaUrl): Endpoint {
  const [, scheme = "", userinfo, address = "", tail = ""] =
    /^([^:]+):\/\/(?:([^/?#]*)@)?([^/?#]*)(.*)$/s.exec(media.withCredentials) ?? [];
  const secure = scheme === "rtsps";
  const port = /:(\d+)$/.exec(address)?.[1];
  return {
    media,
    url: requestUrl(`${scheme}://${address}${tail}`),
    host: media.host ?? "",
    port: port === undefined ? PORTS[secure ? "rtsps" : "rtsp"] : Number(port),
    secure,
    credentials: credentialsOf(userinfo),
  };
}

/**
 * Where a server sends its client to (RFC 2326, section 11.3; RFC 2616, section 14.30).
 *
 * @param location a URL, or a path on the same server
 * @param anywhere whether it may be another host; credentials never go along to one
 * @throws {RtspFault} `redirect`
 */
export function redirectedEndpoint(
  from: Endpoint,
  location: string | undefined,
  anywhere: boolean,
): Endpoint {
  if (!location) throw new RtspFault("redirect", "the server redirects, and does not say where to");
  const origin = /^[^:]+:\/\/[^/?#]*/.exec(from.url)![0];
  const to = endpointAt(/^\/(?!\/)/.test(location) ? `${origin}${location}` : location);
  const where = to.media.redacted;
  const sameHost = to.host.toLowerCase() === from.host.toLowerCase();
  if (!sameHost && !anywhere) {
    throw new RtspFault(
      "redirect",
      `the server redirects to another host, ${where}, which is not allowed for this URL`,
    );
  }
  if (from.secure && !to.secure) {
    throw new RtspFault("redirect", `the server redirects to ${where}, which is not encrypted`);
  }
  return sameHost && to.credentials === undefined ? { ...to, credentials: from.credentials } : to;
}

function endpointAt(location: string): Endpoint {
  let media: MediaUrl;
  try {
    media = parseMediaUrl(location);
  } catch {
    throw new RtspFault("redirect", "the server redirects to what is no URL that can be opened");
  }
  if (media.scheme in PORTS) return endpointOf(media);
  throw new RtspFault(
    "redirect",
    `the server redirects to "${media.scheme}", which is not allowed for this URL`,
  );
}

/** They were encoded by `parseMediaUrl`. */
function credentialsOf(userinfo: string | undefined): Credentials | undefined {
  if (!userinfo) return undefined;
  const [username = "", password] = userinfo.split(":").map(decodeURIComponent);
  return { username, password };
}
