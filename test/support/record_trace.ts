/**
 * Records the packets that libav's RTSP demuxer gives without its parser, as
 * traces for test/unit/bitstream/access_units_test.ts.
 *
 *     deno run -A test/support/record_trace.ts [NAME ...]
 */

import { mkdirSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Libav, openLibav } from "../../ffi/mod.ts";
import { Input } from "../../src/av/input.ts";
import { Packet } from "../../src/av/packet.ts";
import { type CameraOptions, startCamera } from "./camera.ts";

const START_CODE = 4;
/** Bytes kept of every NAL unit: what tells its kind. */
const HEAD_BYTES = 4;

/** What a camera sent, without the pictures themselves. */
interface Trace {
  readonly camera: CameraOptions;
  readonly codec: "h264" | "hevc";
  /**
   * Cut where the timestamp changed. Each is its time in 1/90000 s and the
   * outlines of its packets; `1386*3` are three in a row.
   */
  readonly pictures: readonly string[];
}

interface Recording {
  readonly options: CameraOptions;
  readonly pictures: number;
}

const RECORDINGS: Readonly<Record<string, Recording>> = {
  h264_360p: { options: { width: 640, height: 360 }, pictures: 75 },
  h264_720p_slices: {
    options: { width: 1280, height: 720, slices: 4, pattern: "snow", bitrate: 3000 },
    pictures: 60,
  },
  h264_small: { options: { width: 160, height: 96, bitrate: 100 }, pictures: 75 },
  hevc_360p: {
    options: { codec: "hevc", width: 640, height: 360, pattern: "snow", bitrate: 1500 },
    pictures: 75,
  },
  h264_bframes: {
    options: {
      launch: gst(
        "pattern=snow",
        "x264enc bframes=2 b-adapt=false threads=1 ! video/x-h264,profile=main",
        "h264",
      ),
    },
    pictures: 60,
  },
  h264_aggregated: {
    options: {
      launch: gst(
        "pattern=ball",
        "x264enc tune=zerolatency threads=1",
        "h264",
        "aggregate-mode=zero-latency",
      ),
    },
    pictures: 45,
  },
  hevc_aggregated: {
    options: {
      launch: gst(
        "pattern=ball",
        "x265enc tune=zerolatency option-string=pools=1:frame-threads=1:slices=2:log-level=none",
        "h265",
        "aggregate-mode=zero-latency",
      ),
    },
    pictures: 45,
  },
  h264_with_audio: { options: { width: 320, height: 240, audio: "with" }, pictures: 45 },
};

/** A camera that `CameraOptions` has no words for. */
function gst(source: string, encoder: string, codec: "h264" | "h265", payloader = ""): string {
  return `( videotestsrc is-live=true ${source}` +
    " ! video/x-raw,format=I420,width=640,height=360,framerate=30/1" +
    ` ! ${encoder.replace("enc ", "enc speed-preset=ultrafast bitrate=1500 key-int-max=15 ")}` +
    ` ! ${codec}parse config-interval=-1 ! rtp${codec}pay ${payloader} name=pay0 pt=96 )`;
}

async function record(
  libav: Libav,
  name: string,
  { options, pictures }: Recording,
): Promise<Trace> {
  await using camera = await startCamera(options);
  using input = Input.open(libav, {
    url: camera.url,
    required: { fflags: "nobuffer+noparse+nofillin", rtsp_transport: "tcp" },
    optional: {},
    stop: new Uint8Array(new ArrayBuffer(8)),
  });
  using packet = new Packet(libav);
  const video = input.select("video");
  if (!video) throw new Error(`${name}: a camera without video`);
  const { index, codec, timeBase } = video;
  if (codec !== "h264" && codec !== "hevc") throw new Error(`${name}: a camera with ${codec}`);
  if (timeBase.num !== 1 || timeBase.den !== 90_000) throw new Error(`${name}: another clock`);
  const recorded: { pts: bigint; packets: string[] }[] = [];
  for (;;) {
    const result = input.read(packet);
    if (result === "end") throw new Error(`${name}: the camera ended`);
    if (result === "again") continue;
    if (packet.streamIndex === index) {
      const { pts } = packet;
      if (recorded.at(-1)?.pts !== pts) {
        // The last one is complete: this packet is the next one's.
        if (recorded.length === pictures) break;
        recorded.push({ pts, packets: [] });
      }
      recorded.at(-1)?.packets.push(outline(packet.copyData()));
    }
    packet.unref();
  }
  const lines = recorded.map(({ pts, packets }) => [pts, ...runs(packets)].join(" "));
  return { camera: options, codec, pictures: lines };
}

/** The size of a continuation; else the NAL units, as their first bytes and sizes. */
function outline(data: Uint8Array): string {
  const starts = [...data.keys()].filter((at) =>
    data[at] === 0 && data[at + 1] === 0 && data[at + 2] === 0 && data[at + 3] === 1
  );
  if (starts[0] !== 0) return `${data.length}`;
  return starts.map((start, i) => {
    const unit = data.subarray(start, starts[i + 1]);
    return `${hex(unit.subarray(START_CODE, START_CODE + HEAD_BYTES))}:${unit.length}`;
  }).join("+");
}

function runs(words: readonly string[]): string[] {
  const found: { word: string; count: number }[] = [];
  for (const word of words) {
    const last = found.at(-1);
    if (last?.word === word) last.count++;
    else found.push({ word, count: 1 });
  }
  return found.map(({ word, count }) => count === 1 ? word : `${word}*${count}`);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const directory = fileURLToPath(new URL("../unit/bitstream/traces/", import.meta.url));

async function main(names: readonly string[]): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const libav = await openLibav();
  for (const name of names.length > 0 ? names : Object.keys(RECORDINGS)) {
    const json = `${JSON.stringify(await record(libav, name, RECORDINGS[name]!), null, 2)}\n`;
    writeFileSync(`${directory}${name}.json`, json);
    console.log(`${name}: ${json.length} bytes`);
  }
}

if (import.meta.main) await main(process.argv.slice(2));
