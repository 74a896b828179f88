/**
 * Pretends to be a runtime of a version that is too old or, with the argument "unknown", one that
 * this package does not know, and tells what becomes of a stream, a writer and a group there.
 */

import process from "node:process";
import type { RuntimeName } from "../../ffi/backend/least_version.ts";

const OLD: Readonly<Record<RuntimeName, string>> = {
  Deno: "2.6.4",
  Bun: "1.2.23",
  Node: "22.23.5",
};
const name = process.versions.bun ? "Bun" : process.versions.deno ? "Deno" : "Node";
const version = OLD[name];

/** An object that is like another one, but for some of its properties. */
function like(object: object, changes: Record<string, unknown>): unknown {
  return Object.create(
    object,
    Object.fromEntries(Object.entries(changes).map(([key, value]) => [key, { value }])),
  );
}

const { Deno: deno } = globalThis as { Deno?: object };
const pretend = {
  Deno: () =>
    Object.defineProperty(globalThis, "Deno", {
      value: like(deno!, { version: { deno: version } }),
    }),
  Bun: () => Object.assign(process.versions, { bun: version }),
  Node: () =>
    Object.assign(globalThis, { process: like(process, { versions: { node: version } }) }),
};
if (process.argv[2] === "unknown") {
  delete (globalThis as { Deno?: unknown }).Deno;
  const versions: Partial<NodeJS.ProcessVersions> = process.versions;
  delete versions.bun;
  Object.assign(globalThis, { process: like(process, { versions: {} }) });
} else {
  pretend[name]();
}
// What only newer ones have, and is missed where it is used before the refusal.
if (name === "Node") {
  delete (Promise as { withResolvers?: unknown }).withResolvers;
  delete (globalThis as { navigator?: unknown }).navigator;
}

const { StreamError, StreamGroup, VideoStream, VideoWriter } = await import("../../mod.ts");

function failure(make: () => unknown): unknown {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof StreamError)) throw error;
    const { code, retryable, message } = error;
    return { code, retryable, message };
  }
}

const errors = [
  failure(() => new VideoStream("rtsp://user:secret@camera-ip/stream")),
  failure(() => new VideoWriter("out.mp4", { width: 64, height: 48 })),
  failure(() => new StreamGroup({ other: "rtsp://camera-ip/other" })),
];
console.log(JSON.stringify({ name, errors }));
