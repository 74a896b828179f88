/**
 * What each URL scheme may do: libav's protocols and demuxers are allowed by
 * name, because its own defaults let a stream open local files and other hosts
 * (CVE-2016-1897, CVE-2017-9993, CVE-2023-6602).
 *
 * @module
 */

export interface Scheme {
  /** `protocol_whitelist` of libavformat. */
  readonly protocols: readonly string[];
  /** `format_whitelist` of libavformat: demuxer names. */
  readonly demuxers: readonly string[];
  /** `always`: newest frame, reconnects. `never`: every frame. `open-ended`: as the container says. */
  readonly live: "always" | "never" | "open-ended";
  /** The protocol has no usual port: the URL has to name one. */
  readonly needsPort?: boolean | undefined;
  /** What to write in place of user name and password, which the protocol does not have. */
  readonly insteadOfCredentials?: string | undefined;
  /** Native options that make libav wait for a caller instead of calling. */
  readonly forbidden?: readonly string[] | undefined;
}

/** Containers of one file; none of them can name another file or host. */
const FILE_DEMUXERS = [
  "mov,mp4,m4a,3gp,3g2,mj2",
  "matroska,webm",
  "avi",
  "flv",
  "mpegts",
  "mpeg",
  "mpegvideo",
  "h264",
  "hevc",
  "m4v",
  "obu",
  "ivf",
  "mjpeg",
  "mpjpeg",
  "yuv4mpegpipe",
  "asf",
  "ogg",
  "nut",
  "mxf",
  "dv",
  "vc1",
  "h261",
  "h263",
  "vvc",
  "cavsvideo",
  "gif",
  "apng",
  // Of recorders and cameras: Dahua, MOBOTIX, Luodat; Windows Media Center; broadcast servers.
  "dhav",
  "mxg",
  "luodat",
  "wtv",
  "gxf",
];

/** One picture each. `image2` is none of them: it makes names of other files out of a name. */
const PICTURE_DEMUXERS = [
  "jpeg_pipe",
  "jpegls_pipe",
  "j2k_pipe",
  "jpegxl_pipe",
  "png_pipe",
  "bmp_pipe",
  "gif_pipe",
  "webp_pipe",
  "tiff_pipe",
  "pbm_pipe",
  "pgm_pipe",
  "ppm_pipe",
  "pam_pipe",
];

/** What the sound and the texts of HLS and DASH come in (RFC 8216, 3.1 and 3.4). */
const SOUND_DEMUXERS = [
  "aac",
  "ac3",
  "eac3",
  "ac4",
  "mp3",
  "flac",
  "wav",
  "webvtt",
];

const RTSP: Scheme = {
  protocols: ["rtsp", "rtp", "udp", "tcp"],
  demuxers: ["rtsp"],
  live: "always",
};
const RTMP = {
  demuxers: ["flv", "live_flv"],
  live: "always",
  // RTMP's `timeout` is how long to listen, and implies it.
  forbidden: ["timeout", "listen"],
} as const;
// HLS and DASH playlists name segments by URL: http only, never a file.
const HTTP: Scheme = {
  protocols: ["http", "https", "tls", "tcp", "crypto"],
  demuxers: ["hls", "dash", "live_flv", ...FILE_DEMUXERS, ...PICTURE_DEMUXERS, ...SOUND_DEMUXERS],
  live: "open-ended",
  forbidden: ["listen"],
};

const SCHEMES: Readonly<Record<string, Scheme>> = {
  rtsp: RTSP,
  rtsps: {
    protocols: ["rtsps", "rtsp", "tls", "tcp", "srtp", "rtp", "udp"],
    demuxers: ["rtsp"],
    live: "always",
  },
  rtmp: { protocols: ["rtmp", "tcp"], ...RTMP },
  rtmps: { protocols: ["rtmps", "tls", "tcp"], ...RTMP },
  http: HTTP,
  https: HTTP,
  udp: { protocols: ["udp"], demuxers: ["mpegts"], live: "always", needsPort: true },
  srt: {
    protocols: ["srt"],
    demuxers: ["mpegts"],
    live: "always",
    needsPort: true,
    insteadOfCredentials: "the user belongs into the stream id (?streamid=#!::u=NAME), the " +
      "passphrase into the option ffmpeg.format.passphrase",
  },
  file: {
    protocols: ["file"],
    demuxers: [...FILE_DEMUXERS, ...PICTURE_DEMUXERS, ...SOUND_DEMUXERS],
    live: "never",
  },
};

export const SCHEME_NAMES = Object.keys(SCHEMES);

/** The rules of a scheme; undefined for one that is not allowed. */
export function schemeOf(name: string): Scheme | undefined {
  return Object.hasOwn(SCHEMES, name) ? SCHEMES[name] : undefined;
}
