/**
 * How packets come: what SETUP asks for, and what the server grants (RFC 2326, section 12.39).
 *
 * @module
 */

/** Of RTP and of RTCP: two channels of the connection, or two ports. */
export type Pair = readonly [rtp: number, rtcp: number];

/** What SETUP asks for. */
export type TransportRequest =
  | { readonly kind: "interleaved"; readonly channels: Pair }
  | { readonly kind: "udp"; readonly ports: Pair }
  | { readonly kind: "multicast" };

/** What the server grants; it may be something else than was asked for. */
export interface TransportAnswer {
  readonly kind: TransportRequest["kind"];
  /** Interleaved: those of the server, else those that were asked for. */
  readonly channels: Pair | undefined;
  /** UDP: ours, as the server repeats them. */
  readonly clientPorts: Pair | undefined;
  /** UDP: the server's own; undefined where it does not say. */
  readonly serverPorts: Pair | undefined;
  /** Multicast: of the group. */
  readonly ports: Pair | undefined;
  /** Where packets come from, if it is not the server's address; nobody has checked it. */
  readonly source: string | undefined;
  /** Where packets go to: the group's address for multicast; nobody has checked it. */
  readonly destination: string | undefined;
  /** Multicast: how many routers a packet may pass. */
  readonly ttl: number | undefined;
  /** What the packets will carry as their source's number (RFC 3550, section 3). */
  readonly ssrc: number | undefined;
  /** In capitals: `"PLAY"`. */
  readonly mode: string | undefined;
}

/** @param profile the protocol of the media line, `RTP/AVP` */
export function formatTransport(profile: string, request: TransportRequest): string {
  // Some descriptions have the lower transport already.
  const plain = profile.replace(/\/(?:TCP|UDP)$/i, "");
  switch (request.kind) {
    case "interleaved":
      return `${plain}/TCP;unicast;interleaved=${request.channels.join("-")}`;
    case "udp":
      return `${plain};unicast;client_port=${request.ports.join("-")}`;
    case "multicast":
      return `${plain};multicast`;
  }
}

/**
 * Reads an answer of which parts may be missing or odd: those are undefined, or what was asked.
 *
 * @param value undefined where the server says nothing, which grants all
 */
export function parseTransport(
  value: string | undefined,
  request: TransportRequest,
): TransportAnswer {
  // A list would be a choice, and the server has made it.
  const [protocol = "", ...parts] = (value ?? "").split(",")[0]!.split(";").map((one) =>
    one.trim()
  );
  const parameters = new Map(parts.map((part) => {
    const equals = (part + "=").indexOf("=");
    const text = part.slice(equals + 1).trim().replace(/^"(.*)"$/, "$1");
    return [part.slice(0, equals).trim().toLowerCase(), text === "" ? undefined : text];
  }));
  const kind = protocol === "" ? request.kind : kindOf(protocol, parameters);
  const asked = request.kind === "interleaved" ? request.channels : undefined;
  return {
    kind,
    channels: kind === "interleaved"
      ? pair(parameters.get("interleaved"), 0, 255) ?? asked
      : undefined,
    clientPorts: pair(parameters.get("client_port"), 1, 65535),
    serverPorts: pair(parameters.get("server_port"), 1, 65535),
    ports: pair(parameters.get("port"), 1, 65535),
    source: parameters.get("source"),
    destination: parameters.get("destination"),
    ttl: numberOf(parameters.get("ttl"), 0, 255),
    ssrc: hexOf(parameters.get("ssrc")),
    mode: parameters.get("mode")?.toUpperCase(),
  };
}

function kindOf(
  protocol: string,
  parameters: ReadonlyMap<string, string | undefined>,
): TransportRequest["kind"] {
  // Channels say it as well, where the protocol does not.
  if (/\/TCP$/i.test(protocol) || parameters.has("interleaved")) return "interleaved";
  return parameters.has("multicast") ? "multicast" : "udp";
}

/** `6970-6971`, or the first of them alone. */
function pair(text: string | undefined, min: number, max: number): Pair | undefined {
  const [, first, second] = /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/.exec(text ?? "") ?? [];
  const rtp = numberOf(first, min, max);
  if (rtp === undefined) return undefined;
  const rtcp = second === undefined ? rtp + 1 : Number(second);
  return rtcp >= min && rtcp <= max ? [rtp, rtcp] : undefined;
}

function numberOf(text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined || !/^\d{1,5}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= min && value <= max ? value : undefined;
}

/** Eight digits; some servers leave zeros out, some put spaces or `0x` before them. */
function hexOf(text: string | undefined): number | undefined {
  const digits = /^(?:0x)?([\da-f]{1,8})$/i.exec(text ?? "")?.[1];
  return digits === undefined ? undefined : parseInt(digits, 16);
}
