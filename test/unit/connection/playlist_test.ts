import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { isNamedAsPlaylist, parsePlaylist } from "../../../src/core/connection/playlist.ts";

const BASE = "http://user:word@host:8080/live/index.m3u8?token=1";
const AT = "http://user:word@host:8080/live";
const NOTHING = { variants: [], segments: [], keys: [], maps: [] };

const parse = (...lines: string[]) => parsePlaylist(["#EXTM3U", ...lines].join("\n"), BASE);

test("what a playlist names is told with its URLs, in its order", () => {
  const master = parse(
    "#EXT-X-STREAM-INF:BANDWIDTH=1",
    "low/list.m3u8?a=b",
    "",
    "#EXT-X-STREAM-INF:BANDWIDTH=2",
    "# a remark",
    "http://other/high.m3u8",
  );
  const variants = [`${AT}/low/list.m3u8?a=b`, "http://other/high.m3u8"];
  assertEquals(master, { ...NOTHING, variants });
  const media = parse(
    "#EXT-X-TARGETDURATION:1",
    '#EXT-X-KEY:METHOD=AES-128,URI="key.bin",IV=0x1',
    '#EXT-X-MAP:URI="/init.mp4"',
    "#EXTINF:1.0,a title",
    "v0.ts",
    "#EXTINF:1.0,",
    "#EXT-X-BYTERANGE:10@0",
    "file:///etc/hostname",
    "nobody announced this.ts",
    "#EXT-X-KEY:METHOD=NONE",
    "#EXT-X-ENDLIST",
  );
  assertEquals(media, {
    variants: [],
    segments: [`${AT}/v0.ts`, "file:///etc/hostname"],
    keys: [`${AT}/key.bin`],
    maps: ["http://user:word@host:8080/init.mp4"],
  });
});

test("a playlist may name nothing, and what is none is told from it", () => {
  assertEquals(parse(), NOTHING);
  assertEquals(parse("#EXTINF:1,", "http://"), NOTHING);
  assertEquals(parsePlaylist("#EXTM3U \r\n#EXTINF:1,\r\na.ts\r\n", BASE)?.segments, [`${AT}/a.ts`]);
  for (const text of ["", "<!doctype html>", "#EXTM3U8", " #EXTM3U"]) {
    assertEquals(parsePlaylist(text, BASE), undefined, text);
  }
});

test("the name of a playlist is the end of the path", () => {
  for (const url of ["http://h/a.m3u8", "http://h/a.M3U8?x=1", "https://h/a/b.m3u#t", BASE]) {
    assertEquals(isNamedAsPlaylist(url), true, url);
  }
  for (
    const url of ["http://h/a.m3u8x", "http://h/?a.m3u8", "http://h/a.ts?b=c.m3u8", "http://h/"]
  ) {
    assertEquals(isNamedAsPlaylist(url), false, url);
  }
});
