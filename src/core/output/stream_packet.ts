/**
 * Packets on their way out of the process, undecoded.
 *
 * @module
 */

/** Compressed data of one picture, before its decoding time is known. */
export interface IncomingPacket {
  readonly data: Uint8Array<ArrayBuffer>;
  /** In the stream's time base. */
  readonly pts: bigint;
  /** Undefined where the stream does not tell. */
  readonly dts?: bigint | undefined;
  readonly keyframe: boolean;
}

/** Compressed data of one picture, with all its times. */
export interface StreamPacket extends IncomingPacket {
  /** Which stream of the connection it belongs to, counted from 0. */
  readonly stream: number;
  readonly dts: bigint;
  /** Milliseconds at which it came. */
  readonly time: number;
}
