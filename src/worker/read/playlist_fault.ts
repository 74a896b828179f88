/**
 * Why nothing comes of an HLS playlist: libav tries each of its segments, and the next ones, and
 * does not tell what it has met.
 *
 * @module
 */

import type { Libav } from "../../../ffi/mod.ts";
import { CallError, type Explanation } from "../../av/check.ts";
import type { InputRequest } from "../../av/input.ts";
import { OpenData } from "../../av/open_data.ts";
import { parsePlaylist, type Playlist } from "../../core/connection/playlist.ts";

/** So much of a playlist is looked at, in bytes: a day of segments. */
const LONGEST = 4 << 20;
/** So many of its variants are looked at. */
const VARIANTS = 3;
/** Bytes that no container begins with: a page, or JSON. */
const TEXT = /^\s*[<{]/;
/** Bytes of a key of AES-128. */
const KEY = 16;

const CIRCLE: Explanation = {
  code: "INVALID_DATA",
  reason: "its playlist names itself, or playlists that name others again, and no segments",
};
const NO_SEGMENTS: Explanation = {
  code: "NO_VIDEO",
  reason: "its playlist names no segments",
};
/** What the answer of a server means, behind "cannot be read: ". */
const ANSWERS: Readonly<Record<string, string>> = {
  HTTP_NOT_FOUND: "not found (404)",
  HTTP_UNAUTHORIZED: "not permitted (401)",
  HTTP_FORBIDDEN: "not permitted (403)",
  HTTP_OTHER_4XX: "the server refuses it (402 to 499)",
  HTTP_SERVER_ERROR: "the server has failed (500 to 599)",
};

/** The beginning of what is at a URL. */
interface Content {
  readonly text: string;
  /** Bytes. */
  readonly length: number;
  /** Where redirections have led; empty where there was none. */
  readonly location: string;
}

type Look = (url: string) => Content | Explanation;

/**
 * Looks at a playlist and at what it names, in connections of our own.
 *
 * @param protocols that it may lead to
 * @returns undefined where it is no playlist of HLS, or where a part of what it names is there:
 * the rest may come
 */
export function playlistFault(
  libav: Libav,
  { url, optional, required, stop }: InputRequest,
  protocols: readonly string[],
): Explanation | undefined {
  const look: Look = (url) => {
    const [scheme = ""] = url.split(":", 1);
    if (!protocols.includes(scheme)) {
      const reason = `"${scheme}", which is not allowed for this URL`;
      return { code: "PROTOCOL_BLOCKED", reason };
    }
    try {
      using data = OpenData.open(libav, { url, options: { ...optional, ...required }, stop });
      return beginning(data);
    } catch (error) {
      const detail = error instanceof CallError ? error.detail : undefined;
      const code = detail === "HTTP_NOT_FOUND" ? "NOT_FOUND" : "INVALID_DATA";
      return { code, reason: ANSWERS[detail ?? ""] ?? detail ?? "no answer" };
    }
  };
  const playlist = playlistAt(url, look);
  if (!playlist || "code" in playlist) return undefined;
  const fault = faultOf(playlist, look);
  return stop[0] === 0 ? fault : undefined;
}

/** Of what is no playlist, the first piece is enough. */
function beginning(data: OpenData): Content {
  const decoder = new TextDecoder();
  let [text, length] = ["", 0];
  for (const piece of data.pieces()) {
    text += decoder.decode(piece, { stream: true });
    length += piece.length;
    if (length >= LONGEST || !text.startsWith("#")) break;
  }
  return { text, length, location: data.location };
}

function playlistAt(url: string, look: Look): Playlist | Explanation | undefined {
  const there = look(url);
  if ("code" in there) return there;
  return parsePlaylist(there.text, there.location || url);
}

function faultOf({ variants, ...media }: Playlist, look: Look): Explanation | undefined {
  if (variants.length === 0) return faultOfMedia(media, look);
  return everyFault(variants.slice(0, VARIANTS), (variant) => {
    const playlist = playlistAt(variant, look);
    if (!playlist) {
      return unreadable("playlists", { code: "INVALID_DATA", reason: "they are something else" });
    }
    if ("code" in playlist) return unreadable("playlists", playlist);
    return playlist.variants.length > 0 ? CIRCLE : faultOfMedia(playlist, look);
  });
}

function faultOfMedia(
  { segments, keys, maps }: Omit<Playlist, "variants">,
  look: Look,
): Explanation | undefined {
  const [oldest, newest] = [segments[0], segments.at(-1)];
  if (oldest === undefined || newest === undefined) return NO_SEGMENTS;
  const of = (what: string, faultIn: (content: Content) => Explanation | undefined) => {
    return (url: string) => {
      const there = look(url);
      const fault = "code" in there ? there : faultIn(there);
      return fault && unreadable(what, fault);
    };
  };
  return everyFault(keys.slice(-1), of("keys", faultInKey)) ??
    everyFault(maps.slice(-1), of("beginnings of segments (EXT-X-MAP)", faultInMedia)) ??
    everyFault([newest, oldest], of("segments", faultInMedia));
}

function faultInKey({ length }: Content): Explanation | undefined {
  if (length === KEY) return undefined;
  return { code: "INVALID_DATA", reason: `they have not ${KEY} bytes` };
}

function faultInMedia({ text, length }: Content): Explanation | undefined {
  if (length === 0) return { code: "INVALID_DATA", reason: "there is nothing in them" };
  if (!TEXT.test(text)) return undefined;
  return { code: "INVALID_DATA", reason: "a text is there, such as a page to log in" };
}

function unreadable(what: string, { code, reason }: Explanation): Explanation {
  const names = `the ${what} that its playlist names`;
  if (code === "PROTOCOL_BLOCKED") return { code, reason: `${names} lead to ${reason}` };
  return { code, reason: `${names} cannot be read: ${reason}` };
}

/** The first fault, where every one has one. */
function everyFault(
  urls: readonly string[],
  faultAt: (url: string) => Explanation | undefined,
): Explanation | undefined {
  let first: Explanation | undefined;
  for (const url of urls) {
    const fault = faultAt(url);
    if (!fault) return undefined;
    first ??= fault;
  }
  return first;
}
