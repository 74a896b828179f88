/**
 * Why an input could not be opened, where libav's number stands for several causes.
 *
 * @module
 */

import { LARGEST_BLOCK, type Libav } from "../../../ffi/mod.ts";
import type { CallError, Explanation, SessionError } from "../../av/check.ts";
import { probeContainer, type ProbedContainer } from "../../av/container_probe.ts";
import type { InputRequest } from "../../av/input.ts";
import { mayBeValue, notOnList, valueRefused, wrongInputValue } from "../../av/option_values.ts";
import { isPlaylist } from "../../core/connection/liveness.ts";
import {
  oddContent,
  oddDescription,
  oddHttpAnswer,
  oddRtspAnswer,
} from "../../core/connection/odd_answers.ts";
import type { ReadRequest } from "../../thread/read_protocol.ts";
import { WRONG_QUERY } from "../failure.ts";
import { secondLook } from "../second_look.ts";
import { listens } from "./demuxer_options.ts";
import { passwordRefused } from "./refused_password.ts";

/** What libav takes a name for, whatever is in it: a row of pictures, a film of letters. */
const BY_NAME_ALONE: ReadonlySet<string> = new Set(["image2", "tty"]);

const MISUNDERSTOOD: Explanation = {
  code: "INVALID_DATA",
  reason: "the server answers DESCRIBE, but not all that FFmpeg asks before and after (OPTIONS, " +
    "SETUP)",
};

/** Of a playlist. */
export const UNREADABLE_PARTS: Explanation = {
  code: "INVALID_DATA",
  reason: "nothing that its playlist names can be read",
};

/** What an attempt to open has to do with. */
export interface FailedOpen {
  readonly libav: Libav;
  readonly request: ReadRequest;
  readonly input: InputRequest;
  readonly error: CallError;
  /** What a look at the data has shown, where there was one. */
  readonly probed: ProbedContainer | undefined;
}

/** The error with its cause, as far as it can be found out; asks a server once more for it. */
export function openFailure(failed: FailedOpen): CallError | SessionError {
  const { libav, request, input, error, probed } = failed;
  if (input.stop[0] !== 0) return error;
  if (mayBeValue(error)) {
    const demuxer = input.demuxer ?? probed?.demuxer;
    const name = wrongInputValue(libav, input.url, demuxer, input.required);
    if (name !== undefined) return valueRefused(name);
  }
  const explanation = transportRefused(error, request) ??
    passwordRefused(libav, request, input.stop, error) ??
    (error.detail === "EINVAL" ? notAllowed(failed) : notReadable(failed));
  return explanation ? error.explained(explanation) : error;
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

/** The causes of EINVAL that are no option's value. */
function notAllowed({ libav, request, input, probed }: FailedOpen): Explanation | undefined {
  const { rules, scheme } = request.media;
  const listed = notOnList(input.required);
  if (listed) return listed;
  const { demuxer } = input;
  if (demuxer !== undefined) {
    const reason = `as "${demuxer}", which the option container names, it cannot be read without ` +
      `native options that say more of it, such as video_size`;
    return { code: "INVALID_DATA", reason };
  }
  const found = probed?.demuxer;
  if (found === undefined) {
    if (scheme === "udp" || scheme === "srt") {
      return { code: "OPTION_UNKNOWN", reason: WRONG_QUERY };
    }
    return fromAnswer(libav, request, input);
  }
  if (BY_NAME_ALONE.has(found) && probeContainer(libav, input, false)?.demuxer === undefined) {
    return {
      code: "INVALID_DATA",
      reason: "nothing that is known is in it, whatever its name says",
    };
  }
  const reason = rules.demuxers.includes(found)
    ? `its container is "${found}", but what that leads to is not allowed for ${scheme}`
    : `its container is "${found}", which is not allowed for ${scheme} by itself; ` +
      `the option container: "${found}" allows it`;
  return { code: "PROTOCOL_BLOCKED", reason };
}

/** The causes of "I/O error" and "invalid data". */
function notReadable(
  { libav, request, input, error, probed }: FailedOpen,
): Explanation | undefined {
  if (error.detail !== "INVALIDDATA" && error.detail !== "EIO") return undefined;
  if (request.media.path !== undefined) return undefined;
  if (probed === undefined) return fromAnswer(libav, request, input);
  if (probed.empty) {
    const nothing = { code: "INVALID_DATA", reason: "the server sent nothing" } as const;
    return fromAnswer(libav, request, input) ?? nothing;
  }
  if (isPlaylist(probed.demuxer ?? "")) return UNREADABLE_PARTS;
  return oddContent(probed.contentType);
}

function fromAnswer(
  libav: Libav,
  request: ReadRequest,
  { stop }: InputRequest,
): Explanation | undefined {
  if (listens(request) || request.transport === "http") return undefined;
  const answer = secondLook(libav, request, "DESCRIBE", stop);
  // Over TLS it may be the handshake that fails.
  if (answer === undefined || answer === "" && request.media.scheme.endsWith("s")) {
    return undefined;
  }
  if (!request.media.scheme.startsWith("rtsp")) return oddHttpAnswer(answer);
  const odd = oddRtspAnswer(answer);
  if (odd || !/^RTSP\/\S+ 200/.test(answer)) return odd;
  return oddDescription(answer, LARGEST_BLOCK) ?? MISUNDERSTOOD;
}
