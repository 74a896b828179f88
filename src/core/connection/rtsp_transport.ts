/**
 * How an RTSP stream is read.
 *
 * @module
 */

/** How packets come to the RTSP client of this package: TCP, TLS over it, or UDP. */
export type OwnTransport = "tcp" | "tls" | "udp";

/** By which client an RTSP stream is read, and how its packets come. */
export interface RtspTransport {
  /** The client of this package, or libavformat. */
  readonly client: "own" | "libav";
  /** How packets come to the client of this package; undefined of libavformat, which does not tell. */
  readonly protocol: OwnTransport | undefined;
  /** Why it is libavformat; undefined where it is the client of this package. */
  readonly reason: string | undefined;
}
