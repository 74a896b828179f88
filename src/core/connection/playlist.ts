/**
 * What an HLS playlist names (RFC 8216), as far as it has to be known why nothing comes of it.
 *
 * @module
 */

/** URLs, in the order of the playlist. */
export interface Playlist {
  /** Other playlists, one for each quality. */
  readonly variants: readonly string[];
  readonly segments: readonly string[];
  /** What segments are decrypted with. */
  readonly keys: readonly string[];
  /** What stands before segments (EXT-X-MAP). */
  readonly maps: readonly string[];
}

const BEGIN = "#EXTM3U";
const NAME = /^[^?#]*\.m3u8?(?:[?#]|$)/i;
const URI = /[:,]URI="([^"]*)"/;

/** Whether a URL is named as playlists are. */
export function isNamedAsPlaylist(url: string): boolean {
  return NAME.test(url);
}

/**
 * @param base the playlist's own URL
 * @returns undefined where it is none
 */
export function parsePlaylist(text: string, base: string): Playlist | undefined {
  const [first, ...lines] = text.replace(/^\ufeff/, "").split(/\r?\n/);
  if (first?.trimEnd() !== BEGIN) return undefined;
  const named = { variants: [], segments: [], keys: [], maps: [] } as Record<
    keyof Playlist,
    string[]
  >;
  const add = (kind: keyof Playlist, url: string | undefined) => {
    if (url && URL.canParse(url, base)) named[kind].push(new URL(url, base).href);
  };
  let next: keyof Playlist | undefined;
  for (const line of lines.map((text) => text.trim())) {
    if (line.startsWith("#EXT-X-STREAM-INF:")) next = "variants";
    else if (line.startsWith("#EXTINF:")) next = "segments";
    else if (line.startsWith("#EXT-X-KEY:")) add("keys", URI.exec(line)?.[1]);
    else if (line.startsWith("#EXT-X-MAP:")) add("maps", URI.exec(line)?.[1]);
    else if (line !== "" && !line.startsWith("#") && next) {
      add(next, line);
      next = undefined;
    }
  }
  return named;
}
