/** Packets get lost: what is damaged is withheld, or marked, and the next keyframe ends it. */

import { assertEquals, assertGreater, assertLessOrEqual, assertNotEquals } from "@std/assert";
import { test } from "node:test";
import { type StreamError, VideoStream, type VideoStreamOptions } from "../../../mod.ts";
import { type Fate, type RtpPacket, startRtpProxy } from "../../support/rtp_proxy.ts";
import { within } from "../../support/waiting.ts";
import { AT_ONCE, releaseInUse } from "../reading.ts";
import { AS_DECODED, describe, Footage, GROUP, sight, type Sighting } from "./footage.ts";

const LIMIT = { timeout: 60_000 };
/** The first groups are whole, for what a stream has to learn; then every second one. */
const FIRST_LOSS = 2;
/** Groups of pictures that a test looks at: six lose something. */
const GROUPS = 14;

type What = RtpPacket["part"] | "picture";

interface Losses {
  /** In turn: a packet of a NAL unit, or all of a picture. */
  readonly what: readonly What[];
  /** Of keyframes; else of the pictures between them. */
  readonly keyframes?: boolean | undefined;
}

const PACKETS: Losses = { what: ["first", "middle", "last"] };
const BEGINNINGS: Losses = { what: ["first"] };
const PICTURES: Losses = { what: ["picture"] };
const KEY_PACKETS: Losses = { ...PACKETS, keyframes: true };
const KEY_PICTURES: Losses = { ...PICTURES, keyframes: true };

/** Loses a packet or a picture of every second group, each time in another place. */
class Loser {
  /** What each group lost. */
  readonly lost = new Map<number, What>();
  readonly #losses: Losses;
  /** The picture that is lost. */
  #gone: number | undefined;

  constructor(losses: Losses) {
    this.#losses = losses;
  }

