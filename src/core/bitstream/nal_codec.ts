/**
 * The codecs whose packets are NAL units.
 *
 * @module
 */

/** As libav calls them. */
export type NalCodec = "h264" | "hevc";
