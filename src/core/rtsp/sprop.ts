/**
 * The parameter sets in a session description: RFC 6184, section 8.1 and RFC 7798, section 7.1.
 *
 * @module
 */

/** In the order in which decoders take them. */
const NAMES = ["sprop-vps", "sprop-sps", "sprop-pps", "sprop-parameter-sets"] as const;
const START_CODE = [0, 0, 0, 1] as const;
/** They are short; a description is not to make a camera's keyframes long. */
const MOST_BYTES = 16 * 1024;

/**
 * All of them with start codes (Annex B); undefined where there are none.
 *
 * @param parameters of `a=fmtp`
 */
export function spropParameterSets(
  parameters: ReadonlyMap<string, string>,
): Uint8Array<ArrayBuffer> | undefined {
  const sets = NAMES.flatMap((name) => (parameters.get(name) ?? "").split(",")).flatMap(decoded);
  const bytes = sets.flatMap((set) => [...START_CODE, ...set]);
  return bytes.length > 0 && bytes.length <= MOST_BYTES ? Uint8Array.from(bytes) : undefined;
}

function decoded(text: string): Uint8Array[] {
  try {
    // Some cameras end a list with a comma.
    const bytes = Uint8Array.from(atob(text.trim()), (character) => character.charCodeAt(0));
    return bytes.length > 0 ? [bytes] : [];
  } catch {
    return [];
  }
}
