/** The wrong camera is right where it should be, and wrong where it is asked to be. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Child } from "./child.ts";
import { cameraH264, cameraHevc, cameraMjpeg, sliced } from "./elementary.ts";
import { lateStart } from "./odd_files.ts";
import { PlainClient, type PlainPacket } from "./plain_client.ts";
import {
  loss,
  METADATA,
  SECOND_VIDEO,
  SOUND,
  startWrongCamera,
  times,
  UNKNOWN_AUDIO,
  UNKNOWN_VIDEO,
  type WrongCameraOptions,
} from "./wrong_camera.ts";

/** A checksum of each picture, by the ffmpeg command. */
async function checksums(...input: string[]): Promise<{ sums: string[]; error: string }> {
  const output = "-an -fps_mode passthrough -f framemd5 -".split(" ");
  await using child = new Child("ffmpeg", ["-nostdin", "-v", "error", ...input, ...output]);
  await child.exited;
  const lines = child.stdout.split("\n").filter((line) => /^\d/.test(line));
  return { sums: lines.map((line) => line.slice(line.lastIndexOf(",") + 1)), error: child.stderr };
}

const TCP = ["-rtsp_transport", "tcp"];

/** What is sent within a time, or until the camera hangs up. */
async function watch(options: WrongCameraOptions, ms: number, ...controls: string[]) {
  const footage = await cameraH264({ frames: 50 });
  await using camera = await startWrongCamera({ footage, fps: 100, ...options });
  using client = new PlainClient(camera.url);
  const sdp = await client.play(...controls);
  const deadline = performance.now() + ms;
  while (performance.now() < deadline && !client.isEnded) await sleep(5);
  const { packets, isEnded } = client;
  const { pictures, lost } = camera;
  return { sdp, packets, isEnded, pictures, lost, on: onChannel(packets) };
}

function onChannel(packets: readonly PlainPacket[]) {
  return (channel: number) => packets.filter((packet) => packet.channel === channel);
}

/** The RTP timestamp of each picture. */
function timestamps(packets: readonly PlainPacket[]): number[] {
  const all = packets.filter(({ channel }) => channel === 0).map(({ data }) =>
    data.readUInt32BE(4)
  );
  return all.filter((time, i) => time !== all[i - 1]);
}

const isMarked = ({ data }: PlainPacket) => (data[1]! & 0x80) !== 0;
const isFragment = ({ data }: PlainPacket) => (data[12]! & 0x1f) === 28;
const typeOf = (packet: PlainPacket) => packet.data[isFragment(packet) ? 13 : 12]! & 0x1f;

const small = { packing: { size: 300 } };
const together = { packing: { size: 300, aggregate: true } };
const whole = { packing: { size: 60_000 } };
const h264 = cameraH264, hevc = cameraHevc;
const packings: [string, () => Promise<string>, WrongCameraOptions][] = [
  ["H.264", h264, {}],
  ["H.264 in small packets", h264, small],
  ["H.264, aggregated", h264, together],
  ["H.264, one packet a NAL unit", h264, whole],
  ["H.264 in slices", () => sliced(4), small],
  ["H.264 without marker bits", h264, { marker: "never" }],
  ["H.264 with all marker bits", h264, { marker: "always" }],
  ["H.264 with parameter sets only in the stream", h264, { sdp: { parameterSets: false } }],
  ["H.264 with sound", h264, { after: [SOUND, METADATA] }],
  ["HEVC", hevc, {}],
  ["HEVC in small packets", hevc, small],
  ["HEVC, aggregated", hevc, together],
  ["HEVC without an fmtp", hevc, { sdp: { fmtp: false } }],
  ["MJPEG", cameraMjpeg, {}],
];
for (const [name, make, options] of packings) {
  test(`ffmpeg reads every picture of ${name}`, async () => {
    const footage = await make();
    await using camera = await startWrongCamera({ footage, fps: 100, end: "close", ...options });
    const [sent, seen] = await Promise.all([
      checksums("-i", footage),
      checksums(...TCP, "-i", camera.url),
    ]);
    assert.equal(sent.sums.length, 100);
    assert.deepEqual(seen.sums, sent.sums, seen.error);
    assert.equal(camera.pictures, 100);
  });
}

