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
  /**
   * A permission flag that the runtime did not get, so that the environment variable in
   * it was ignored: `"--allow-env=RTSP_STREAM_LIBAV"`. Undefined where none is missing.
   */
  readonly missingFlag: string | undefined;
  /**
   * Whether the certificates of rtsps are verified: from FFmpeg 8.0 on, and always by the RTSP
   * client of this package.
   */
  readonly rtspsVerified?: boolean | undefined;
}

/** What a background thread has loaded and tested, for those that begin later. */
export interface VerifiedLibraries {
  readonly release: string;
  readonly paths: Readonly<Record<string, string>>;
  /** What the environment variable said then. */
  readonly override: string | undefined;
}

/** The libraries in one line, for the log. */
export function describeLibraries(libraries: Libraries): string {
  const { version, release, paths, missingFlag } = libraries;
  const ignored = missingFlag ? `; ${missingFlag} is missing, so this variable was not read` : "";
  return `FFmpeg ${version}, used as release ${release}, ${paths.avformat}${ignored}`;
}