  readonly decide = ({ picture, slice, part }: RtpPacket): Fate => {
    if (picture === this.#gone) return "lose";
    const group = Math.floor(picture / GROUP);
    if (group < FIRST_LOSS || group % 2 !== 0 || this.lost.has(group)) return "pass";
    if (!this.#isPlace(picture % GROUP, group)) return "pass";
    const { what } = this.#losses;
    const next = what[this.lost.size % what.length];
    if (next !== "picture" && !(slice && next === part)) return "pass";
    if (next === "picture") this.#gone = picture;
    this.lost.set(group, next);
    return "lose";
  };

  #isPlace(place: number, group: number): boolean {
    const { keyframes = false } = this.#losses;
    return keyframes ? place === 0 : place > group * 3 / 2 % 5;
  }
}

interface Outcome {
  readonly seen: readonly Sighting[];
  readonly lost: ReadonlyMap<number, What>;
  /** `stats().dropped.corrupt`. */
  readonly withheld: number;
}

/** Reads a stream that loses packets; it must go on all the time. */
async function read(
  footage: Footage,
  losses: Losses,
  options: VideoStreamOptions,
): Promise<Outcome> {
  const { decide, lost } = new Loser(losses);
  await using camera = await footage.camera();
  await using proxy = await startRtpProxy({
    targetPort: camera.port,
    codec: footage.codec,
    decide,
  });
  const errors: StreamError[] = [];
  await using stream = new VideoStream(proxy.url, {
    ...AS_DECODED,
    // A second of pictures all at once would be too many to see one of each group.
    ffmpeg: AT_ONCE,
    // Nothing else may be lost while the machine is busy.
    socketBufferSize: 4_000_000,
    ...options,
    onDisconnect: (error) => void errors.push(error),
  });
  const end = sight(stream, footage, ({ group }) => group >= GROUPS);
  const seen = await within(`group ${GROUPS}`, end, 20_000).catch((error) => {
    throw new Error(`${error.message}: ${errors.join()} ${JSON.stringify(stream.stats())}`);
  });
  assertEquals([errors, stream.reconnectCount], [[], 0]);
  assertGreater(lost.size, 4);
  return { seen, lost, withheld: stream.stats().dropped.corrupt };
}

/** What of a stream is not as it was sent, in words. */
function damages({ seen, lost }: Outcome): string[] {
  return seen.filter(({ exact }) => !exact).map((one) => {
    const what = lost.get(one.group);
    return `${describe(one)}${what === undefined ? "" : `; its group lost: ${what}`}`;
  });
}

const isMarked = ({ corrupt }: Sighting) => corrupt;

/** Whatever was lost in a group: the next one, which lost nothing, is there and whole. */
function assertRecovery(outcome: Outcome, note: string): void {
  const { seen, lost } = outcome;
  for (let group = seen[0]!.group; group < GROUPS; group++) {
    if (lost.has(group)) continue;
    const whole = seen.filter((one) => one.group === group);
    assertNotEquals(whole.length, 0, `${note}: no picture of group ${group}`);
    assertEquals(damages({ ...outcome, seen: whole }), [], note);
    assertEquals(whole.filter(isMarked).map(describe), [], note);
  }
}

/** With TCP and UDP at once. */
async function overBoth(run: (transport: "tcp" | "udp") => Promise<void>): Promise<void> {
  await Promise.all([run("tcp"), run("udp")]);
}

function assertNoneDamaged(footage: Footage, losses: Losses, options: VideoStreamOptions = {}) {
  return overBoth(async (transport) => {
    const outcome = await read(footage, losses, { ...options, transport });
    assertEquals(damages(outcome), [], transport);
    assertEquals(outcome.seen.filter(isMarked).map(describe), [], transport);
    assertGreater(outcome.withheld, 0, transport);
    assertRecovery(outcome, transport);
  });
}

for (const latency of ["lowest", "normal"] as const) {
  for (
    const [what, losses] of [
      ["packets of pictures", PACKETS],
      ["beginnings of pictures", BEGINNINGS],
      ["packets of keyframes", KEY_PACKETS],
      ["pictures", PICTURES],
      ["keyframes", KEY_PICTURES],
    ] as const
  ) {
    test(
      `H.264, latency ${latency}: ${what} are lost, and no frame is damaged`,
      LIMIT,
      async () => {
        await assertNoneDamaged(await Footage.make({ codec: "h264" }), losses, { latency });
      },
    );
  }
}

test(
  "H.264: packets of one of several slices are lost, and no frame is damaged",
  LIMIT,
  async () => {
    await assertNoneDamaged(await Footage.make({ codec: "h264", slices: 3 }), {
      what: ["first", "last"],
    });
  },
);

test("H.264 with B-frames: pictures are lost, and no frame is damaged", LIMIT, async () => {
  await assertNoneDamaged(await Footage.make({ codec: "h264", bframes: 2 }), PICTURES);
});

// They refer to the damaged picture and are shown before it: its damage is known too late.
test(
  "H.264 with B-frames: packets are lost, and no more than the B-frames before are damaged",
  LIMIT,
  async () => {
    const footage = await Footage.make({ codec: "h264", bframes: 2 });
    await overBoth(async (transport) => {
      const outcome = await read(footage, PACKETS, { transport });
      for (const group of outcome.lost.keys()) {
        const damaged = outcome.seen.filter((one) => one.group === group && !one.exact);
        assertLessOrEqual(damaged.length, 2, `${transport}: ${damages(outcome)}`);
      }
      assertGreater(outcome.withheld, 0, transport);
      assertRecovery(outcome, transport);
    });
  },
);

test("HEVC: beginnings of pictures are lost, and no frame is damaged", LIMIT, async () => {
  await assertNoneDamaged(await Footage.make({ codec: "hevc" }), BEGINNINGS);
});

if (Number(await releaseInUse()) >= 8) {
  for (const [what, losses] of [["pictures", PICTURES], ["keyframes", KEY_PICTURES]] as const) {
    test(`HEVC from FFmpeg 8.0 on: ${what} are lost, and no frame is damaged`, LIMIT, async () => {
      await assertNoneDamaged(await Footage.make({ codec: "hevc" }), losses);
    });
  }
}

// HEVC's decoder tells nothing of what is missing within pictures, before FFmpeg 8.0 nor of whole
// ones, and the sizes of the packets often do not.
for (
  const [place, losses] of [
    ["between keyframes", { what: [...PACKETS.what, ...PICTURES.what] }],
    ["in keyframes", { what: [...PACKETS.what, ...PICTURES.what], keyframes: true }],
  ] as const
) {
  test(`HEVC: losses ${place} end with the next keyframe`, LIMIT, async () => {
    const footage = await Footage.make({ codec: "hevc" });
    await overBoth(async (transport) => {
      assertRecovery(await read(footage, losses, { transport }), transport);
    });
  });
}

for (const [codec, losses] of [["h264", PACKETS], ["hevc", BEGINNINGS]] as const) {
  test(`${codec}: damaged frames come marked, where they are wanted`, LIMIT, async () => {
    const footage = await Footage.make({ codec });
    await overBoth(async (transport) => {
      const [withheld, wanted] = await Promise.all(
        [true, false].map((waitForKeyframe) =>
          read(footage, losses, { transport, decode: { waitForKeyframe } })
        ),
      );
      assertRecovery(wanted!, transport);
      const unmarked = wanted!.seen.filter((one) => !isMarked(one));
      assertEquals(damages({ ...wanted!, seen: unmarked }), [], transport);
      // They are more than the others, which everybody sees.
      const marked = wanted!.seen.filter(isMarked).map(({ number }) => number);
      const others = new Set(withheld!.seen.map(({ number }) => number));
      assertGreater(marked.length, 0, transport);
      assertEquals(marked.filter((number) => others.has(number)), [], transport);
      assertGreater(withheld!.withheld, 0, transport);
    });
  });
}

for (const codec of ["h264", "hevc"] as const) {
  test(
    `${codec}: a connection is cut within pictures, and no frame is damaged`,
    LIMIT,
    async () => {
      const footage = await Footage.make({ codec });
      // Within a keyframe and within others; the last of these connections goes on.
      const places = [
        { keyframe: false, part: "first" },
        { keyframe: true, part: "middle" },
        { keyframe: false, part: "middle" },
        { keyframe: true, part: "last" },
        { keyframe: false, part: "last" },
      ];
      let cuts = 0;
      const decide = ({ picture, keyframe, part }: RtpPacket): Fate => {
        const place = places.at(cuts);
        if (cuts === places.length || picture < 12) return "pass";
        if (keyframe !== place?.keyframe || part !== place.part) return "pass";
        cuts++;
        return "cut";
      };
      await using camera = await footage.camera();
      await using proxy = await startRtpProxy({ targetPort: camera.port, codec, decide });
      const errors: StreamError[] = [];
      await using stream = new VideoStream(proxy.url, {
        ...AS_DECODED,
        transport: "tcp",
        reconnect: { delay: 20 },
        onDisconnect: (error) => void errors.push(error),
      });
      const last = places.length + 1;
      const seen = await within(
        `connection ${last}`,
        sight(stream, footage, ({ connection, group }) => connection === last && group >= 3),
        30_000,
      );
      assertEquals(seen.filter(({ exact, corrupt }) => !exact || corrupt).map(describe), []);
      assertEquals(cuts, places.length);
      assertEquals(errors.map(({ operation }) => operation), places.map(() => "read"));
      assertEquals(new Set(seen.map(({ connection }) => connection)).size, last);
      assertEquals(stream.reconnectCount, places.length);
    },
  );
}
