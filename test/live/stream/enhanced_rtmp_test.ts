/** What a client of RTMP says that it takes: servers keep other codecs from it. */

import { assertArrayIncludes, assertEquals } from "@std/assert";
import { test } from "node:test";
import { VideoWriter } from "../../../mod.ts";
import { startRtmpHello, textsOf } from "../../support/rtmp_hello.ts";
import { failureOf, releaseInUse, SLOW } from "../reading.ts";

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
