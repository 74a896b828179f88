/**
 * What this client does not speak, and libav may.
 *
 * @module
 */

/** Ends a session before anything was read. */
export class Unsupported extends Error {
  override readonly name = "Unsupported";

  /** @param what is not spoken, in a few words: "MPEG-TS in RTP" */
  constructor(what: string) {
    super(what);
  }
}
