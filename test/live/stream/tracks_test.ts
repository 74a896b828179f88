/** Streams with several tracks, with tracks that nobody can decode, and with tracks that come late. */

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { type Track, VideoStream } from "../../../mod.ts";
import { cameraH264 } from "../../support/elementary.ts";
import { audioOnly } from "../../support/media.ts";
import { isRising } from "../../support/numbers.ts";
import * as odd from "../../support/odd_files.ts";
import { countingVideo } from "../../support/patterns.ts";
import { until } from "../../support/waiting.ts";
import {
  METADATA,
  SECOND_VIDEO,
  SOUND,
  startWrongCamera,
  UNKNOWN_AUDIO,
  UNKNOWN_VIDEO,
} from "../../support/wrong_camera.ts";
import { startWrongWeb } from "../../support/wrong_web.ts";
import { liveFlv } from "../../support/wrong_web/live.ts";
import { failureOf, look, SLOW, SMALL } from "../reading.ts";

/** What counts of a track. */
function summary({ index, kind, codec, decodable, selected }: Track): string {
  return [index, kind, codec, ...decodable ? ["decodable"] : [], ...selected ? ["selected"] : []]
    .join(" ");
}

test("RTSP: tracks that nobody can decode do not hide the one that can be", SLOW, async () => {
  const footage = await cameraH264();
  for (const latency of ["lowest", "normal"] as const) {
    await using camera = await startWrongCamera({
      ...{ footage, before: [UNKNOWN_VIDEO], after: [UNKNOWN_AUDIO, METADATA, SOUND] },
    });
    await using stream = new VideoStream(camera.url, { latency });
    const frames = await look(stream, 10);
    assertEquals(frames.map(({ width, height }) => [width, height]), Array(10).fill([320, 180]));
    assertEquals(stream.stats().tracks.map(summary), [
      "0 video unknown",
      "1 video h264 decodable selected",
    ]);
    assertEquals(camera.requested("SETUP").length, 2);
  }
});

test("RTSP: a track is chosen by its index", SLOW, async () => {
  await using camera = await startWrongCamera({
    ...{ footage: await cameraH264(), after: [SECOND_VIDEO] },
  });
  for (const track of [0, 1]) {
    await using stream = new VideoStream(camera.url, { track });
    assertEquals((await look(stream, 5)).length, 5);
    assertEquals(
      stream.stats().tracks.map(summary),
      [0, 1].map((i) => `${i} video h264 decodable${i === track ? " selected" : ""}`),
    );
  }
  const error = await failureOf(camera.url, { track: 2 });
  assertEquals(
    [error.code, error.message],
    [
      "NO_VIDEO",
      `Cannot open ${camera.url}: the option track is 2, which the stream does not have; ` +
      `there is 0: video h264, 1: video h264`,
    ],
  );
});

test(
  "RTSP: a track of an unknown codec that was chosen is told with the others",
  SLOW,
  async () => {
    await using camera = await startWrongCamera({
      footage: await cameraH264(),
      before: [UNKNOWN_VIDEO],
    });
    const error = await failureOf(camera.url, { track: 0 });
    assertEquals(
      [error.code, error.message],
      [
        "UNSUPPORTED_CODEC",
        `Cannot open ${camera.url}: FFmpeg does not know the codec of track 0; ` +
        `there is 0: video unknown, 1: video h264`,
      ],
    );
  },
);

test("RTSP: only codecs that nobody knows are an error that is final", SLOW, async () => {
  await using camera = await startWrongCamera({
    ...{ footage: await cameraH264(), before: [UNKNOWN_VIDEO] },
    sdp: { fmtp: false, change: (lines) => lines.map((line) => line.replace("H264", "X-NEW")) },
  });
  const error = await failureOf(camera.url);
  assertEquals([error.code, error.retryable], ["UNSUPPORTED_CODEC", false]);
  assertEquals(camera.requested("PLAY"), []);
});

