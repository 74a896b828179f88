import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { test } from "node:test";
import { parseMediaUrl } from "../../../src/core/connection/url.ts";
import { threadOptions } from "../../../src/core/options/connection_options.ts";
import {
  abortSignal,
  callback,
  type FieldsOf,
  flag,
  limit,
  nested,
  number,
  oneOf,
  resolve,
  type Resolved,
  secret,
  text,
  time,
} from "../../../src/core/options/fields.ts";
import { FRAMES_FIELDS, NEXT_FIELDS, READ_FIELDS } from "../../../src/core/options/read_options.ts";
import { resolveStreamOptions } from "../../../src/core/options/stream_options.ts";
import {
  resolveWriterOptions,
  writerCredentials,
} from "../../../src/core/options/writer_options.ts";

type Colour = "red" | "green";

interface DoorOptions {
  readonly colour?: Colour | undefined;
  readonly width?: number | undefined;
  readonly lock?: { readonly code?: string | undefined; readonly delay?: number | undefined };
}

const COLOURS: readonly Colour[] = ["red", "green"];
const DOOR = {
  colour: oneOf(COLOURS, "red"),
  width: number(undefined, { min: 1, max: 9, unit: "metres" }),
  lock: nested({ code: secret, delay: time(50) }),
} satisfies FieldsOf<DoorOptions>;

const CONNECTION = {
  username: "admin",
  password: "hunter2",
  signal: new AbortController().signal,
  logger: console,
  reconnect: { retry: () => true },
  onConnect: () => {},
  onDisconnect: () => {},
  onReconnectFailure: () => {},
  ffmpeg: { format: { probesize: 32 }, codec: { flags: "x" } },
};

test("the compiler refuses a table that lacks an option, has one more or a wrong value", () => {
  // @ts-expect-error: `lock` has no field.
  const incomplete = { colour: DOOR.colour, width: DOOR.width } satisfies FieldsOf<DoorOptions>;
  // @ts-expect-error: there is no option `handle`.
  const more = { ...DOOR, handle: text } satisfies FieldsOf<DoorOptions>;
  // @ts-expect-error: `width` is a number.
  const wrong = { ...DOOR, width: flag(true) } satisfies FieldsOf<DoorOptions>;
  // @ts-expect-error: there is no such colour.
  const colour = { ...DOOR, colour: oneOf(["blue"], "blue") } satisfies FieldsOf<DoorOptions>;
  assertEquals([incomplete, more, wrong, colour].length, 4);
});

test("the types of what is resolved follow from the table", () => {
  const { colour, width, lock }: Resolved<typeof DOOR> = resolve("", {}, DOOR);
  colour satisfies Colour;
  width satisfies number | undefined;
  // @ts-expect-error: it has no default.
  width satisfies number;
  lock satisfies { readonly code: string | undefined; readonly delay: number };
  assertEquals([colour, width, lock.delay], ["red", undefined, 50]);
});

test("resolve() fills in the defaults, and undefined is taken as not given", () => {
  const defaults = { colour: "red", width: undefined, lock: { code: undefined, delay: 50 } };
  const rows = [undefined, {}, { colour: undefined, lock: undefined }, {
    lock: { delay: undefined },
  }];
  for (const given of rows) assertEquals<unknown>(resolve("door", given, DOOR), defaults);
});

test("resolve() freezes what it gives, nested objects too, and leaves what it was given alone", () => {
  const given = { colour: "green", lock: { delay: 5 } };
  const door = resolve("", given, DOOR);
  for (const part of [door, door.lock, resolve("", undefined, DOOR).lock]) {
    assert(Object.isFrozen(part));
  }
  given.lock.delay = 6;
  assertEquals(door.lock.delay, 5);
  assertFalse(Object.isFrozen(given) || Object.isFrozen(given.lock));
});

test("resolve() reads the options of an instance of a class", () => {
  class Door {
    get colour() {
      return "green";
    }
  }
  assertEquals(resolve("", new Door(), DOOR).colour, "green");
});

test("messages name an option by its way from the outermost object", () => {
  const rows: readonly (readonly [string, unknown, typeof TypeError, string])[] = [
    ["", { width: 0 }, RangeError, "width must be a number of metres from 1 to 9, got 0"],
    [
      "door",
      { width: "1" },
      TypeError,
      'door.width must be a number of metres from 1 to 9, got "1"',
    ],
    ["", { colour: "blue" }, RangeError, 'colour must be one of "red", "green", got "blue"'],
    ["", 5, TypeError, "options must be an object, got 5"],
    ["door", 5, TypeError, "door must be an object, got 5"],
    ["door", { lock: 5 }, TypeError, "door.lock must be an object, got 5"],
    [
      "door",
      { lock: { delay: -1 } },
      RangeError,
      "door.lock.delay must be a number of milliseconds from 0 to 2147483647, got -1",
    ],
    ["", { color: 1 }, TypeError, 'unknown option "color"; did you mean "colour"?'],
    [
      "door",
      { lock: { dealy: 1 } },
      TypeError,
      'unknown option "door.lock.dealy"; did you mean "delay"?',
    ],
    [
      "door",
      { lock: { zzzzzz: 1 } },
      TypeError,
      'unknown option "door.lock.zzzzzz"; known are code, delay',
    ],
  ];
  for (const [prefix, given, kind, expected] of rows) {
    const error = assertThrows(() => resolve(prefix, given, DOOR));
    assertInstanceOf(error, kind, expected);
    assertEquals(error.message, expected);
  }
});

