import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { HostTurns } from "../../../src/worker/rtsp/host_turns.ts";

/** What a turn was given for, in the order in which it was. */
async function take(turns: HostTurns, names: readonly string[], got: string[]) {
  const gives = new Map<string, () => void>();
  for (const name of names) {
    void turns.take(name[0]!).then((give) => {
      got.push(name);
      gives.set(name, give);
    });
  }
  await settled();
  return gives;
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

test("four connections to a host are opened at once, and to each host as many", async () => {
  const got: string[] = [];
  const names = ["a1", "a2", "a3", "a4", "a5", "a6", "b1"];
  const gives = await take(new HostTurns(), names, got);
  assertEquals(got, ["a1", "a2", "a3", "a4", "b1"]);
  gives.get("a2")!();
  gives.get("a2")!();
  await settled();
  assertEquals(got.slice(5), ["a5"]);
  gives.get("a1")!();
  await settled();
  assertEquals(got.slice(5), ["a5", "a6"]);
});

test("turns that were given back are there again", async () => {
  const turns = new HostTurns();
  const got: string[] = [];
  for (const give of (await take(turns, ["a1", "a2", "a3", "a4"], got)).values()) give();
  await take(turns, ["a5", "a6", "a7", "a8", "a9"], got);
  assertEquals(got.length, 8);
});
