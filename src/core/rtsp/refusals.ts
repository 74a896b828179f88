/**
 * Answers of a server that are a no.
 *
 * @module
 */

import { RtspFault } from "./fault.ts";
import type { TransportAnswer, TransportRequest } from "./transport.ts";

/** Statuses of RFC 2326, section 7.1.1. */
export const SESSION_NOT_FOUND = 454;
export const NO_SUCH_TRANSPORT = 461;

/** A request that was refused. */
export function refusal(method: string, status: number): RtspFault {
  const details = { method, status };
  return status === SESSION_NOT_FOUND
    ? new RtspFault("session-lost", "the server does not know the session", details)
    : new RtspFault("status", `the server answers ${method} with ${status}`, details);
}

/** A SETUP that was refused, or granted otherwise than it was asked. */
export function refusedTransport(
  status: number,
  asked: TransportRequest,
  granted: TransportAnswer,
): RtspFault {
  const message = status === NO_SUCH_TRANSPORT
    ? `the server refuses the transport "${asked.kind}"`
    : `the server was asked for the transport "${asked.kind}" and grants "${granted.kind}"`;
  return new RtspFault("transport", message, { method: "SETUP", status });
}
