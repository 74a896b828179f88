/** What a client of RTMP says that it takes: servers keep other codecs from it. */

import { assertArrayIncludes, assertEquals } from "@std/assert";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { VideoWriter } from "../../../mod.ts";
import { flvWithDuration } from "../../support/odd_files.ts";
import { startRtmpHello, textsOf } from "../../support/rtmp_hello.ts";
import { failureOf, releaseInUse, SLOW, TemporaryDirectory } from "../reading.ts";

/** The first release that announces codecs, and that has them in FLV. */
const FIRST = 6.1;
const KNOWN = ["hvc1", "av01", "vp09"];

test("RTMP: a reader announces the codecs that this FFmpeg can read and decode", SLOW, async () => {
  await using server = await startRtmpHello();
  await failureOf(server.url, { openTimeout: 20_000 });
  const codecs = textsOf(server.commands[0]!, "fourCcList");
  if (Number(await releaseInUse()) < FIRST) return assertEquals(codecs, undefined);
  assertArrayIncludes(codecs!, ["hvc1", "vp09"]);
  assertEquals(codecs!.filter((codec) => !KNOWN.includes(codec)), []);
});

test("RTMP: a writer announces its codec, where RTMP has not always had that", SLOW, async () => {
  const isNew = Number(await releaseInUse()) >= FIRST;
  for (const codec of isNew ? ["h264", "hevc"] as const : ["h264"] as const) {
    await using server = await startRtmpHello();
    const writer = new VideoWriter(server.url, {
      ...{ codec, width: 64, height: 48, fps: 10, openTimeout: 20_000 },
      reconnect: { maxAttempts: 0 },
    });
    writer.write(new Uint8Array(64 * 48 * 3));
    await writer.close().catch(() => {});
    const codecs = textsOf(server.commands[0]!, "fourCcList");
    assertEquals(codecs, codec === "hevc" ? ["hvc1"] : undefined);
  }
});

test(
  "FLV with a codec that this FFmpeg cannot read is UNSUPPORTED_CODEC, and final",
  SLOW,
  async () => {
    const flv = await readFile(await flvWithDuration());
    // Of each video tag, the codec (Adobe's specification of FLV, E.4.3.1): 15 is none.
    for (let at = 13; at + 12 <= flv.length; at += 15 + flv.readUIntBE(at + 1, 3)) {
      if (flv[at] === 9) flv[at + 11]! |= 15;
    }
    await using directory = await TemporaryDirectory.make();
    const path = directory.file("unknown.flv");
    await writeFile(path, flv);
    const error = await failureOf(path);
    assertEquals([error.code, error.retryable], ["UNSUPPORTED_CODEC", false], error.message);
  },
);
