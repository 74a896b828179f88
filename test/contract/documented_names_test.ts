/** What the documents name is there: options, their values, error codes, paths, headings. */

import { assert, assertEquals, assertGreater } from "@std/assert";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { ERROR_CODES } from "../../src/core/connection/errors.ts";
import { parseMediaUrl } from "../../src/core/connection/url.ts";
import { resolveGroup } from "../../src/core/options/group_options.ts";
import type {
  FramesOptions,
  NextOptions,
  ReadOptions,
} from "../../src/core/options/read_options.ts";
import type { HistoryOptions, RecordOptions } from "../../src/core/options/record_options.ts";
import type { SnapshotOptions } from "../../src/core/options/snapshot_options.ts";
import { resolveStreamOptions } from "../../src/core/options/stream_options.ts";
import { resolveWriterOptions } from "../../src/core/options/writer_options.ts";
import type { PipeOptions } from "../../src/stream/pipe.ts";
import { scriptPath } from "./child.ts";

const ROOT = scriptPath("../../", import.meta.url);
const GUIDES = readdirSync(join(ROOT, "docs")).map((name) => `docs/${name}`);
/** For users: the code's own names stand in the others. */
const FOR_USERS = ["README.md", "SECURITY.md", ...GUIDES];
const ALL = [...FOR_USERS, "CONTRIBUTING.md", "CHANGELOG.md", "bench/README.md"];

