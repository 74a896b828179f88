/** Right servers of each protocol; a relay before them makes them wrong. */

import { cameraH264, cameraHevc } from "../support/elementary.ts";
import { flvWithDuration, hls, jpegs, lateStart } from "../support/odd_files.ts";
import { startPublisher } from "../support/publish.ts";
import { startRtmpServer } from "../support/rtmp_server.ts";
import { startWrongCamera } from "../support/wrong_camera.ts";
import { startWrongWeb } from "../support/wrong_web.ts";
import { directory, file } from "../support/wrong_web/files.ts";
import { liveFlv } from "../support/wrong_web/live.ts";
import { multipart } from "../support/wrong_web/multipart.ts";

/** What can be read from one of the servers. */
export interface Exchange {
  readonly name: string;
  readonly port: number;
  /** Its URL at another port. */
  url(port: number): string;
}

/** Owned: dispose of it. */
export class Servers implements AsyncDisposable {
  readonly exchanges: readonly Exchange[];
  readonly #stack: AsyncDisposableStack;

  private constructor(exchanges: readonly Exchange[], stack: AsyncDisposableStack) {
    this.exchanges = exchanges;
    this.#stack = stack;
  }

  static async start(): Promise<Servers> {
    await using stack = new AsyncDisposableStack();
    const h264 = stack.use(await startWrongCamera({ footage: await cameraH264() }));
    const hevc = stack.use(await startWrongCamera({ footage: await cameraHevc() }));
    const web = stack.use(
      await startWrongWeb({
        "/film.ts": file(await lateStart(), { ranges: false }),
        "/live.flv": liveFlv(await flvWithDuration()),
        "/live.mjpg": multipart(await jpegs()),
        "/hls/": directory(await hls()),
      }),
    );
    const rtmp = stack.use(await startRtmpServer({ idleStreams: true }));
    stack.use(await startPublisher(rtmp.url("fuzz"), { width: 160, height: 96 }));
    const of = (name: string, port: number, scheme: string, path: string): Exchange => ({
      name,
      port,
      url: (other) => `${scheme}://127.0.0.1:${other}${path}`,
    });
    const exchanges = [
      of("RTSP with H.264", h264.port, "rtsp", "/stream"),
      of("RTSP with HEVC", hevc.port, "rtsp", "/stream"),
      of("HTTP with MPEG-TS", web.port, "http", "/film.ts"),
      of("HTTP with live FLV", web.port, "http", "/live.flv"),
      of("HTTP with multipart MJPEG", web.port, "http", "/live.mjpg"),
      of("HLS", web.port, "http", "/hls/master.m3u8"),
      of("RTMP", rtmp.port, "rtmp", "/live/fuzz"),
    ];
    return new Servers(exchanges, stack.move());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
