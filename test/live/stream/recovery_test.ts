/** Streams without IDR pictures: a recovery point is as good, and what cannot be told is marked. */

import { assert, assertEquals, assertGreater, assertGreaterOrEqual } from "@std/assert";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { VideoStream, type VideoStreamOptions } from "../../../mod.ts";
import { cameraHevc, intraRefresh } from "../../support/elementary.ts";
import { until, within } from "../../support/waiting.ts";
import {
  loadFootage,
  loss,
  startWrongCamera,
  type WrongCameraOptions,
} from "../../support/wrong_camera.ts";
import { StatusLog } from "../lifecycle.ts";
import { SLOW, TemporaryDirectory } from "../reading.ts";
import { damaged, decoded, Reference } from "./reference.ts";

const SIZE = 320 * 180 * 3 / 2;
/** As the decoder gave it out; no frame is skipped by a slow test. */
const OPTIONS: VideoStreamOptions = { format: "yuv420p", buffers: 64 };
/** In the middle of a refresh. */
const JOIN = 60;

async function joined(
  reference: Reference,
  options: VideoStreamOptions = {},
  camera: WrongCameraOptions = {},
) {
  const server = await startWrongCamera({
    footage: reference.footage,
    end: "silence",
    start: JOIN,
    ...camera,
  });
  const stream = new VideoStream(server.url, { ...OPTIONS, ...options });
  return {
    stream,
    async [Symbol.asyncDispose]() {
      await stream.stop();
      await server[Symbol.asyncDispose]();
    },
  };
}

for (const latency of ["lowest", "normal"] as const) {
  test(
    `H.264, latency ${latency}: a join between recovery points gives what ffmpeg gives`,
    SLOW,
    async () => {
      const reference = await Reference.of(await intraRefresh());
      const expected = await reference.joinedAt(JOIN);
      await using rig = await joined(reference, { latency });
      // libav's parser has the last picture until another one begins.
      const last = reference.pictures.length - (latency === "normal" ? 2 : 1);
      const all = await within(
        "the last picture",
        reference.follow(rig.stream, ({ number }) => number === last),
        20_000,
      );
      assertGreater(expected.length, 100);
      assertEquals(damaged(all), []);
      assertEquals(all.filter(({ corrupt }) => corrupt), []);
      assertGreaterOrEqual(all[0]!.number, reference.pictures.length - expected.length);
      // A slow test does not see every one of them.
      const { decoded, dropped } = rig.stream.stats();
      assertEquals([decoded, dropped.corrupt], [expected.length - (199 - last), 0]);
    },
  );

  test(`H.264, latency ${latency}: a loss ends with the next recovery point`, SLOW, async () => {
    const reference = await Reference.of(await intraRefresh());
    await using rig = await joined(reference, { latency }, { start: 0, fates: loss.pictures(60) });
    const all = await within(
      "the last picture but one",
      reference.follow(rig.stream, ({ number }) => number >= reference.pictures.length - 2),
      20_000,
    );
    assertEquals(damaged(all), []);
    assertEquals(all.filter(({ corrupt }) => corrupt), []);
    // The point at picture 75 names the one that is 18 later, as ffmpeg takes it after a join.
    const right = reference.pictures.length - (await reference.joinedAt(61)).length;
    assertEquals(right, 93);
    assertEquals(all.find(({ number }) => number > 60)?.number, right);
    assertEquals(rig.stream.stats().dropped.corrupt, right - 61);
  });
}

test("H.264: a recording begins at a recovery point", SLOW, async () => {
  const reference = await Reference.of(await intraRefresh());
  await using directory = await TemporaryDirectory.make();
  await using rig = await joined(reference, {}, { end: "loop" });
  const recording = rig.stream.start().record(directory.file("refresh.mp4"));
  await until("a file", () => recording.files.length > 0, 20_000);
  const { decoded: before } = rig.stream.stats();
  await until("two seconds of it", () => rig.stream.stats().decoded > before + 50, 20_000);
  await recording.stop();
  const [file] = recording.files;
  const pictures = await decoded(file!, SIZE);
  const right = reference.pictures.length - (await reference.joinedAt(JOIN)).length;
  assertGreater(pictures.length, 20);
  const first = reference.pictures.findIndex((picture) => picture.equals(pictures[0]!));
  assertEquals(first, right);
  const wrong = pictures.filter((picture, i) =>
    !picture.equals(reference.pictures[(first + i) % reference.pictures.length]!)
  );
  assertEquals(wrong.length, 0);
});

/** `recovery_poc_cnt` 24 and `exact_match_flag` (H.265, D.2.8). */
const IN_24_PICTURES = Buffer.from("4e01060206148" + "0", "hex");

// The refresh of x265 is not exact, and it announces nothing: the rule is what is tested.
test("HEVC: frames begin with the picture that a recovery point names", SLOW, async () => {
  const params = "intra-refresh=1:keyint=25:bframes=0:scenecut=0:repeat-headers=1:log-level=none";
  const file = await cameraHevc({ name: "refresh", frames: 150, extra: ["-x265-params", params] });
  const { codec, pictures, parameterSets } = await loadFootage(file);
  await using server = await startWrongCamera({
    footage: {
      codec,
      parameterSets,
      pictures: pictures.map(({ units }, i) => ({
        units: i > 0 && i % 25 === 0 ? [IN_24_PICTURES, ...units] : units,
        keyframe: false,
      })),
    },
    end: "silence",
    start: JOIN,
    fates: loss.pictures(50),
  });
  await using stream = new VideoStream(server.url, { ...OPTIONS, stallTimeout: 10_000 });
  const numbers: number[] = [];
  await within(
    "the last picture",
    (async () => {
      for await (const { pts = NaN, corrupt } of stream) {
        assertEquals(corrupt, false);
        numbers.push(JOIN + Math.round(pts * 25));
        if (numbers.at(-1) === 149) break;
      }
    })(),
    20_000,
  );
  // The first point is at 75; picture 110 is lost, and the next point is at 125.
  const expected = [...range(99, 110), 149];
  assertEquals(numbers.filter((number) => !expected.includes(number)), []);
  // A slow test does not see every one of them.
  const { decoded: all, dropped } = stream.stats();
  assertEquals(all - dropped.corrupt, expected.length);
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

test(
  "a refresh that nobody announces is delivered in the second attempt, and marked",
  SLOW,
  async () => {
    const reference = await Reference.of(await intraRefresh());
    const silent = {
      ...reference.footage,
      pictures: reference.footage.pictures.map(({ units }) => ({
        units: units.filter((unit) => (unit[0]! & 0x1f) !== 6),
        keyframe: false,
      })),
    };
    await using rig = await joined(
      reference,
      { keyframeTimeout: 4_000, reconnect: { delay: 100 } },
      { footage: silent },
    );
    const { stream } = rig;
    const log = new StatusLog(stream);
    let frames = 0;
    await within(
      "frames",
      (async () => {
        for await (const { corrupt, connection } of stream) {
          assertEquals([corrupt, connection], [true, 1]);
          if (++frames === 20) break;
        }
      })(),
      30_000,
    );
    assertEquals(log.of("reconnecting").map(({ error }) => error.code), ["KEYFRAME_TIMEOUT"]);
    assert(log.story.startsWith("connecting waiting reconnecting connecting"), log.story);
  },
);
