/**
 * Whether a stream over HTTP has an end.
 *
 * @module
 */

/** What is known of an open stream. */
export interface StreamFacts {
  /** libav's name of the container. */
  readonly container: string;
  /** Bytes, as the server says (Content-Length, Content-Range); undefined when it does not. */
  readonly size: number | undefined;
  /** Seconds, as the container or its playlist says; undefined when it does not. */
  readonly duration: number | undefined;
}

/** Containers whose own data is elsewhere: the size is that of the playlist. */
const PLAYLISTS: ReadonlySet<string> = new Set(["hls", "dash"]);
/** A length that a camera tells of it is not to be believed. */
const ENDLESS: ReadonlySet<string> = new Set(["mpjpeg"]);
/** Live servers send the duration that a file once had. */
const CARELESS: ReadonlySet<string> = new Set(["flv", "live_flv"]);

/** Whether a container is one picture. */
export function isPicture(container: string): boolean {
  return container.endsWith("_pipe");
}

/** Whether a container only names the places of its data. */
export function isPlaylist(container: string): boolean {
  return PLAYLISTS.has(container);
}

/** Whether it goes on for ever: the newest frame counts then, and an end is a drop. */
export function isEndless({ container, size, duration }: StreamFacts): boolean {
  if (ENDLESS.has(container)) return true;
  if (isPlaylist(container)) return duration === undefined;
  if (isPicture(container) || size !== undefined) return false;
  return duration === undefined || CARELESS.has(container);
}