test("ffmpeg reads MPEG-TS in RTP, and pictures by UDP", async () => {
  const ts = await lateStart();
  const plain = await cameraH264();
  await using stream = await startWrongCamera({ footage: ts, end: "close" });
  await using udp = await startWrongCamera({ footage: plain, transports: ["udp"] });
  const [inTs, byUdp, ofTs, ofPlain] = await Promise.all([
    checksums(...TCP, "-i", stream.url),
    checksums("-rtsp_transport", "udp", "-t", "2", "-i", udp.url),
    checksums("-i", ts),
    checksums("-i", plain),
  ]);
  // Only what comes next would end the last picture.
  assert.deepEqual(inTs.sums, ofTs.sums.slice(0, -1), inTs.error);
  assert.ok(byUdp.sums.length > 20 && byUdp.sums.every((sum) => ofPlain.sums.includes(sum)));
  assert.match((await checksums(...TCP, "-i", udp.url)).error, /461/);
});

const rising = (values: number[]) => values.every((v, i) => i === 0 || v > values[i - 1]!);
const steps = (values: number[]) => values.slice(1).map((v, i) => v - values[i]!);
const timings: [keyof typeof times, WrongCameraOptions, (seen: number[]) => boolean][] = [
  ["right", { timestamps: times.right() }, (t) => steps(t).every((step) => step === 900)],
  ["frozen", { timestamps: times.frozen() }, (t) => t.length === 1],
  [
    "ahead",
    { timestamps: times.ahead({ seconds: 3600, every: 10 }) },
    (t) => steps(t).filter((step) => step > 3_000 * 90_000).length === 2,
  ],
  [
    "behind",
    { timestamps: times.behind({ seconds: 1, every: 10 }) },
    (t) => steps(t).filter((step) => step < -80_000).length === 2,
  ],
  ["rate", { timestamps: times.rate(2) }, (t) => steps(t).every((step) => step === 1800)],
  ["backwards", { timestamps: times.backwards() }, (t) => rising(t.reverse())],
  [
    "wrapping",
    { timestamps: times.wrapping({ after: 0.1 }) },
    (t) => t[9]! > 4e9 && t[10] === 0 && t[11] === 900,
  ],
  ["randomStart", { timestamps: times.randomStart() }, (t) => t[0] !== 123_456],
  ["jump", { timestamps: times.jump({ seconds: 10, at: 5 }) }, (t) => t[5]! - t[4]! === 900_900],
  ["restart", { timestamps: times.restart({ at: 5 }) }, (t) => t[5] === 0 && t[6] === 900],
  ["wholeSeconds", { timestamps: times.wholeSeconds() }, (t) => t.length === 1],
  [
    "swapped",
    { timestamps: times.swapped({ fps: 100 }) },
    (t) => t[0]! - t[1]! === 900 && t[2]! - t[1]! === 2700,
  ],
  [
    "jitter",
    { timestamps: times.jitter({ fps: 100 }) },
    (t) => rising(t) && new Set(steps(t)).size > 1,
  ],
];
for (const [name, options, holds] of timings) {
  test(`timestamps: ${name}`, async () => {
    const { packets } = await watch({ ...options, hangUp: { at: 25 } }, 5_000);
    const seen = timestamps(packets);
    assert.ok(holds(seen), `${seen}`);
  });
}

