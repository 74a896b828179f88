/**
 * With which packet each media begins (RFC 2326, section 12.33).
 *
 * @module
 */

/** Each may be missing. */
export interface MediaStart {
  /** Sequence number of the first packet, 16 bits. */
  readonly sequence: number | undefined;
  /** RTP time that belongs to the beginning of the range, 32 bits. */
  readonly time: number | undefined;
}

interface Entry extends MediaStart {
  readonly url: string;
}

const NOTHING: MediaStart = { sequence: undefined, time: undefined };

/**
 * Sorts the entries by the media.
 *
 * @param urls those with which the media were set up
 * @returns one for each of the `urls`, in their order
 */
export function parseRtpInfo(values: readonly string[], urls: readonly string[]): MediaStart[] {
  const entries = values.flatMap((value) => {
    // A URL may have commas of its own.
    return value.split(/,(?=\s*url\s*=)/i).map(entryOf);
  });
  return urls.map((url, i) => {
    const found = entries.find((entry) => entry.url === url) ??
      entries.find((entry) => entry.url !== "" && url.endsWith(`/${lastPart(entry.url)}`)) ??
      // Where URLs say nothing, the order does.
      (entries.length === urls.length ? entries[i] : undefined);
    return found === undefined ? NOTHING : { sequence: found.sequence, time: found.time };
  });
}

function entryOf(text: string): Entry {
  // A URL may have semicolons of its own as well.
  const end = text.search(/;\s*(?:seq|rtptime|ssrc)\s*=/i);
  const url = /^\s*url\s*=(.*)$/is.exec(end < 0 ? text : text.slice(0, end))?.[1] ?? "";
  return {
    url: url.trim().replace(/^"(.*)"$/, "$1"),
    sequence: numberOf(/;\s*seq\s*=\s*(\d{1,10})\b/i.exec(text)?.[1], 2 ** 16),
    time: numberOf(/;\s*rtptime\s*=\s*(\d{1,10})\b/i.exec(text)?.[1], 2 ** 32),
  };
}

/** Servers behind a router, or with another name, give URLs that are not the client's. */
function lastPart(url: string): string {
  return url.slice(url.lastIndexOf("/") + 1);
}

function numberOf(text: string | undefined, limit: number): number | undefined {
  const value = Number(text ?? NaN);
  return value < limit ? value : undefined;
}
