/** What runs on every release: few tests, which touch all that FFmpeg's releases do differently. */

/** Files or folders in one run of a runtime. */
export interface Selection {
  readonly files: readonly string[];
  /** The tests of these files by their names; undefined: all. */
  readonly names?: readonly string[] | undefined;
}

/** Structs against the live library, that it is the release which the row says, and what it puts where. */
const WHOLE: readonly string[] = [
  "./test/layout",
  "./test/compat",
  "./test/contract/container_query_test.ts",
];

const CHOSEN: Readonly<Record<string, readonly string[]>> = {
  "stream/codecs": [
    "frames of a camera with h264 arrive over TCP and UDP",
    "frames of a camera with hevc arrive over TCP and UDP",
    "frames of a camera with mjpeg arrive over TCP and UDP",
  ],
  "stream/transports": ["RTSP inside HTTP, and RTSPS inside HTTPS"],
  "stream/tls": ["rtsps: verified from FFmpeg 8.0 on; before, a warning says that it is not"],
  "stream/enhanced_rtmp": [
    "RTMP: a reader announces the codecs that this FFmpeg can read and decode",
    "RTMP: a writer announces its codec, where RTMP has not always had that",
  ],
  "stream/tracks": [
    "RTSP: tracks that nobody can decode do not hide the one that can be",
    "RTSP: MPEG-TS inside, whose streams appear with their packets",
    "RTSP: a camera with sound alone is NO_VIDEO, before anything is sent",
    "HTTP: pictures that come seconds after the sound are waited for",
  ],
  "stream/web": [
    "HTTP: what has a length has an end, whether the server grants ranges or not",
    "HTTP: a file whose connection breaks is resumed, or lost; it does not end",
    "HTTP: a live FLV stream that tells a duration is live, and comes back",
    "a picture of any size is one frame and an end, from a file and over HTTP",
    "HTTP: multipart MJPEG with odd types, or without types or a first boundary",
    "HLS: sound as packed AAC is no hindrance",
    "a container that is not allowed is named, with the option that allows it",
  ],
  "stream/auth": ["the right password opens a camera, by URL and by option (digest)"],
  "stream/reconnection": ["a camera that is killed and started again gives frames again"],
  "faults/stopping": ["stop(): RTSP: the server accepts and never answers"],
  "stream/stall": ["an open has a deadline, whatever the server does meanwhile"],
  "stream/bad_input": [
    "a server that answers 404: NOT_FOUND",
    "an encoding that nobody can decode is told by its code",
    "a native option that nobody knows: OPTION_UNKNOWN, by its name",
  ],
  "stream/camera_clock": [
    "the capture time is what the camera's clock was: h264, lowest",
    "frames of a camera have the time of their arrival with this FFmpeg",
  ],
  "stream/tensors": [
    "rgb-planar-u8 has the bytes that ffmpeg has, in three planes: 426 240",
    "rgb-planar-f32 has the bytes of rgb-planar-u8 as numbers from 0 to 1: 426 240",
  ],
  "stream/rotation": [
    "frames are turned as ffmpeg turns them",
    "a recording keeps the display matrix and the shape of pixels",
    "pixels that are not square give frames their shape",
  ],
  "stream/thinning": ["skip nonkey: a file's keyframes and nothing else"],
  "stream/loss": [
    "H.264, latency lowest: packets of pictures are lost, and no frame is damaged",
    "HEVC: beginnings of pictures are lost, and no frame is damaged",
    "HEVC from FFmpeg 8.0 on: pictures are lost, and no frame is damaged",
    "hevc: damaged frames come marked, where they are wanted",
  ],
  "stream/snapshot": [
    "snapshots of a live camera",
    "the colours of image/jpeg snapshots of a file with bt709 tv",
    "the colours of image/png snapshots of a file with bt601 pc",
  ],
  "writer/rtmp": [
    "a player sees the pictures that are published, in every size",
    "a server that is killed and started again gets the stream again",
  ],
  "writer/rtsp": [
    "a server that is killed and started again records again",
    "GStreamer's RTSP server records h264 and hevc over tcp",
    "a VideoStream that listens sees h264 and hevc over tcp",
  ],
  "writer/small_disk": ["a disk that fills up in mid-film ends the writer, which says so"],
  "writer/files": ["a .mp4 file has every picture, in each codec it takes"],
  "writer/file_options": ["preset, tune and native options reach the encoder"],
  "group/sync": ["two cameras by their own clocks, and by arrival: the nearest pictures"],
  "group/trouble": ["a camera that dies and is started again comes back by itself"],
  "record/record": [
    "what is recorded is what was delivered, over one connection",
    "a camera of hevc in mp4, mov, mkv, ts",
    "B-frames are recorded in order, and none is missing",
  ],
  "record/wrong_times": ["wrong times lose no picture: by camera, latency normal"],
  "record/segments": [
    "a keyframe a second and segments of two seconds: two seconds each",
    "another size or other parameter sets in mid-stream begin another file",
  ],
  "stream/file_times": ["a raw stream has the times that its frame rate gives"],
};

/** Tests that are there on some releases only. */
const RANGES: Readonly<Record<string, { since?: string; before?: string }>> = {
  "the capture time is what the camera's clock was: h264, lowest": { since: "5.1" },
  "two cameras by their own clocks, and by arrival: the nearest pictures": { since: "5.1" },
  "frames of a camera have the time of their arrival with this FFmpeg": { before: "5.1" },
  "HEVC from FFmpeg 8.0 on: pictures are lost, and no frame is damaged": { since: "8.0" },
};

function isThere(test: string, release: string): boolean {
  const { since = "0", before = "Infinity" } = RANGES[test] ?? {};
  return Number(release) >= Number(since) && Number(release) < Number(before);
}

/** Each is tested by one process; the longest first. */
export function selectionsFor(release: string): Selection[] {
  const chosen = Object.entries(CHOSEN).map(([name, tests]): Selection => ({
    files: [`./test/live/${name}_test.ts`],
    names: tests.filter((test) => isThere(test, release)),
  })).filter(({ names }) => names?.length);
  return [...grouped(chosen), { files: WHOLE }];
}

/** Those of a folder together; those of losses take as long as all others of theirs. */
function grouped(selections: readonly Selection[]): Selection[] {
  const groups = Map.groupBy(selections, ({ files: [file] }) => {
    return file!.includes("/stream/loss") ? "loss" : file!.split("/")[3];
  });
  return [...groups.values()].map((group) => ({
    files: group.flatMap(({ files }) => files),
    names: group.flatMap(({ names = [] }) => names),
  }));
}