test("sender reports: none, right, ahead, too fast, without a clock", async () => {
  /** The camera's time less ours, at each report. */
  const told = async (reports: WrongCameraOptions["reports"]) => {
    const footage = await cameraH264();
    await using camera = await startWrongCamera({ footage, reports });
    using client = new PlainClient(camera.url);
    const origin = Date.now();
    await client.play();
    await sleep(1_100);
    return onChannel(client.packets)(1).map(({ data, at }) => {
      assert.equal(data[1], 200);
      const seconds = data.readUInt32BE(8) + data.readUInt32BE(12) / 2 ** 32;
      return seconds === 0 ? -Infinity : (seconds - 2_208_988_800) * 1000 - origin - at;
    });
  };
  const [none, right, ahead, fast, zero] = await Promise.all([
    told(undefined),
    told({ every: 200 }),
    told({ every: 200, offset: 3_600_000 }),
    told({ every: 200, rate: 2 }),
    told({ every: 200, zero: true }),
  ]);
  assert.equal(none.length, 0);
  assert.ok(right.length >= 4 && right.every((error) => Math.abs(error) < 150), `${right}`);
  assert.ok(ahead.every((error) => Math.abs(error - 3_600_000) < 150), `${ahead}`);
  assert.ok(rising(fast) && fast[fast.length - 1]! > 500, `${fast}`);
  assert.ok(zero.length >= 4 && zero.every((error) => error === -Infinity));
});

test("packets: sizes, marker bits, losses, duplicates", async () => {
  const once = { hangUp: { at: 50 } };
  const [plain, small, never, always, tenth, lastOnes, gone, twice] = await Promise.all([
    watch(once, 5_000),
    watch({ ...once, packing: { size: 200 } }, 5_000),
    watch({ ...once, marker: "never" }, 5_000),
    watch({ ...once, marker: "always" }, 5_000),
    watch({ ...once, fates: loss.everyNth(10) }, 5_000),
    watch({ ...once, packing: { size: 200 }, fates: loss.lastFragment(3, 4) }, 5_000),
    watch({ ...once, fates: loss.pictures(7) }, 5_000),
    watch({ ...once, fates: loss.duplicates(5) }, 5_000),
  ]);
  assert.equal(plain.pictures, 50);
  assert.equal(plain.packets.filter(isMarked).length, 50);
  assert.ok(small.packets.every(({ data }) => data.length <= 212));
  assert.ok(small.packets.length > 2 * plain.packets.length);
  assert.equal(never.packets.filter(isMarked).length, 0);
  assert.ok(always.packets.every(isMarked));
  const sequences = tenth.packets.map(({ data }) => data.readUInt16BE(2));
  assert.equal(tenth.lost, Math.floor(plain.packets.length / 10));
  assert.equal(steps(sequences).filter((step) => step === 2).length, tenth.lost);
  const ends = lastOnes.packets.filter((packet) => isFragment(packet) && packet.data[13]! & 0x40);
  const allEnds = small.packets.filter((packet) => isFragment(packet) && packet.data[13]! & 0x40);
  assert.deepEqual([lastOnes.lost, allEnds.length - ends.length], [2, 2]);
  assert.equal(timestamps(gone.packets).length, 49);
  const doubled = twice.packets.filter(({ data }, i) =>
    i > 0 && data.equals(twice.packets[i - 1]!.data)
  );
  assert.equal(doubled.length, Math.floor(plain.packets.length / 5));
});

test("pace: rate, start, burst, pause, stall, end", async () => {
  const [slow, later, burst, pause, stall, silence, bye, loop] = await Promise.all([
    watch({ fps: 10 }, 1_000),
    watch({ start: 10, hangUp: { at: 1 } }, 3_000),
    watch({ fps: 10, burst: 20 }, 500),
    watch(
      { pauses: [{ at: 10, ms: 1_000 }], after: [SOUND], reports: { every: 100 } },
      800,
      "sound",
    ),
    watch({ stall: { at: 10 }, after: [SOUND] }, 800, "sound"),
    watch({ end: "silence" }, 1_000),
    watch({ end: "bye" }, 1_000),
    watch({ hangUp: { at: 70 } }, 3_000),
  ]);
  assert.ok(slow.pictures >= 5 && slow.pictures <= 12, `${slow.pictures}`);
  assert.ok(later.packets.every((packet) => typeOf(packet) === 1), "it begins in the middle");
  assert.ok(burst.pictures >= 20 && burst.pictures <= 26, `${burst.pictures}`);
  assert.equal(pause.pictures, 10);
  const last = Math.max(...pause.on(0).map(({ at }) => at));
  const isLater = ({ at }: PlainPacket) => at > last + 300;
  assert.ok(pause.on(2).some(isLater) && pause.on(1).some(isLater), "sound and reports flow");
  assert.deepEqual([stall.pictures, stall.isEnded], [10, false]);
  const still = Math.max(...stall.on(0).map(({ at }) => at));
  assert.ok(stall.on(2).every(({ at }) => at < still + 100), "nothing flows");
  assert.deepEqual([silence.pictures, silence.isEnded], [50, false]);
  assert.equal(bye.on(1).filter(({ data }) => data[1] === 201 && data[9] === 203).length, 1);
  assert.deepEqual([loop.pictures, loop.isEnded], [70, true]);
});

