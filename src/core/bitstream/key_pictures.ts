/**
 * Which pictures refer to none, where libav's RTP client does not say it.
 *
 * @module
 */

/** VP9, 6.2: marker 2, the profile, one bit more of profile 3, then what the frame is. */
function isVp9Key([first = 0]: Uint8Array): boolean {
  if (first >> 6 !== 2) return false;
  const [shown, type] = (first >> 4 & 3) === 3 ? [2, 1] : [3, 2];
  // One that was there before is shown again: it has no type.
  return (first >> shown & 1) === 0 && (first >> type & 1) === 0;
}

/** Theora, 7.1: no header, and an intra frame. */
function isTheoraKey(data: Uint8Array): boolean {
  return data.length > 0 && data[0]! >> 6 === 0;
}

const KEY: Readonly<Record<string, (data: Uint8Array) => boolean>> = {
  vp9: isVp9Key,
  theora: isTheoraKey,
};

/** Whether a packet of a codec, by libav's name, is known to be a keyframe. */
export function isKeyPicture(codec: string, data: Uint8Array): boolean {
  return KEY[codec]?.(data) ?? false;
}
