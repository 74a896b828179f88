/** What the types of a group tell its user: these are checked when the file is compiled. */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  type Frame,
  type FramesByName,
  FrameSet,
  type GroupStats,
  StreamGroup,
  type StreamGroupOptions,
  type StreamSource,
  VideoStream,
  type WhenMissing,
} from "../../../mod.ts";

const URL = "rtsp://127.0.0.1:1/stream";

/** Whether two types are the same, each in both directions. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;

function holds<T extends true>(..._: readonly T[]): void {}

type SetOf<G> = G extends AsyncIterable<infer S> ? S : never;
type LeftOf<G> = SetOf<G> extends { readonly frames: { readonly left?: infer F } } ? F : never;

test("a frame of a complete set is a Frame, one of another may be undefined", async () => {
  const plain = new StreamGroup({ left: URL, right: URL });
  const timed = new StreamGroup({ left: URL, right: URL }, { sync: "capture", maxWait: 500 });
  const waiting = new StreamGroup({ left: URL, right: URL }, { whenMissing: "wait" });
  const omitting = new StreamGroup({ left: URL, right: URL }, { whenMissing: "omit" });
  plain satisfies StreamGroup<"left" | "right">;
  omitting satisfies StreamGroup<"left" | "right", "omit">;
  holds<Same<LeftOf<typeof plain>, Frame>>();
  holds<Same<LeftOf<typeof timed>, Frame>>();
  holds<Same<LeftOf<typeof waiting>, Frame>>();
  const set = await omitting.next({ timeout: 0 }).catch(() => undefined);
  const frame = set?.frames.left satisfies Frame | undefined;
  // @ts-expect-error: it may be missing, also where the set is there.
  const _frame: Frame | undefined = set && set.frames.left.copy();
  assertEquals(frame, undefined);
  for (const group of [plain, timed, waiting, omitting]) await group.stop();
});

test("the names of cameras are those that were given", async () => {
  const rig = new StreamGroup({ left: URL, right: new VideoStream(URL) });
  rig.streams.left satisfies VideoStream;
  rig.stats().members.right satisfies GroupStats["members"][string];
  rig.read()?.missing satisfies readonly ("left" | "right")[] | undefined;
  // @ts-expect-error: there is no camera of that name.
  rig.streams.top satisfies undefined;
  // @ts-expect-error: nor can there be.
  const wrong = () => rig.add("top", URL);
  assertEquals(typeof wrong, "function");
  // Whatever its names are, its sets are sets.
  rig.read() satisfies FrameSet | null;
  // A camera that is added later.
  const grown = new StreamGroup<"left" | "right">({ left: URL });
  grown.add("right", URL) satisfies VideoStream;
  assertEquals(Object.keys(grown.streams), ["left", "right"]);
  // A group whose names are not known beforehand.
  const any = new StreamGroup<string>({});
  any.add("top", { url: URL, buffers: 9 }) satisfies VideoStream;
  const omitting = new StreamGroup<string, "omit">({}, { whenMissing: "omit" });
  holds<Same<SetOf<typeof omitting>, FrameSet<string, "omit">>>();
  for (const group of [rig, any, omitting]) await group.stop();
});

test("options that are known only at run time make sets that may be incomplete", async () => {
  const options: StreamGroupOptions = { whenMissing: JSON.parse('"wait"') as WhenMissing };
  const members: Record<string, StreamSource> = { left: URL };
  const rig = new StreamGroup(members, options);
  rig satisfies StreamGroup<string, WhenMissing>;
  const show = ({ frames, missing }: FrameSet) => [frames.left?.index, missing];
  // Whatever a group is, a function may take all its sets.
  const sets: Parameters<typeof show>[0][] = [];
  for await (const set of rig.sets({ signal: AbortSignal.abort() })) sets.push(set);
  assertEquals(sets.map(show), []);
  await rig.stop();
});

test("sets can be made for tests of one's own code", () => {
  const frames: FramesByName<"left" | "right", "omit"> = {};
  const set = new FrameSet({
    frames,
    missing: ["left", "right"] as const,
    time: 5,
    skew: 0,
    timeSource: "arrival",
  });
  assertEquals([set.time, set.missing], [5, ["left", "right"]]);
});
