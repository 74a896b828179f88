/** Cameras that freeze, die, come back or were never there: the others go on. */

import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import { StreamError, StreamGroup, type StreamGroupOptions } from "../../../mod.ts";
import { startCamera } from "../../support/camera.ts";
import { median } from "../../support/numbers.ts";
import { freePort } from "../../support/port.ts";
import { startStampCamera } from "../../support/stamp_camera.ts";
import { rejection, timed, until, within } from "../../support/waiting.ts";
import { QUICK, SMALL_CAMERA } from "../lifecycle.ts";
import { streamError } from "../reading.ts";
import {
  assertInOrder,
  note,
  type SetNote,
  setsUntil,
  STAMPED,
  stamped,
  startStamped,
  takeSets,
} from "../rigs.ts";

const LIMIT = { timeout: 50_000 };

/** Notes all sets in the background, until the group is stopped. */
class Watch {
  readonly notes: SetNote[] = [];
  readonly ended: Promise<unknown>;

  readonly rig: StreamGroup<"left" | "right", "wait" | "omit">;

  constructor(rig: StreamGroup<"left" | "right", "wait" | "omit">) {
    this.rig = rig;
    this.ended = rejection(this.#follow());
  }

  async #follow(): Promise<void> {
    for await (const set of this.rig) this.notes.push(note(set));
  }

  /** Waits for so many more sets of that kind. */
  async more(what: string, count: number, is: (note: SetNote) => boolean): Promise<void> {
    const begin = this.notes.length;
    await until(what, () => this.notes.slice(begin).filter(is).length >= count, 20_000);
  }
}

const isWhole = ({ missing }: SetNote) => missing.length === 0;
const isPart = ({ missing }: SetNote) => missing.length > 0;

function pause(sets: readonly SetNote[]): number {
  return Math.max(...sets.slice(1).map(({ at }, i) => at - sets[i]!.at));
}

test(
  "a camera that freezes for five seconds: the other one goes on, or both wait",
  LIMIT,
  async () => {
    const [left, right] = await startStamped({}, {});
    await using _left = left;
    await using _right = right;
    const members = { left: stamped(left!), right: stamped(right!) };
    await using omitting = new StreamGroup(members, { whenMissing: "omit" });
    await using waiting = new StreamGroup(members, { whenMissing: "wait" });
    const [omit, wait] = [new Watch(omitting), new Watch(waiting)];
    await Promise.all([omit.more("sets", 20, isWhole), wait.more("sets", 20, isWhole)]);

    right!.pause();
    await omit.more("sets without it", 1, isPart);
    const begin = omit.notes.length;
    const waited = wait.notes.length;
    await sleep(5_000);
    const alone = omit.notes.slice(begin);
    // It is connected all the while: a camera that says nothing is no lost connection.
    assertEquals(omitting.streams.right.state, "streaming");
    assertGreater(alone.length, 90);
    assertLess(pause(alone), 1_500);
    for (const { missing, pictures } of alone) {
      assertEquals([missing, Object.keys(pictures)], [["right"], ["left"]]);
    }
    // Nobody waits for it any more: a set is there as soon as its picture is.
    assertLess(median(alone.slice(10).map(({ at, pictures }) => at - pictures.left!.arrival)), 60);
    // What was on its way when it froze may still have made one.
    assertLess(wait.notes.length - waited, 4);

    right!.resume();
    await Promise.all([omit.more("sets again", 60, isWhole), wait.more("sets again", 60, isWhole)]);
    for (const { notes } of [omit, wait]) {
      assertInOrder(notes);
      // A picture from before the freeze would be seconds away; a busy machine is not.
      const skews = notes.filter(isWhole).slice(-30).map(({ stampSkew }) => stampSkew);
      assertLess(median(skews), 100, skews.join(" "));
    }
    assert(wait.notes.every(isWhole));
    const { incomplete, members: counted } = omitting.stats();
    // The left one may have come later, at the beginning.
    assertEquals(counted.left.missing + counted.right.missing, incomplete);
    assertGreater(incomplete, 90);
  },
);

test("a camera that dies and is started again comes back by itself", LIMIT, async () => {
  const [left, right] = await startStamped({}, {});
  await using _left = left;
  const { port } = right!;
  const members = { left: stamped(left!), right: stamped(right!) };
  await using rig = new StreamGroup(members, { whenMissing: "omit", sync: "latest" });
  await using precise = new StreamGroup(members, { whenMissing: "wait", sync: "capture" });
  const [omit, wait] = [new Watch(rig), new Watch(precise)];
  await Promise.all([omit.more("sets", 20, isWhole), wait.more("sets", 20, isWhole)]);

  await right!.kill();
  await until("a loss", () => !rig.streams.right.isConnected && !precise.streams.right.isConnected);
  const begin = omit.notes.length;
  const waited = wait.notes.length;
  await omit.more("sets without it", 30, isPart);
  const alone = omit.notes.slice(begin);
  assertEquals(alone.slice(1).filter(isWhole), []);
  assertLess(pause(alone), 1_500);
  // It is known to be away.
  assertLess(median(alone.map(({ at, pictures }) => at - pictures.left!.arrival)), 60);
  assertLess(wait.notes.length - waited, 4);

  await using again = await startStampCamera({ ...STAMPED, port });
  await Promise.all([omit.more("sets again", 20, isWhole), wait.more("sets again", 20, isWhole)]);
  assert(again.running);
  for (const { notes } of [omit, wait]) {
    assertInOrder(notes, notes === omit.notes);
    assertEquals(notes.at(-1)?.pictures.right?.connection, 2);
    assertEquals(notes.at(-1)?.pictures.left?.connection, 1);
  }
  // Only pictures of a connection that there is are in a set.
  const old = omit.notes.slice(begin + 1).filter(({ pictures }) =>
    pictures.right?.connection === 1
  );
  assertEquals(old, []);
});

