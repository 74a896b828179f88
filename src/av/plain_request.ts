/**
 * One request to a server and its answer, by libav's own connections.
 *
 * @module
 */

import type { Libav } from "../../ffi/mod.ts";
import { type DataRequest, OpenData } from "./open_data.ts";

export interface PlainRequest extends DataRequest {
  /** `tcp://host:port` or `tls://host:port`. */
  readonly url: string;
  readonly text: string;
  /** Whether no more of the answer is wanted than has come. */
  readonly isEnough: (answer: string) => boolean;
}

/** What came of the answer, a byte a character; empty when there is none. */
export function answerTo(libav: Libav, request: PlainRequest): string {
  let answer = "";
  try {
    using server = OpenData.open(libav, request, true);
    server.write(request.text);
    for (const piece of server.pieces()) {
      answer += new TextDecoder("latin1").decode(piece);
      if (request.isEnough(answer)) break;
    }
  } catch {
    // Nobody is there to answer.
  }
  return answer;
}
