/** Every reader of the latency bench, and how to start it. */
import { NODE_AV, type PeerName, PYTHON, SYSTEM_PYTHON } from "./peers.ts";
import { ours, readerPath, RUNTIME_TITLES } from "./reader_process.ts";
import { RUNTIME_NAMES } from "../test/support/runtimes.ts";

/** A camera's stream, as the readers are told of it. */
export interface Stream {
  readonly url: string;
  readonly codec: "h264" | "hevc";
  readonly width: number;
  readonly height: number;
}

export interface Contestant {
  readonly name: string;
  /** What must be installed; undefined for this package. */
  readonly peer?: PeerName | undefined;
  command(stream: Stream, seconds: string): readonly string[];
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** The one that the ratios are to. */
export const REFERENCE = "this package, Deno";

const OURS = RUNTIME_NAMES.map((runtime) => ({
  name: `this package, ${RUNTIME_TITLES[runtime]}`,
  reader: ours(runtime, readerPath("ours_latency.ts")),
}));
const FFMPEG = readerPath("ffmpeg_pipe.ts");
const FFMPEG_LOW = "-fflags nobuffer -flags low_delay -probesize 32 -analyzeduration 0";
const OPENCV_LOW = "rtsp_transport;tcp|fflags;nobuffer|flags;low_delay";
const PYAV_LOW = JSON.stringify({ fflags: "nobuffer", low_delay: true });

export const CONTESTANTS: readonly Contestant[] = [
  ...OURS.map(({ name, reader }): Contestant => ({
    name,
    command: ({ url }, seconds) => [...reader, url, seconds, "next"],
  })),
  ...OURS.map(({ name, reader }): Contestant => ({
    name: `${name}, 5 reads a second`,
    command: ({ url }, seconds) => [...reader, url, seconds, "read"],
  })),
  {
    name: "rtsp-stream (Python)",
    peer: "rtsp-stream (Python)",
    command: (
      { url },
      seconds,
    ) => [PYTHON, readerPath("rtsp_stream_latency.py"), url, seconds, "next"],
  },
  {
    name: "rtsp-stream (Python), 5 reads a second",
    peer: "rtsp-stream (Python)",
    command: (
      { url },
      seconds,
    ) => [PYTHON, readerPath("rtsp_stream_latency.py"), url, seconds, "read"],
  },
  {
    name: "OpenCV",
    peer: "OpenCV",
    command: ({ url }, seconds) => [PYTHON, readerPath("opencv_latency.py"), url, seconds],
  },
  {
    name: "OpenCV, low-delay options",
    peer: "OpenCV",
    command: ({ url }, seconds) => [PYTHON, readerPath("opencv_latency.py"), url, seconds],
    env: { OPENCV_FFMPEG_CAPTURE_OPTIONS: OPENCV_LOW },
  },
  {
    name: "PyAV",
    peer: "PyAV",
    command: ({ url }, seconds) => [PYTHON, readerPath("pyav_latency.py"), url, seconds, "{}"],
  },
  {
    name: "PyAV, low-delay options",
    peer: "PyAV",
    command: ({ url }, seconds) => [PYTHON, readerPath("pyav_latency.py"), url, seconds, PYAV_LOW],
  },
  {
    name: "ffmpeg, rgb24 through a pipe",
    peer: "ffmpeg",
    command: ({ url, width, height }, seconds) => {
      return [...ours("bun", FFMPEG), url, seconds, `${width}`, `${height}`];
    },
  },
  {
    name: "ffmpeg, rgb24 through a pipe, low-delay options",
    peer: "ffmpeg",
    command: ({ url, width, height }, seconds) => {
      const options = FFMPEG_LOW.split(" ");
      return [...ours("bun", FFMPEG), url, seconds, `${width}`, `${height}`, ...options];
    },
  },
  {
    name: "GStreamer, rtspsrc latency=0",
    peer: "GStreamer",
    command: ({ url, codec, width }, seconds) => {
      return [SYSTEM_PYTHON, readerPath("gstreamer_latency.py"), url, seconds, codec, `${width}`];
    },
  },
  {
    name: "node-av",
    peer: "node-av",
    command: ({ url }, seconds) => {
      return [...ours("bun", readerPath("node_av.ts")), url, seconds, NODE_AV, "plain"];
    },
  },
  {
    name: "node-av, low-delay options",
    peer: "node-av",
    command: ({ url }, seconds) => {
      return [...ours("bun", readerPath("node_av.ts")), url, seconds, NODE_AV, "low"];
    },
  },
];