test("a camera that was never there keeps nobody waiting", LIMIT, async () => {
  await using camera = await startCamera(SMALL_CAMERA);
  const nothing = `rtsp://127.0.0.1:${await freePort()}/stream`;
  for (const sync of ["latest", "arrival", "capture"] as const) {
    await using rig = new StreamGroup(
      { here: { url: camera.url, ...QUICK }, away: nothing },
      { whenMissing: "omit", sync, maxWait: 5_000 },
    );
    const sets = await takeSets(rig, 20);
    for (const { missing } of sets) assertEquals(missing, ["away"]);
    const waits = sets.map(({ at, pictures }) => at - pictures.here!.arrival);
    assertLess(median(waits.slice(5)), 100, sync);
    assertEquals(rig.stats().members.away.missing, rig.stats().sets);
  }
});

/** A camera that wants a password, and a group that has a wrong one for it. */
async function withWrongPassword<M extends "wait" | "omit">(
  missing: M,
  use: (rig: StreamGroup<"open" | "locked", M>) => Promise<void>,
): Promise<void> {
  await using open = await startCamera(SMALL_CAMERA);
  await using locked = await startCamera({
    ...SMALL_CAMERA,
    auth: { scheme: "digest", username: "admin", password: "right" },
  });
  const options: StreamGroupOptions<M> = { whenMissing: missing };
  await using rig = new StreamGroup(
    {
      open: { url: open.url, ...QUICK },
      locked: { url: locked.urlWith("admin", "wr0ng"), ...QUICK },
    },
    options,
  );
  await use(rig);
}

test(
  "a camera that refuses its password ends sets that need it, with its error",
  LIMIT,
  async () => {
    await withWrongPassword("wait", async (rig) => {
      const loop = takeSets(rig, 1_000_000);
      const next = rig.next();
      const [one, two] = [await streamError("loop", loop), await streamError("next", next)];
      assertStrictEquals(one, two);
      assertStrictEquals(one, rig.streams.locked.lastError);
      assertEquals([one.code, one.message.includes("wr0ng")], ["AUTH_FAILED", false]);
      const seen = [inspect(rig, { depth: 5, showHidden: true }), String(one.stack)].join();
      assertEquals(seen.includes("wr0ng"), false);
      // It does not become better by asking again, and the other one is still there.
      assertStrictEquals(await rejection(rig.next()), one);
      assertStrictEquals(await rejection(takeSets(rig, 1)), one);
      assertEquals(rig.read(), null);
      assertEquals(rig.streams.open.state === "failed", false);
      // Without it the others have sets.
      await rig.remove("locked");
      assertEquals((await takeSets(rig, 5)).length, 5);
    });
  },
);

test(
  "where sets need not be complete, others go on without a camera that has failed",
  LIMIT,
  async () => {
    await withWrongPassword("omit", async (rig) => {
      const sets = await setsUntil("sets after the failure", rig, (_, notes) => {
        return notes.length >= 20 && rig.streams.locked.state === "failed";
      });
      assertEquals(sets.at(-1)?.missing, ["locked"]);
      const more = await takeSets(rig, 10);
      assert(more.every(({ missing }) => missing[0] === "locked"));
      const set = await within("next", rig.next());
      assertEquals([set.missing, set.frames.locked], [["locked"], undefined]);
      // The last one of all that fails ends the sets.
      const loop = rejection(takeSets(rig, 1_000_000));
      await rig.remove("open");
      assertStrictEquals(await loop, rig.streams.locked.lastError);
      await assertRejects(() => rig.next(), StreamError, "Cannot");
    });
  },
);

test("a group of cameras that are away can be left at once", LIMIT, async () => {
  const nothing = `rtsp://127.0.0.1:${await freePort()}/stream`;
  const rig = new StreamGroup({ left: nothing, right: `${nothing}2` });
  const [loop, next] = [takeSets(rig, 1), rejection(rig.next())];
  await until("attempts", () => rig.streams.right.state === "reconnecting");
  assertLess(await timed(rig.stop()), 1_000);
  assertEquals(await loop, []);
  const error = await next;
  assert(error instanceof StreamError && error.code === "CLOSED", String(error));
  assertEquals(error.message, `Cannot read ${nothing}, ${nothing}2: it was stopped`);
});
