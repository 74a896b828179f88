/**
 * Packets are taken out of a connection by chance, the same ones for the same seed, and each
 * frame is compared, byte by byte, with what ffmpeg decodes of the whole stream.
 */

import { assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import { test } from "node:test";
import { VideoStream } from "../../../mod.ts";
import { cameraH264, cameraHevc } from "../../support/elementary.ts";
import type { VideoRecipe } from "../../support/media.ts";
import { within } from "../../support/waiting.ts";
import { loss, startWrongCamera } from "../../support/wrong_camera.ts";
import type { VideoPacket } from "../../support/wrong_camera/loss.ts";
import { damaged, Reference, type Seen } from "./reference.ts";

const LIMIT = { timeout: 80_000 };
const FPS = 50;
/** What a stream has to learn is learnt before. */
const WHOLE = 50;
const PICTURES = 500;
const SIZE = { width: 640, height: 360 };
/** With noise, no part of a picture can be guessed from the one before. */
const NOISY: VideoRecipe = {
  ...SIZE,
  name: "noisy",
  fps: FPS,
  frames: 150,
  source: "testsrc2=size=640x360:rate=50,noise=alls=8:allf=t",
};

/** Variable-length codes or arithmetic ones, in one slice or in several: pictures of some packets. */
function h264(preset: string, crf: number, slices: number): Promise<string> {
  const params = `keyint=25:scenecut=0:slices=${slices}`;
  const extra = ["-preset", preset, "-crf", `${crf}`, "-x264-params", params];
  return cameraH264({ ...NOISY, extra });
}

function hevc(): Promise<string> {
  const params = "log-level=none:bframes=0:keyint=25:scenecut=0:repeat-headers=1";
  return cameraHevc({ ...NOISY, extra: ["-crf", "34", "-x265-params", params] });
}

interface Outcome {
  readonly all: readonly Seen[];
  readonly lost: readonly VideoPacket[];
  readonly losses: number;
}

async function read(file: string, share: number, seed: number): Promise<Outcome> {
  const reference = await Reference.of(file, { ...SIZE, fps: FPS });
  const random = loss.random(share, seed);
  const lost: VideoPacket[] = [];
  await using camera = await startWrongCamera({
    footage: reference.footage,
    fps: FPS,
    fates: (packet) => {
      if (packet.picture < WHOLE) return "send";
      const fate = random(packet);
      if (fate === "lose") lost.push(packet);
      return fate;
    },
  });
  await using stream = new VideoStream(camera.url, { format: "yuv420p", buffers: 32 });
  const all = await within(
    `picture ${PICTURES}`,
    reference.follow(stream, ({ number }) => number >= PICTURES),
    60_000,
  );
  assertEquals(stream.reconnectCount, 0);
  return { all, lost, losses: stream.stats().losses };
}

for (
  const [name, make] of [
    ["CAVLC", () => h264("ultrafast", 36, 1)],
    ["CABAC", () => h264("veryfast", 30, 1)],
    ["four slices", () => h264("ultrafast", 32, 4)],
  ] as const
) {
  for (const [share, seed] of [[0.005, 1], [0.03, 1], [0.03, 2]] as const) {
    test(
      `H.264, ${name}: ${share * 100} % of the packets, seed ${seed}: no frame is damaged`,
      LIMIT,
      async () => {
        const { all, lost, losses } = await read(await make(), share, seed);
        assertEquals(damaged(all), []);
        assertEquals(all.filter(({ corrupt }) => corrupt), []);
        assertGreater(lost.length, 2);
        assertGreater(losses, 0);
        assertGreater(all.length, share > 0.01 ? 50 : 150);
      },
    );
  }
}

/** Whatever else is lost. */
function isNoticed({ part }: VideoPacket): boolean {
  return part === "first" || part === "whole";
}

// The size of the packets does not tell that one in the middle of a slice is missing, and the
// decoder does not either; the end of one is missed only where losses are known. Here, pictures
// have one to four packets.
for (const seed of [1, 2, 3]) {
  test(
    `HEVC: 1 % of the packets, seed ${seed}: only the middle of a slice is lost unnoticed`,
    LIMIT,
    async () => {
      const { all, lost, losses } = await read(await hevc(), 0.01, seed);
      const groups = new Set(damaged(all).map((number) => Math.floor(number / 25)));
      const unnoticed = lost.filter(({ part }, i) => {
        const first = !lost.slice(0, i).some((before) => before.slice && isNoticed(before));
        return part === "middle" || (part === "last" && first);
      })
        .map(({ picture }) => Math.floor(picture / 25));
      assertEquals([...groups].filter((group) => !unnoticed.includes(group)), []);
      assertGreater(losses, 0);
      assertLessOrEqual(losses, lost.length * 2);
      assertGreater(all.length, 150);
    },
  );
}
