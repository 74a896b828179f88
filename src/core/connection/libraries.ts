/**
 * Which FFmpeg a stream runs on.
 *
 * @module
 */

/** FFmpeg's libraries as a background thread has loaded them. */
export interface Libraries {
  /** FFmpeg's own version text: `"5.1.9-0+deb12u1"`. */
  readonly version: string;
  /**
   * The release that this package takes it for: `"5.1"`, which 5.0 is too.
   */
  readonly release: string;
  /** The file of each library, by its name: `paths.avformat`. */
  readonly paths: Readonly<Record<string, string>>;
}