test("an option by its old name is a TypeError with the new one", () => {
  const renamed = { paint: "colour", locked: "lock" };
  const message = (given: object) =>
    assertThrows(() => resolve("door", given, DOOR, renamed), TypeError).message;
  assertEquals(message({ paint: "red" }), 'unknown option "door.paint"; it is called "colour" now');
  // It is the name that counts, not the value.
  assertEquals(
    message({ locked: undefined }),
    'unknown option "door.locked"; it is called "lock" now',
  );
  assertEquals(message({ colours: 1 }), 'unknown option "door.colours"; did you mean "colour"?');
  assertEquals(
    message({ toString: 1 }),
    'unknown option "door.toString"; known are colour, width, lock',
  );
});

test("limit() takes Infinity, says so, and knows no other number beyond its range", () => {
  const fields = { rate: limit(undefined, { min: 1, max: 9, unit: "frames" }) };
  assertEquals(resolve("", {}, fields).rate, undefined);
  for (const rate of [1, 9, Infinity]) assertEquals(resolve("", { rate }, fields).rate, rate);
  for (const rate of [0, 10, -Infinity, NaN]) {
    const expected = `rate must be a number of frames (or Infinity) from 1 to 9, got ${rate}`;
    const error = assertThrows(() => resolve("", { rate }, fields), RangeError);
    assertEquals(error.message, expected);
  }
});

test("callback() and abortSignal give the thing itself", () => {
  const fields = { call: callback<(n: number) => void>(), signal: abortSignal };
  const given = { call: () => {}, signal: new AbortController().signal };
  const resolved = resolve("", given, fields);
  assertStrictEquals(resolved.call, given.call);
  assertStrictEquals(resolved.signal, given.signal);
  const wrong = () => resolve("next", { signal: "abort" }, fields);
  assertThrows(wrong, TypeError, "next.signal must be an AbortSignal, got string");
});

test("no message shows a secret, whatever it is and however deep", () => {
  const wrong = [["hunter2"], { x: "hunter2" }, "hunter2\n", () => "hunter2", Symbol("hunter2")];
  for (const code of wrong) {
    const error = assertThrows(() => resolve("", { lock: { code } }, DOOR), TypeError);
    assert(error.message.startsWith("lock.code must "), error.message);
    assertFalse(`${error.message} ${error.stack}`.includes("hunter2"), error.message);
  }
  for (const other of [{ colour: 1 }, { colours: 1 }, { lock: { code: "hunter2", delay: -1 } }]) {
    const error = assertThrows(() => resolve("", { lock: { code: "hunter2" }, ...other }, DOOR));
    assertFalse(String(error).includes("hunter2"), String(error));
  }
});

test("no message shows a user name or a password", () => {
  const media = parseMediaUrl("rtmp://server/live");
  for (const name of ["username", "password"]) {
    for (const value of [86_420, "86420\n", ["86420"], { "86420": 1 }]) {
      for (
        const check of [
          () => resolveStreamOptions({ [name]: value }),
          () => resolveWriterOptions(media, { [name]: value }),
          () => writerCredentials({ [name]: value }),
        ]
      ) {
        const error = assertThrows(check, TypeError, `${name} must `);
        assertFalse(`${error.message} ${error.stack}`.includes("86420"), error.message);
      }
    }
  }
});

test("without options read() takes any frame, and next() and loops wait for ever", () => {
  assertEquals({ ...resolve("read", undefined, READ_FIELDS) }, { maxAge: Infinity });
  const next = { timeout: Infinity, signal: undefined };
  assertEquals({ ...resolve("next", undefined, NEXT_FIELDS) }, next);
  assertEquals({ ...resolve("sets", undefined, FRAMES_FIELDS) }, { signal: undefined });
  assertEquals({ ...resolve("next", { timeout: Infinity }, NEXT_FIELDS) }, next);
  assertEquals(resolve("read", { maxAge: 0 }, READ_FIELDS).maxAge, 0);
});

test("a wrong option of read(), next() and loops is named with the method", () => {
  const rows: readonly (readonly [() => unknown, typeof TypeError, string])[] = [
    [
      () => resolve("read", { maxAge: -1 }, READ_FIELDS),
      RangeError,
      "read.maxAge must be a number of milliseconds from 0 to 2147483647, got -1",
    ],
    [
      () => resolve("next", { timeout: "5" }, NEXT_FIELDS),
      TypeError,
      'next.timeout must be a number of milliseconds from 0 to 2147483647, got "5"',
    ],
    [
      () => resolve("next", { signal: {} }, NEXT_FIELDS),
      TypeError,
      "next.signal must be an AbortSignal, got object",
    ],
    [
      () => resolve("sets", { timeout: 1 }, FRAMES_FIELDS),
      TypeError,
      'unknown option "sets.timeout"; known are signal',
    ],
  ];
  for (const [check, kind, expected] of rows) {
    const error = assertThrows(check);
    assertInstanceOf(error, kind, expected);
    assertEquals(error.message, expected);
  }
});

test("what a background thread is told can be cloned, and has no password", () => {
  const media = parseMediaUrl("rtmp://server/live");
  for (
    const resolved of [resolveStreamOptions(CONNECTION), resolveWriterOptions(media, CONNECTION)]
  ) {
    const told = threadOptions(resolved);
    assertEquals<unknown>(structuredClone(told), { ...told });
    assertEquals(told.ffmpeg, { format: { probesize: "32" }, codec: { flags: "x" } });
    assertEquals(told.openTimeout, 10_000);
    assertFalse(JSON.stringify(told).includes("hunter2"));
    for (const name of ["signal", "logger", "reconnect", "onConnect", "username", "password"]) {
      assertFalse(name in told, name);
    }
  }
});