test("hang-up: at once, half, in the middle of a packet; a session that is over", async () => {
  const footage = await cameraH264();
  for (const how of ["close", "half-close", "mid-packet"] as const) {
    const { pictures, isEnded } = await watch({ hangUp: { at: 5, how } }, 5_000);
    assert.deepEqual([how, pictures, isEnded], [how, 5, true]);
  }
  await using camera = await startWrongCamera({ footage, session: { timeout: 1, enforced: true } });
  using client = new PlainClient(camera.url);
  await client.play();
  assert.equal((await client.setUp("track1"))?.headers.session, "12345678;timeout=1");
  for (let i = 0; i < 5; i++) {
    await sleep(300);
    await client.ask("GET_PARAMETER");
  }
  assert.equal(client.isEnded, false);
  await sleep(1_300);
  assert.equal(client.isEnded, true);
});

test("a live camera goes on while nobody watches", async () => {
  await using camera = await startWrongCamera({ footage: await cameraH264(), live: true });
  const first = async () => {
    using client = new PlainClient(camera.url);
    await client.play();
    while (onChannel(client.packets)(0).length === 0) await sleep(5);
    return client.packets[0]!.data;
  };
  const one = await first();
  await sleep(300);
  assert.ok(!one.subarray(12).equals((await first()).subarray(12)));
});

test("the session description can be anything", async () => {
  const told = async (options: WrongCameraOptions) => (await watch(options, 0)).sdp;
  const plain = await told({});
  assert.match(plain, /m=video 0 RTP\/AVP 96\r\n.*sprop-parameter-sets=Z.*a=framerate:100\r\n/s);
  assert.doesNotMatch(await told({ sdp: { parameterSets: false } }), /sprop/);
  assert.doesNotMatch(await told({ sdp: { fmtp: false, framerate: false } }), /fmtp|framerate/);
  assert.match(await told({ sdp: { framerate: 1000 } }), /a=framerate:1000\r\n/);
  const other = await watch({ sdp: { payloadType: 112 } }, 300);
  assert.match(other.sdp, /a=rtpmap:112 H264/);
  assert.ok(other.packets.every(({ data }) => (data[1]! & 0x7f) === 112));
  const changed = await told({ sdp: { change: (lines) => lines.slice(0, 3) } });
  assert.equal(changed.split("\r\n").length, 4);
  const before = [UNKNOWN_VIDEO];
  const after = [SECOND_VIDEO, { ...UNKNOWN_AUDIO, setup: 404 }];
  const many = await told({ before, after });
  assert.deepEqual(many.match(/a=control:.*/g)?.map((line) => line.slice(10)), [
    ...["*", "unknown", "track1", "track2", "unknown-audio"],
  ]);
  await using camera = await startWrongCamera({ footage: await cameraH264(), before, after });
  using client = new PlainClient(camera.url);
  assert.equal((await client.setUp("unknown-audio"))?.status, 404);
  await client.play("track2", "unknown");
  await sleep(300);
  const seen = onChannel(client.packets);
  assert.ok(seen(0).length > 3 && seen(2).length > 3);
  assert.equal(seen(4).length, 0);
});
