/** Playlists of HLS that lead nowhere, where libav's attempt to open them tells nothing. */

import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { test } from "node:test";
import { VideoStream } from "../../../mod.ts";
import { hls } from "../../support/odd_files.ts";
import { rejection, until, within } from "../../support/waiting.ts";
import { startWrongWeb } from "../../support/wrong_web.ts";
import { liveHls } from "../../support/wrong_web/live.ts";
import { StatusLog } from "../lifecycle.ts";

const M3U8 = "application/vnd.apple.mpegurl";

for (
  const [what, words] of [
    ["names itself", /its playlist names itself, or playlists that name others again/],
    ["has pages for segments", /cannot be read: a text is there, such as a page/],
  ] as const
) {
  test(
    `the attempt after a time-out says that a playlist ${what}`,
    { timeout: 90_000 },
    async () => {
      const live = liveHls(await hls());
      await using web = await startWrongWeb({
        "/": async (exchange) => {
          if (!exchange.path.endsWith(".m3u8")) {
            exchange.head(200, { "Content-Type": "video/mp2t" });
            return await exchange.write("<!doctype html>");
          }
          if (what !== "names itself") return await live(exchange);
          exchange.head(200, { "Content-Type": M3U8 });
          await exchange.write("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nindex.m3u8\n");
        },
      });
      const url = web.at("/index.m3u8");
      await using stream = new VideoStream(url, {
        openTimeout: 8_000,
        reconnect: { delay: 10, maxAttempts: 1 },
      });
      const log = new StatusLog(stream);
      stream.start();
      const failed = rejection(stream.ready);
      const first = await until("the first failure", () => log.of("reconnecting")[0], 60_000);
      const asked = web.requests.length;
      await within("the end", failed, 60_000);
      assertEquals([first.error.code, stream.lastError?.code], ["OPEN_TIMEOUT", "INVALID_DATA"]);
      assertMatch(stream.lastError!.message, words);
      assertLess(web.requests.length - asked, 8);
    },
  );
}
