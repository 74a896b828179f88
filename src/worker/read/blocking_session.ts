/**
 * An attempt that blocks its thread in libav until it is over.
 *
 * @module
 */

import type { ReadRequest } from "../../thread/read_protocol.ts";
import { lookUpHost } from "../host_lookup.ts";
import type { ReadContext } from "./read_context.ts";
import { ReadSession } from "./read_session.ts";
import type { AttemptSession } from "./stream_reader.ts";

/** Not to be used twice. */
export class BlockingSession implements AttemptSession {
  readonly #context: ReadContext;
  readonly #request: ReadRequest;
  readonly #session: ReadSession;

  constructor(context: ReadContext, request: ReadRequest) {
    this.#context = context;
    this.#request = request;
    this.#session = new ReadSession(context, request);
  }

  async run(): Promise<void> {
    if (await lookUpHost(this.#request.media, this.#context.control)) this.#session.run();
  }

  /** Nobody can call it meanwhile: the session looks by itself. */
  look(): void {}

  get nextDemuxer(): string | undefined {
    return this.#session.nextDemuxer;
  }
}
