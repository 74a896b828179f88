/** Playlists that are away, lead nowhere, or stand still. */

import * as odd from "../../support/odd_files.ts";
import { type Exchange, type Route, startWrongWeb } from "../../support/wrong_web.ts";
import { directory } from "../../support/wrong_web/files.ts";
import { liveHls } from "../../support/wrong_web/live.ts";
import { type Fault, FINAL, LOST, OPENED, type Scene, TIMED_OUT, TRIED_AGAIN } from "./fault.ts";
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
const variants = (...names: string[]) =>
  said(
    ["#EXTM3U", ...names.flatMap((name) => ["#EXT-X-STREAM-INF:BANDWIDTH=1", name]), ""].join("\n"),
    M3U8,
  );
const PAGE = said("<!doctype html>".repeat(100));
const FOUR = Array.from({ length: 4 }, (_, i) => `#EXTINF:1.0,\nv${i}.ts`);

/** Only the oldest segment is there, until the playlist has been asked for some times. */
const newestMissing: Fault["arrange"] = (scene) => {
  let asked = 0;
  return hls((exchange) => {
    if (isList(exchange) && ++asked > 6) return undefined;
    if (asked > 6 || exchange.path.endsWith("/v0.ts")) return undefined;
    return isList(exchange) ? list(...FOUR) : answered(404);
  })(scene);
};

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
    says: /its playlist names no segments/,
    arrange: hls((exchange) => isList(exchange) ? list() : undefined),
  },
  {
    ...TRIED_AGAIN,
    over: "HLS",
    wrong: "the playlists of all qualities are not there: 404",
    code: "NOT_FOUND",
    says: /the playlists that its playlist names cannot be read: not found \(404\)/,
    arrange: hls((exchange) =>
      exchange.path.endsWith("/index.m3u8") ? variants("a.m3u8", "b.m3u8") : answered(404)
    ),
  },
  {
    ...TRIED_AGAIN,
    over: "HLS",
    wrong: "the playlist of the only quality is a web page",
    code: "INVALID_DATA",
    says: /the playlists that its playlist names cannot be read: they are something else/,
    arrange: hls((exchange) => exchange.path.endsWith("/index.m3u8") ? variants("a.m3u8") : PAGE),
  },
  {
    ...TRIED_AGAIN,
    over: "HLS",
    wrong: "no segment of the playlist is there: 404",
    code: "NOT_FOUND",
    says: /the segments that its playlist names cannot be read: not found \(404\)/,
    arrange: hls((exchange) => isList(exchange) ? undefined : answered(404)),
  },
  {
    ...TRIED_AGAIN,
    over: "HLS",
    wrong: "segments are not permitted: 403",
    code: "INVALID_DATA",
    says: /the segments that its playlist names cannot be read: not permitted \(403\)/,
    arrange: hls((exchange) => isList(exchange) ? undefined : answered(403)),
  },
  {
    ...TRIED_AGAIN,
    over: "HLS",
    wrong: "segments are empty",
    code: "INVALID_DATA",
    says: /cannot be read: there is nothing in them/,
    arrange: hls((exchange) => isList(exchange) ? list(...FOUR) : answered(200)),
  },
  {
    ...TRIED_AGAIN,
    over: "HLS",
    wrong: "segments are web pages, and no new ones come",
    code: "INVALID_DATA",
    says: /cannot be read: a text is there, such as a page to log in/,
    arrange: hls((exchange) => isList(exchange) ? list(...FOUR) : PAGE),
  },
  {
    ...TIMED_OUT,
    over: "HLS",
    wrong: "segments are web pages, and new ones come",
    arrange: hls((exchange) => isList(exchange) ? undefined : PAGE),
  },
  {
    ...TRIED_AGAIN,
    over: "HLS",
    wrong: "the key of the segments is not there: 404",
    code: "NOT_FOUND",
    says: /the keys that its playlist names cannot be read: not found \(404\)/,
    arrange: hls((exchange) => {
      const key = '#EXT-X-KEY:METHOD=AES-128,URI="key.bin"';
      if (isList(exchange)) return list(key, ...FOUR, "#EXT-X-ENDLIST");
      return exchange.path.endsWith("/key.bin") ? answered(404) : undefined;
    }),
  },
  {
    ...TRIED_AGAIN,
    over: "HLS",
    wrong: "what segments begin with is not there: 404",
    code: "NOT_FOUND",
    says: /the beginnings of segments \(EXT-X-MAP\).*: not found \(404\)/,
    arrange: hls((exchange) => {
      if (isList(exchange)) return list('#EXT-X-MAP:URI="init.mp4"', ...FOUR);
      return exchange.path.endsWith("/init.mp4") ? answered(404) : undefined;
    }),
  },
  {
    ...FINAL,
    over: "HLS",
    wrong: "a segment is a file of this machine",
    code: "PROTOCOL_BLOCKED",
    says: /lead to "file", which is not allowed/,
    arrange: hls((exchange, path) =>
      isList(exchange) ? list("#EXTINF:1.0,", `file://${path}/v0.ts`) : undefined
    ),
  },
  {
    ...TIMED_OUT,
    over: "HLS",
    wrong: "a playlist names itself",
    arrange: hls((exchange) => isList(exchange) ? variants("index.m3u8") : undefined),
  },
  {
    ...OPENED,
    over: "HLS",
    wrong: "the newest segments are not there yet: 404",
    arrange: newestMissing,
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
