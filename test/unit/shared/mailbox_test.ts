import { assert, assertEquals, assertFalse, assertStringIncludes, assertThrows } from "@std/assert";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { Mailbox } from "../../../src/core/shared/mailbox.ts";
import { forAll } from "../property.ts";
import { Seeded } from "../../support/seeded.ts";
import { LAST, type MailboxOrder } from "./mailbox_worker.ts";

/** State and length. */
const HEADER = 8;

function makeMailbox(bytes = 64): Mailbox {
  return new Mailbox(new SharedArrayBuffer(HEADER + bytes));
}

test("a new mailbox is empty", () => {
  const mailbox = makeMailbox();
  assertEquals([mailbox.take(), mailbox.take()], [undefined, undefined]);
});

test("what was put in is taken out, once", () => {
  const mailbox = makeMailbox();
  assert(mailbox.put("record"));
  assertEquals([mailbox.take(), mailbox.take()], ["record", undefined]);
});

test("a second text is refused until the first was taken, and does not touch it", () => {
  const mailbox = makeMailbox();
  assert(mailbox.put("one"));
  assertFalse(mailbox.put("two"));
  assertFalse(mailbox.put("three, which is longer"));
  assertEquals(mailbox.take(), "one");
  assert(mailbox.put("four"));
  assertEquals([mailbox.take(), mailbox.take()], ["four", undefined]);
});

test("a shorter text after a longer one has nothing of it", () => {
  const mailbox = makeMailbox();
  for (const text of ["a long text", "short", "", "x"]) {
    assert(mailbox.put(text));
    assertEquals(mailbox.take(), text);
  }
});

test("an empty text is a text", () => {
  const mailbox = makeMailbox();
  assert(mailbox.put(""));
  assertFalse(mailbox.put("next"));
  assertEquals([mailbox.take(), mailbox.take()], ["", undefined]);
});

test("any Unicode text comes out as it was", () => {
  const mailbox = makeMailbox();
  for (const text of ["Größe", "日本.mp4", "\u{1f511}\u{1f3a5}", "a\0b", '{"a":"\\n"}', "\u200d"]) {
    assert(mailbox.put(text));
    assertEquals(mailbox.take(), text);
  }
});

test("a text fills the mailbox to the last byte, as UTF-8", () => {
  const mailbox = makeMailbox(16);
  for (const text of ["x".repeat(16), "ä".repeat(8), "\u{1f511}".repeat(4)]) {
    assert(mailbox.put(text));
    assertEquals(mailbox.take(), text);
  }
});

test("a text that is too long is a RangeError, and leaves the mailbox empty", () => {
  const mailbox = makeMailbox(16);
  const rows: readonly (readonly [string, number])[] = [
    ["x".repeat(17), 17],
    ["x".repeat(16) + "ä", 18],
    ["ä".repeat(9), 18],
    ["\u{1f511}".repeat(5), 20],
  ];
  for (const [text, bytes] of rows) {
    const { message } = assertThrows(() => mailbox.put(text), RangeError);
    assertStringIncludes(message, `${bytes} bytes: 16 at most`);
    assertEquals(mailbox.take(), undefined);
  }
  assert(mailbox.put("fits"));
  assertEquals(mailbox.take(), "fits");
});

test("two mailboxes over the same memory are one", () => {
  const sender = makeMailbox();
  const receiver = new Mailbox(sender.memory);
  forAll(500, (random) => {
    const text = random.text(["a", "Z", "0", "ß", "本", "\u{1f511}", "\0"], 0, 16);
    assert(sender.put(text));
    assertFalse(receiver.put("other"));
    assertEquals(receiver.take(), text);
    assertEquals(sender.take(), undefined);
  });
});

test("10,000 texts go to another thread and back, each once and whole", async () => {
  const [orders, answers] = [makeMailbox(256), makeMailbox(256)];
  const worker = new Worker(new URL("./mailbox_worker.ts", import.meta.url));
  try {
    const over = new Promise<unknown>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    worker.postMessage(
      { orders: orders.memory, answers: answers.memory } satisfies MailboxOrder,
    );
    const random = new Seeded(72);
    const text = () => random.text(["a", "Z", "ß", "本", "\u{1f511}"], 0, 60);
    const sent = [...Array.from({ length: 10_000 }, (_, i) => `${i} ${text()}`), LAST];
    const received: string[] = [];
    const deadline = performance.now() + 30_000;
    let next = 0;
    while (received.length < sent.length && performance.now() < deadline) {
      const count = received.length;
      if (next < sent.length && orders.put(sent[next]!)) next++;
      const answer = answers.take();
      if (answer !== undefined) received.push(answer);
      // The thread may need this one to start.
      if (count === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    assertEquals(received.length, sent.length);
    assertEquals(received.findIndex((answer, i) => answer !== sent[i]), -1);
    assertEquals(await over, "over");
  } finally {
    await worker.terminate();
  }
});
