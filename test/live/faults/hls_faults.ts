/** Playlists that are away, lead nowhere, or stand still. */

import * as odd from "../../support/odd_files.ts";
import { type Exchange, type Route, startWrongWeb } from "../../support/wrong_web.ts";
import { directory } from "../../support/wrong_web/files.ts";
import { liveHls } from "../../support/wrong_web/live.ts";
import { type Fault, LOST, type Scene, TIMED_OUT, TRIED_AGAIN } from "./fault.ts";
import { answered, said } from "./web_answers.ts";

/** A live playlist; `spoil` answers in its place where it returns something. */
function hls(
  spoil: (exchange: Exchange, path: string) => Route | undefined,
  begins: "wrong" | "right" = "wrong",
): Fault["arrange"] {
  return async (scene: Scene) => {
    const path = await odd.hls();
    const live = liveHls(path);
    const film = directory(path);
    let isWrong = begins === "wrong";
    const route: Route = (exchange) => {
      const other = isWrong ? spoil(exchange, path) : undefined;
      return (other ?? (exchange.path.endsWith("index.m3u8") ? live : film))(exchange);
    };
    const web = await scene.use(startWrongWeb({ "/": route }));
    return {
      url: web.at("/index.m3u8"),
      mend: () => isWrong = false,
      ...begins === "right" && { spoil: () => isWrong = true },
    };
  };
}

const isList = ({ path }: Exchange) => path.endsWith(".m3u8");
const M3U8 = "application/vnd.apple.mpegurl";
const list = (...lines: string[]) =>
  said(["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:1", ...lines, ""].join("\n"), M3U8);

export const HLS_OPENING: readonly Fault[] = [
  {
    ...TRIED_AGAIN,
    over: "HLS",
    wrong: "there is no playlist: 404",
    code: "NOT_FOUND",
    arrange: hls(() => answered(404)),
  },
  {
    ...TRIED_AGAIN,
    over: "HLS",
    wrong: "the playlist is a web page",
    code: "INVALID_DATA",
    arrange: hls(() => said("<!doctype html><title>Login</title>".repeat(50))),
  },
  {
    ...TRIED_AGAIN,
    over: "HLS",
    wrong: "the playlist is empty",
    code: "NO_VIDEO",
    arrange: hls((exchange) => isList(exchange) ? list() : undefined),
  },
  {
    ...TIMED_OUT,
    over: "HLS",
    wrong: "no segment of the playlist is there",
    arrange: hls((exchange) => isList(exchange) ? undefined : answered(404)),
  },
  {
    ...TIMED_OUT,
    over: "HLS",
    wrong: "segments are web pages",
    arrange: hls((exchange) => isList(exchange) ? undefined : said("<!doctype html>".repeat(100))),
  },
  {
    ...TIMED_OUT,
    over: "HLS",
    wrong: "a segment is a file of this machine",
    arrange: hls((exchange, path) =>
      isList(exchange) ? list("#EXTINF:1.0,", `file://${path}/v0.ts`) : undefined
    ),
  },
  {
    ...TIMED_OUT,
    over: "HLS",
    wrong: "a playlist names itself",
    arrange: hls((exchange) =>
      isList(exchange)
        ? said("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=500000\nindex.m3u8\n", M3U8)
        : undefined
    ),
  },
];

export const HLS_STREAMING: readonly Fault[] = [
  {
    ...LOST,
    over: "HLS",
    wrong: "the playlist gets no new segments",
    code: "READ_TIMEOUT",
    within: "readTimeout",
    arrange: hls((exchange, path) =>
      isList(exchange)
        ? list(
          "#EXT-X-MEDIA-SEQUENCE:0",
          ...Array.from({ length: 4 }, (_, i) => `#EXTINF:1.0,\nv${i}.ts?${path.length}`),
        )
        : undefined, "right"),
  },
  {
    ...LOST,
    over: "HLS",
    wrong: "the playlist is gone: 404",
    code: "END_OF_STREAM",
    arrange: hls((exchange) => isList(exchange) ? answered(404) : undefined, "right"),
  },
  {
    ...LOST,
    over: "HLS",
    wrong: "new segments are not there: 404",
    code: "READ_TIMEOUT",
    within: "readTimeout",
    arrange: hls((exchange) => isList(exchange) ? undefined : answered(404), "right"),
  },
];
