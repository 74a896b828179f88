import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { HostTurns } from "../../../src/worker/rtsp/host_turns.ts";

test("four connections to a host are opened at once, and to each host as many", () => {
  const turns = new HostTurns();
  const got: string[] = [];
  const gives = new Map(
    ["a1", "a2", "a3", "a4", "a5", "a6", "b1"].map((name) => {
      return [name, turns.take(name[0]!, () => got.push(name))];
    }),
  );
  assertEquals(got, ["a1", "a2", "a3", "a4", "b1"]);
  gives.get("a2")!();
  gives.get("a2")!();
  assertEquals(got.slice(5), ["a5"]);
  // One that has not had its turn gives up waiting.
  gives.get("a6")!();
  gives.get("a1")!();
  assertEquals(got.slice(5), ["a5"]);
  turns.take("a", () => got.push("a7"));
  assertEquals(got.slice(5), ["a5", "a7"]);
});