test(
  "RTSP: sound whose SETUP is refused costs no picture, for it is not asked for",
  SLOW,
  async () => {
    const footage = await cameraH264();
    await using camera = await startWrongCamera({ footage, after: [{ ...SOUND, setup: 404 }] });
    await using stream = new VideoStream(camera.url);
    assertEquals((await look(stream, 10)).length, 10);
    assertEquals(camera.requested("SETUP").map((line) => line.includes("sound")), [false]);
  },
);

test("RTSP: a camera with sound alone is NO_VIDEO, before anything is sent", SLOW, async () => {
  const change = (lines: string[]) => [...lines.filter((line) => !/=(video|rtpmap)/.test(line))];
  await using camera = await startWrongCamera({ after: [SOUND], sdp: { change } });
  const error = await failureOf(camera.url);
  assertEquals(error.code, "NO_VIDEO", error.message);
  assertEquals([camera.requested("SETUP"), camera.requested("PLAY")], [[], []]);
});

test("RTSP: MPEG-TS inside, whose streams appear with their packets", SLOW, async () => {
  const footage = await countingVideo(75, { ...SMALL, container: "ts" });
  await using camera = await startWrongCamera({ footage, end: "silence" });
  await using stream = new VideoStream(camera.url);
  const frames = await look(stream, 10);
  assertEquals(frames.map(({ width, height }) => [width, height]), Array(10).fill([320, 180]));
  assert(isRising(frames.map(({ pts }) => pts ?? NaN)), JSON.stringify(frames));
  assertEquals([stream.codec, stream.state, stream.reconnectCount], ["h264", "streaming", 0]);
  assertEquals(stream.stats().tracks.map(summary), ["0 video h264 decodable selected"]);
  // The container and the parser hold the last ones back, until the next ones begin.
  await until("all pictures", () => stream.stats().decoded >= 73);
  assertEquals([stream.stats().decoded, stream.reconnectCount], [73, 0]);
});

test("a file's tracks are listed, and one is chosen by its index", SLOW, async () => {
  const path = await odd.twoVideos();
  const widths: [number | undefined, number][] = [[undefined, 320], [0, 320], [2, 160]];
  for (const [track, width] of widths) {
    await using stream = new VideoStream(path, { track });
    const frames = await look(stream, 100);
    assertEquals([frames.length, frames[0]!.width], [25, width]);
    const { tracks } = stream.stats();
    assertEquals(tracks.map(({ kind, codec, width, height }) => [kind, codec, width, height]), [
      ["video", "h264", 320, 180],
      ["audio", "aac", undefined, undefined],
      ["video", "h264", 160, 90],
    ]);
    assertEquals(tracks.map(({ selected }) => selected), [0, 1, 2].map((i) => i === (track ?? 0)));
  }
  const wrong = [[1, "is no video"], [3, "the stream does not have"]] as const;
  for (const [track, fault] of wrong) {
    const error = await failureOf(path, { track });
    assertEquals(error.code, "NO_VIDEO");
    const tracks = "0: video h264 320x180, 1: audio aac, 2: video h264 160x90";
    const reason = `the option track is ${track}, which ${fault}; there is ${tracks}`;
    assertEquals(error.message, `Cannot open ${path}: ${reason}`);
  }
});

test("a file with sound alone is NO_VIDEO, and the error says what there is", SLOW, async () => {
  const path = await audioOnly();
  const error = await failureOf(path);
  const reason = "no video in the stream; there is 0: audio aac";
  assertEquals([error.code, error.message], ["NO_VIDEO", `Cannot open ${path}: ${reason}`]);
});

test("HTTP: pictures that come seconds after the sound are waited for", SLOW, async () => {
  const path = await odd.flvWithSound();
  await using web = await startWrongWeb({
    "/late.flv": liveFlv(path, { picturesAfter: 4_000 }),
  });
  await using stream = new VideoStream(web.at("/late.flv"), { openTimeout: 20_000 });
  const frames = await look(stream, 10);
  assertEquals(frames.map(({ width, height }) => [width, height]), Array(10).fill([320, 180]));
  assertEquals([stream.codec, stream.reconnectCount], ["h264", 0]);
});
