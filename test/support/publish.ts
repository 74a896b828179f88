/** An independent publisher: the ffmpeg command, until it is stopped. */

import { Child } from "./child.ts";

export interface PublisherOptions {
  codec?: "h264" | "hevc" | "mpeg4" | undefined;
  width?: number | undefined;
  height?: number | undefined;
  fps?: number | undefined;
  /**
   * Frames from one key frame to the next; default: a sixth of a second, for
   * an RTMP player sees nothing before the next key frame.
   */
  keyInterval?: number | undefined;
  /** A file to send in a loop as it is, instead of a test picture. */
  file?: string | undefined;
}

const ENCODERS = {
  h264: ["libx264", "-preset", "ultrafast", "-tune", "zerolatency"],
  hevc: [
    ..."libx265 -preset ultrafast -tune zerolatency".split(" "),
    ..."-x265-params log-level=none:repeat-headers=1".split(" "),
  ],
  mpeg4: ["mpeg4", "-q:v", "4"],
};

const MUXERS: Record<string, string[]> = {
  "rtmp:": ["-f", "flv"],
  "rtsp:": ["-f", "rtsp", "-rtsp_transport", "tcp"],
};

function input(options: PublisherOptions): string[] {
  const { width = 640, height = 360, fps = 30, codec = "h264" } = options;
  if (options.file) {
    return ["-re", "-stream_loop", "-1", "-i", options.file, "-c", "copy"];
  }
  const source = `testsrc2=size=${width}x${height}:rate=${fps}`;
  const key = options.keyInterval ?? Math.ceil(fps / 6);
  return [
    ...["-re", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p"],
    ...["-c:v", ...ENCODERS[codec], "-g", String(key), "-threads", "1"],
  ];
}

export class Publisher extends Child {
  /** Frames sent so far. */
  frames = 0;

  readonly url: string;

  constructor(url: string, options: PublisherOptions) {
    const muxer = MUXERS[new URL(url).protocol] ?? ["-f", "mpegts"];
    super("ffmpeg", [
      ..."-hide_banner -nostdin -loglevel warning".split(" "),
      ..."-progress pipe:1 -stats_period 0.1".split(" "),
      ...[...input(options), ...muxer, url],
    ], {
      onLine: (line) => {
        if (line.startsWith("frame=")) this.frames = Number(line.slice(6));
      },
    });
    this.url = url;
  }
}

/**
 * Resolves when frames are being sent. One is not enough: an RTMP server that
 * refuses the publisher is only noticed when the second one is written.
 */
export async function startPublisher(
  url: string,
  options: PublisherOptions = {},
): Promise<Publisher> {
  const publisher = new Publisher(url, options);
  await publisher.until("publisher", () => publisher.frames > 1 || undefined);
  return publisher;
}
