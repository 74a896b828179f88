/**
 * What the headers of a picture say about the pictures before it.
 *
 * @module
 */

/** Of one access unit that has a picture. */
export interface PictureNote {
  /** A picture is missing before this one, to which it or others may refer. */
  readonly missing: boolean;
  /**
   * Counts on from picture to picture, in the units of `recovery`: `frame_num` without its
   * wrap (H.264) or the picture order count (HEVC). Undefined before it can be known.
   */
  readonly number: number | undefined;
  /**
   * A recovery point SEI: from the picture whose number is higher by this many on, all
   * pictures are right when decoding begins here (H.264 D.2.8, HEVC D.3.8). 0: this one.
   */
  readonly recovery: number | undefined;
}

/** Reads the pictures of one connection, in the order of decoding. */
export interface PictureReader {
  /** An access unit with start codes; undefined when it has no first slice. */
  note(unit: Uint8Array): PictureNote | undefined;
}
