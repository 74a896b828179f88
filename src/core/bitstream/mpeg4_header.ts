/**
 * Whether a picture of MPEG-4 part 2 brings its header with it (ISO 14496-2, 6.2.3).
 *
 * @module
 */

/** `video_object_layer_start_code`: 0x20 to 0x2f. */
const LAYER_FIRST = 0x20;
const LAYER_LAST = 0x2f;
const PICTURE = 0xb6;

/** Whether what a decoder must know of the stream stands before the picture. */
export function hasMpeg4Header(data: Uint8Array): boolean {
  for (let one = data.indexOf(1); one !== -1; one = data.indexOf(1, one + 1)) {
    if (data[one - 1] !== 0 || data[one - 2] !== 0) continue;
    const code = data[one + 1];
    if (code === undefined || code === PICTURE) return false;
    if (code >= LAYER_FIRST && code <= LAYER_LAST) return true;
  }
  return false;
}
