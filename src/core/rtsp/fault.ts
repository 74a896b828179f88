/**
 * What goes wrong in a conversation with an RTSP server.
 *
 * @module
 */

/** Why a session cannot go on. */
export type RtspFaultKind =
  /** What came is not RTSP. */
  | "not-rtsp"
  /** A head or a body is longer than the bounds. */
  | "too-large"
  /** No answer within the deadline of the step. */
  | "timeout"
  /** A password is missing, or not accepted. */
  | "auth"
  /** A password is wanted in a way that is not known. */
  | "auth-way"
  /** The server refused a request; `status` says how. */
  | "status"
  /** The transport was refused, or another one was granted. */
  | "transport"
  /** A redirection that is not followed. */
  | "redirect"
  /** The session description is missing, or nothing in it can be understood. */
  | "description"
  /** The server does not know the session any more. */
  | "session-lost"
  /** The server said that this is the end. */
  | "ended";

/** What is known beside the kind. */
export interface RtspFaultDetails {
  /** The request that it is about. */
  readonly method?: string | undefined;
  /** The status of the answer. */
  readonly status?: number | undefined;
  /** How the server would take a password: `["Basic", "Digest with SHA-256"]`. */
  readonly offered?: readonly string[] | undefined;
}

/** The one error of this folder. Its message never has a password, and no words of the server. */
export class RtspFault extends Error {
  override readonly name = "RtspFault";
  readonly kind: RtspFaultKind;
  readonly method: string | undefined;
  readonly status: number | undefined;
  readonly offered: readonly string[];

  constructor(kind: RtspFaultKind, message: string, details: RtspFaultDetails = {}) {
    super(message);
    this.kind = kind;
    this.method = details.method;
    this.status = details.status;
    this.offered = details.offered ?? [];
  }
}
