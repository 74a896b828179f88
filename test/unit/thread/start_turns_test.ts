import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { StartTurns } from "../../../src/thread/start_turns.ts";

/** Threads that note when they begin. */
function noting(turns: StartTurns) {
  const begun: string[] = [];
  const take = (name: string) => turns.take(() => void begun.push(name));
  return { begun, take };
}

test("no more threads begin at once than there are turns", () => {
  const { begun, take } = noting(new StartTurns(2));
  for (const name of "abcd") take(name);
  assertEquals(begun, ["a", "b"]);
});

test("a turn that is given back goes to the one that waits longest", () => {
  const { begun, take } = noting(new StartTurns(2));
  const [a, b] = [..."abcd"].map(take);
  b!();
  assertEquals(begun, ["a", "b", "c"]);
  a!();
  assertEquals(begun, ["a", "b", "c", "d"]);
});

test("a turn can be given back once only", () => {
  const { begun, take } = noting(new StartTurns(1));
  const [a] = [..."abc"].map(take);
  a!();
  a!();
  assertEquals(begun, ["a", "b"]);
});

test("one that has given up waiting does not begin", () => {
  const { begun, take } = noting(new StartTurns(1));
  const [a, b] = [..."abc"].map(take);
  b!();
  a!();
  assertEquals(begun, ["a", "c"]);
});

test("one that gives its turn back while it begins lets the next one begin", () => {
  const turns = new StartTurns(1);
  const { begun, take } = noting(turns);
  const first = take("a");
  const leave = turns.take(() => {
    begun.push("b");
    leave();
  });
  take("c");
  first();
  assertEquals(begun, ["a", "b", "c"]);
});
