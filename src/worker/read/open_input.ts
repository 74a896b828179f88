/**
 * Opens what an attempt reads.
 *
 * @module
 */

import type { Libav } from "../../../ffi/mod.ts";
import { CallError, type Explanation } from "../../av/check.ts";
import { Input } from "../../av/input.ts";
import type { ReadRequest } from "../../thread/read_protocol.ts";
import { formatOptions } from "./demuxer_options.ts";

/**
 * Connects and reads the header.
 *
 * @param stop begins with the stop byte
 * @throws {CallError | SessionError}
 */
export function openInput(libav: Libav, request: ReadRequest, stop: Uint8Array): Input {
  const options = formatOptions(libav, request);
  const { media, container } = request;
  try {
    return Input.open(libav, {
      url: media.withCredentials,
      ...options,
      demuxer: container,
      stop,
    });
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    const explanation = transportRefused(error, request);
    throw explanation ? error.explained(explanation) : error;
  }
}

/** What libav's code for a refused transport (461), or tunnel, does not say. */
function transportRefused(
  { detail }: CallError,
  { media, transport }: ReadRequest,
): Explanation | undefined {
  if (!media.rules.demuxers.includes("rtsp")) return undefined;
  if (detail === "EIO" && transport === "http") {
    const reason = 'RTSP over HTTP (transport "http") was refused, or nobody listens there';
    return { code: "REFUSED", reason };
  }
  if (detail !== "EPROTONOSUPPORT") return undefined;
  const reason = transport === "auto"
    ? "the server refuses to send over TCP and over UDP"
    : `the server refuses the transport "${transport}"; "auto" takes TCP or UDP, as the server can`;
  return { code: "REFUSED", reason };
}
