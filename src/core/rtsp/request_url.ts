/**
 * URLs as they stand in the first line of a request (RFC 2326, section 6.1).
 *
 * @module
 */

/** With what would end the URL there encoded; all else is as the server or the program has it. */
export function requestUrl(url: string): string {
  return url.trim().replace(/[\s\p{Cc}]/gu, (character) => encodeURIComponent(character));
}