function read(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

/** Without the blocks of code. */
function prose(file: string): string {
  return read(file).replace(/^```.*?^```$/gms, "");
}

/** What stands between backquotes. */
function codeIn(text: string): string[] {
  return Array.from(text.matchAll(/`([^`\n]+)`/g), ([, code]) => code!);
}

const MEDIA = parseMediaUrl("rtmp://server/live/key");
type Resolver = (options: Record<string, unknown>) => unknown;
const RESOLVERS: readonly Resolver[] = [
  (options) => resolveStreamOptions(options),
  (options) => resolveWriterOptions(MEDIA, options),
  (options) => resolveGroup(options),
];

/** Options that one call takes, by the types: one that is missing here does not compile. */
type CallOptions =
  & ReadOptions
  & NextOptions
  & FramesOptions
  & RecordOptions
  & HistoryOptions
  & SnapshotOptions
  & PipeOptions;
const OF_CALLS: Readonly<Record<keyof CallOptions, true>> = {
  maxAge: true,
  timeout: true,
  signal: true,
  segment: true,
  preEvent: true,
  container: true,
  duration: true,
  bytes: true,
  type: true,
  quality: true,
  preventClose: true,
};

/** `maxFps`, `reconnect.delay` and `delay`, of every table of options. */
function namesOf(options: unknown, prefix = ""): string[] {
  return Object.entries(options as object).flatMap(([name, value]) => {
    const inner = typeof value === "object" && value !== null ? namesOf(value, `${name}.`) : [];
    return [prefix + name, ...(prefix ? [name] : []), ...inner];
  });
}

const OPTIONS: ReadonlySet<string> = new Set([
  ...RESOLVERS.flatMap((resolved) => namesOf(resolved({}))),
  ...Object.keys(OF_CALLS),
]);
/** Those that have options of their own: `decode` of `decode.skip`. */
const PARENTS: ReadonlySet<string> = new Set(
  [...OPTIONS].filter((name) => name.includes(".")).map((name) => name.split(".")[0]!),
);

/** Names with a value: `maxFps` of `{ maxFps: 5 }`. libav's own and those of cameras are not ours. */
function optionsNamed(code: string): { name: string; value: string }[] {
  const own = code.replace(/\b(format|codec|delays): \{[^}]*\}/g, "$1: {}");
  return Array.from(
    own.matchAll(/(?<=^|[{,]\s*)([a-z][\w.]*): ("[^"]*"|[^,}]*)/gi),
    ([, name, value]) => ({ name: name!, value: value!.trim() }),
  );
}

/** What the code's JSON-like values stand for; undefined for variables and objects. */
function literal(value: string): unknown {
  if (/^"[^"]*"$/.test(value)) return value.slice(1, -1);
  if (/^[\d_]+(\.\d+)?$/.test(value)) return Number(value.replaceAll("_", ""));
  return value === "true" || value === "false" ? value === "true" : undefined;
}

function takes(resolved: Resolver, path: string, value: unknown): boolean {
  const [first, second] = path.split(".");
  try {
    resolved({ [first!]: second ? { [second]: value } : value });
    return true;
  } catch {
    return false;
  }
}

/** The words of a document that are wrong, of one kind. */
const WRONG = {
  "error codes": (code: string) =>
    // Those of one word, such as CLOSED, cannot be told from other words.
    /^[A-Z]+(_[A-Z]+)+$/.test(code) && !code.startsWith("RTSP_STREAM_") &&
    !ERROR_CODES.some((known) => known === code),
  "options with a value": (code: string) =>
    optionsNamed(code).some(({ name, value }) => {
      // A group's cameras have any names.
      if (/^(left|right|url)$/.test(name)) return false;
      if (!OPTIONS.has(name)) return true;
      const given = literal(value);
      if (given === undefined || Object.hasOwn(OF_CALLS, name)) return false;
      const top = RESOLVERS.filter((resolved) =>
        Object.hasOwn(resolved({}) as object, name.split(".")[0]!)
      );
      return top.length > 0 && !top.some((resolved) => takes(resolved, name, given));
    }),
  "options of options": (code: string) =>
    /^[a-z]+\.[a-zA-Z]+$/.test(code) && PARENTS.has(code.split(".")[0]!) && !OPTIONS.has(code),
};

for (const [kind, isWrong] of Object.entries(WRONG)) {
  test(`${kind} that the documents name are there`, () => {
    for (const file of FOR_USERS) {
      const codes = codeIn(prose(file));
      assertEquals(codes.filter(isWrong), [], file);
    }
  });
}

test("a wrong name or value in a document is found", () => {
  const wrong = {
    "error codes": ["READ_TIME_OUT", "KEY_FRAME_TIMEOUT"],
    "options with a value": [
      "{ maxfps: 5 }",
      "{ maxFps: 5, realtime: true }",
      'transport: "quic"',
      'decode.skip: "nokey"',
      "stream.read({ maxage: 500 })",
      'decode.wait: "keyframe"',
    ],
    "options of options": ["reconnect.retries", "decode.wait"],
  };
  const right = {
    "error codes": ["READ_TIMEOUT", "RTSP_STREAM_LIBAV", "CLOSED", "NPT"],
    "options with a value": [
      "{ maxFps: 5 }",
      'transport: "udp"',
      'queue.policy: "drop-oldest"',
      "rtsp://camera/1",
      "concat:",
      '{ ffmpeg: { format: { rtsp_flags: "listen" } } }',
      "preEvent: 10_000",
      "{ ffmpeg: { format: { analyzeduration: 500000 }, codec: { threads: 4 } } }",
    ],
    "options of options": ["reconnect.delay", "frame.data", "decode.skip"],
  };
  for (const kind of Object.keys(WRONG) as (keyof typeof WRONG)[]) {
    assertEquals(wrong[kind].filter((code) => !WRONG[kind](code)), [], kind);
    assertEquals(right[kind].filter(WRONG[kind]), [], kind);
  }
});

/** The rows of the README's table with these words in its head, without their first column's frame. */
function firstColumn(head: string): string {
  const table = read("README.md").split("\n\n").find((part) => part.startsWith(`| ${head} `));
  return (table ?? "").split("\n").slice(2).map((row) => row.split("|")[1]!).join("\n");
}

test("the README's table has every option of VideoStream", () => {
  const names = codeIn(firstColumn("option")).map((name) => name.split(".")[0]!);
  const options = Object.keys(resolveStreamOptions());
  assertGreater(options.length, 25);
  assertEquals(options.filter((name) => !names.includes(name)), []);
});

test("the README has every option of VideoWriter", () => {
  const shared = prose("README.md").split("\n\n").find((part) =>
    part.startsWith("A `VideoWriter` has")
  );
  const names = codeIn(`${shared}\n${firstColumn("writer's option")}`);
  const { output: _, ...resolved } = resolveWriterOptions(MEDIA);
  const options = ["username", "password", ...Object.keys(resolved)];
  assertGreater(options.length, 25);
  assertEquals(options.filter((name) => !names.some((one) => one.split(".")[0] === name)), []);
});

test("the README's table has every error code, once", () => {
  assertEquals(codeIn(firstColumn("code")).sort(), [...ERROR_CODES].sort());
});

test("every address in the guides can be opened", () => {
  const addresses = GUIDES.flatMap((file) => codeIn(prose(file))).filter((code) =>
    /^(rtsp|http)s?:\/\//.test(code) && !code.includes("…")
  );
  assertGreater(addresses.length, 15);
  for (const address of addresses) assert(parseMediaUrl(address).withCredentials, address);
});

test("every path of the project that the documents name is there", () => {
  const paths = ALL.flatMap((file) => codeIn(prose(file))).filter((code) =>
    /^(src|ffi|test|bench|docs|examples)\/[\w/.-]*$/.test(code)
  );
  assertGreater(paths.length, 40);
  assertEquals(paths.filter((path) => !existsSync(join(ROOT, path))), []);
});

/** As forges make them of headings. */
function anchorsOf(file: string): string[] {
  return Array.from(
    prose(file).matchAll(/^#+ (.+)$/gm),
    ([, heading]) => heading!.toLowerCase().replace(/[^\w\s-]/g, "").trim().replace(/\s/g, "-"),
  );
}

test("every link inside the project leads to a file, and to a heading in it", () => {
  let count = 0;
  for (const file of ALL) {
    for (const [, link] of prose(file).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link!)) continue;
      const [path, anchor] = link!.split("#");
      const target = path === "" ? file : join(dirname(file), path!);
      assert(existsSync(join(ROOT, target)), `${file}: ${link}`);
      if (anchor !== undefined) assert(anchorsOf(target).includes(anchor), `${file}: ${link}`);
      count++;
    }
  }
  assertGreater(count, 20);
});
