/** Live media over HTTP: FLV without an end, and HLS with a window that moves. */

import { Buffer } from "node:buffer";
import { readdir, readFile } from "node:fs/promises";
import type { Route } from "../wrong_web.ts";
import { directory } from "./files.ts";

interface Tag {
  readonly type: number;
  /** Milliseconds. */
  readonly time: number;
  readonly data: Buffer;
}

const FLV_HEADER = 13;
const SCRIPT = 18;

/** The tags of an FLV file (Adobe's specification, annex E.4). */
function readTags(flv: Buffer): Tag[] {
  const tags: Tag[] = [];
  for (let at = FLV_HEADER; at + 11 <= flv.length;) {
    const size = flv.readUIntBE(at + 1, 3);
    const time = flv.readUIntBE(at + 4, 3) | flv[at + 7]! << 24;
    tags.push({ type: flv[at]!, time, data: flv.subarray(at + 11, at + 11 + size) });
    at += 11 + size + 4;
  }
  return tags;
}

function tagBytes({ type, time, data }: Tag): Buffer {
  const head = Buffer.alloc(11);
  head[0] = type;
  head.writeUIntBE(data.length, 1, 3);
  head.writeUIntBE(time & 0xffffff, 4, 3);
  head[7] = time >>> 24;
  const back = Buffer.alloc(4);
  back.writeUInt32BE(11 + data.length);
  return Buffer.concat([head, data, back]);
}

/** Metadata, or how to decode: it is sent only once. */
function isSetup({ type, data }: Tag): boolean {
  return type === SCRIPT || (data[0]! & 15) === 7 && data[1] === 0;
}

export interface LiveFlvOptions {
  /** Milliseconds; default: never. */
  hangUpAfter?: number | undefined;
  /** No picture is sent before so many milliseconds; default 0. */
  picturesAfter?: number | undefined;
}

/** `VIDEODATA` of a tag's type. */
const VIDEO = 9;

/** A live camera that plays the tags of a file again and again, with times that go on. */
export function liveFlv(path: string, options: LiveFlvOptions = {}): Route {
  const { hangUpAfter = Infinity, picturesAfter = 0 } = options;
  return async (exchange) => {
    const flv = await readFile(path);
    const tags = readTags(flv);
    const length = tags[tags.length - 1]!.time + 40;
    exchange.head(200, { "Content-Type": "video/x-flv" });
    await exchange.write(flv.subarray(0, FLV_HEADER));
    const begin = performance.now();
    const begun = new Set<number>();
    for (let turn = 0; !exchange.isOver; turn++) {
      for (const tag of tags) {
        const time = tag.time + turn * length;
        if (begun.has(tag.type) && isSetup(tag)) continue;
        // Pictures begin with how they are decoded.
        const early = !begun.has(VIDEO) && (time < picturesAfter || !isSetup(tag));
        if (tag.type === VIDEO && early) continue;
        begun.add(tag.type);
        await exchange.sleep(begin + time - performance.now());
        if (exchange.isOver || performance.now() - begin > hangUpAfter) return;
        await exchange.write(tagBytes({ ...tag, time }));
      }
    }
  };
}

const WINDOW = 4;

/** A live playlist over segments of one second, `v0.ts` and so on; ".../index.m3u8" is its name. */
export function liveHls(path: string): Route {
  const begin = performance.now();
  const files = directory(path);
  return async (exchange) => {
    if (!exchange.path.endsWith(".m3u8")) return await files(exchange);
    const count = (await readdir(path)).filter((name) => /^v\d+\.ts$/.test(name)).length;
    const first = Math.floor((performance.now() - begin) / 1000);
    const lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:1"];
    lines.push(`#EXT-X-MEDIA-SEQUENCE:${first}`);
    for (let i = first; i < first + WINDOW; i++) {
      if (i > 0 && i % count === 0) lines.push("#EXT-X-DISCONTINUITY");
      lines.push("#EXTINF:1.0,", `v${i % count}.ts?${i}`);
    }
    const body = lines.join("\n") + "\n";
    exchange.head(200, {
      "Content-Type": "application/vnd.apple.mpegurl",
      "Content-Length": body.length,
    });
    await exchange.write(body);
  };
}
