/** Inputs and outputs of several streams, with the live library. */

import { assert, assertEquals, assertExists, assertGreater } from "@std/assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { nativeBytes, openLibav } from "../../ffi/mod.ts";
import { copyParameters } from "../../src/av/codec_parameters.ts";
import { Input, type InputStream, type MediaKind } from "../../src/av/input.ts";
import { Output } from "../../src/av/output.ts";
import { Packet } from "../../src/av/packet.ts";
import { Child } from "../support/child.ts";

const libav = openLibav();
const folder = mkdtempSync(join(tmpdir(), "streams-"));
after(() => rmSync(folder, { recursive: true }));

/** The arguments of streams that are made up. */
const PICTURES = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25:duration=2"];
const TONE = ["-f", "lavfi", "-i", "sine=frequency=440:duration=2"];

async function make(name: string, ...inputs: readonly string[]): Promise<string> {
  const path = join(folder, name);
  const codecs = ["-c:v", "mpeg4", "-c:a", "pcm_s16le"];
  const maps = inputs.filter((word) => word === "-i").flatMap((_, i) => ["-map", `${i}`]);
  const child = new Child("ffmpeg", ["-v", "error", ...inputs, ...maps, ...codecs, path]);
  const { code } = await child.exited;
  assertEquals(code, 0, child.stderr);
  return path;
}

function open(path: string): Input {
  const url = `file:${path}`;
  // What the header says is enough; probing would read packets before a stream is selected.
  return Input.open(libav, { url, required: {}, optional: {}, stop: nativeBytes(8) });
}

/** All packets of a file, as stream, seconds and bytes. */
function packetsOf(path: string, ...kinds: readonly MediaKind[]): Record<string, string[]> {
  using input = open(path);
  using packet = new Packet(libav);
  const streams = kinds.map((kind) => input.select(kind));
  const found: Record<string, string[]> = {};
  while (input.read(packet) !== "end") {
    const stream = streams.find((candidate) => candidate?.index === packet.streamIndex);
    const seconds = stream ? Number(packet.pts) * stream.timeBase.num / stream.timeBase.den : NaN;
    const sum = packet.copyData().reduce((total, byte) => (total * 31 + byte) >>> 0, 7);
    (found[stream?.kind ?? "other"] ??= []).push(`${seconds.toFixed(2)} ${sum}`);
    packet.unref();
  }
  return found;
}

const both = await make("both.mkv", ...TONE, ...PICTURES);

test("the streams of an input are selected by kind", () => {
  using input = open(both);
  const [video, audio] = [input.select("video"), input.select("audio")];
  assertExists(video);
  assertExists(audio);
  assertEquals([video.kind, video.index, video.codec], ["video", 1, "mpeg4"]);
  assertEquals([audio.kind, audio.index, audio.codec], ["audio", 0, "pcm_s16le"]);
  assertEquals([video.frameRate, audio.frameRate], [25, NaN]);
  assertEquals(input.select("video"), video, "selected again");
});

test("packets come of the selected streams only", () => {
  const whole = packetsOf(both, "video", "audio");
  assertEquals(Object.keys(whole).sort(), ["audio", "video"]);
  assertEquals(whole.video!.length, 50);
  assertGreater(whole.audio!.length, 10);
  assertEquals(packetsOf(both, "audio", "video"), whole);
  assertEquals(packetsOf(both, "video"), { video: whole.video! });
  assertEquals(packetsOf(both, "audio"), { audio: whole.audio! });
});

test("a kind that is not there is not selected, and the other one stays", async () => {
  const pictures = await make("pictures.mkv", ...PICTURES);
  using input = open(pictures);
  assertEquals(input.select("audio"), undefined);
  assertExists(input.select("video"));
  assertEquals(input.select("audio"), undefined);
  assertEquals(packetsOf(pictures, "video", "audio").video!.length, 50);
  const tone = await make("tone.mkv", ...TONE);
  using sound = open(tone);
  assertEquals(sound.select("video"), undefined);
  assertEquals(sound.select("audio")?.index, 0);
});

test("an output of two streams has the packets of both, at their times", () => {
  const copy = join(folder, "copy.mkv");
  {
    using input = open(both);
    using packet = new Packet(libav);
    // Not in their order in the input: the numbers are those of the output.
    const streams = [input.select("video"), input.select("audio")]
      .filter((stream): stream is InputStream => stream !== undefined);
    const described = streams.map(({ parameters, timeBase }) => ({
      describe: copyParameters(libav, parameters),
      timeBase,
    }));
    using output = Output.open(libav, described, {
      url: `file:${copy}`,
      muxer: "matroska",
      connectsItself: false,
      required: {},
      optional: {},
      fragmented: false,
      alternatives: { containers: [], codecs: [] },
      stop: nativeBytes(8),
    });
    while (input.read(packet) === "packet") {
      output.write(packet, streams.findIndex(({ index }) => index === packet.streamIndex));
    }
    output.finish();
  }
  const copied = packetsOf(copy, "video", "audio");
  assertEquals(copied, packetsOf(both, "video", "audio"));
  using input = open(copy);
  assert(input.select("video")?.index === 0 && input.select("audio")?.index === 1);
});
