/** What a program does with streams for months, one kind of it at a time. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StreamGroup, VideoStream } from "../../mod.ts";

/** What there is to read. */
export interface Places {
  /** A camera that works. */
  readonly camera: string;
  /** One that hangs up after a few pictures. */
  readonly hangsUp: string;
  /** Nobody listens there. */
  readonly closed: string;
  /** A file whose pictures change their size. */
  readonly sizes: string;
}

/** Does it until it shall not go on; asks that again and again, and says how often it has done it. */
export type Activity = (places: Places, goesOn: GoesOn) => Promise<void>;

/** Asked while streams are open, and when nothing is half done. */
export type GoesOn = (count: number) => Promise<boolean>;

export const ACTIVITIES = {
  /** Connections that are lost. */
  async reconnections({ hangsUp }, goesOn) {
    const reconnect = { delay: 1, maxDelay: 1, jitter: 0 };
    await using stream = new VideoStream(hangsUp, { reconnect, buffers: 3 }).start();
    while (await goesOn(stream.reconnectCount)) await sleep(50);
  },
  /** Attempts that fail at once. */
  async "refused attempts"({ closed }, goesOn) {
    const reconnect = { delay: 1, maxDelay: 1, jitter: 0 };
    await using stream = new VideoStream(closed, { reconnect }).start();
    stream.ready.catch(() => {});
    while (await goesOn(stream.reconnectCount)) await sleep(50);
  },
  /** Streams that are made, read from and stopped. */
  async streams({ camera }, goesOn) {
    for (let count = 0; await goesOn(count); count++) {
      await using stream = new VideoStream(camera, { buffers: 3 });
      await stream.next();
    }
  },
  /** Frames, each by a call of its own. */
  async "calls of next()"({ camera }, goesOn) {
    await using stream = new VideoStream(camera);
    for (let count = 0; await goesOn(count); count++) await stream.next();
  },
  async snapshots({ camera }, goesOn) {
    await using stream = new VideoStream(camera);
    await stream.next();
    for (let count = 0; await goesOn(count); count++) await stream.snapshot();
  },
  async recordings({ camera }, goesOn) {
    const directory = await mkdtemp(join(tmpdir(), "rtsp-stream-soak-"));
    try {
      await using stream = new VideoStream(camera);
      await stream.next();
      for (let count = 0; await goesOn(count); count++) {
        const recording = stream.record(join(directory, "film.mkv"));
        // A file begins with a keyframe.
        while (recording.stats().packets === 0) await sleep(50);
        await recording.stop();
        for (const file of recording.files) await rm(file);
      }
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
  /** Cameras that join a group and leave it. */
  async "group changes"({ camera }, goesOn) {
    await using rig = new StreamGroup<string>({ first: camera });
    await rig.next();
    for (let count = 0; await goesOn(count); count++) {
      rig.add("second", camera);
      await rig.next();
      await rig.remove("second");
    }
  },
  /** Pictures of another size than those before. */
  async "size changes"({ sizes }, goesOn) {
    await using stream = new VideoStream(sizes, { loop: true });
    let [count, width] = [0, 0];
    for await (const frame of stream) {
      if (frame.width !== width) count++;
      width = frame.width;
      if (!await goesOn(count)) break;
    }
  },
} satisfies Readonly<Record<string, Activity>>;
