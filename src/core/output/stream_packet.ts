/**
 * Packets on their way out of the process, undecoded.
 *
 * @module
 */

/** Compressed data of one picture, before its decoding time is known. */
export interface IncomingPacket {
  readonly data: Uint8Array<ArrayBuffer>;
  /** In the stream's time base, as the stream tells it: `NOPTS` where it does not. */
  readonly pts: bigint;
  /** Undefined where the stream does not tell. */
  readonly dts?: bigint | undefined;
  readonly keyframe: boolean;
}

/** Compressed data of one picture, with all its times. */
export interface StreamPacket extends IncomingPacket {
  /** Which stream of the connection it belongs to, counted from 0. */
  readonly stream: number;
  /** Above that of the packet before, and not above `pts`. */
  readonly dts: bigint;
  /** Milliseconds at which it came. */
  readonly time: number;
  /** The stream's own time made no sense: this one is from the arrival or from others. */
  readonly mended: boolean;
}
