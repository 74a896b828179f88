/** What the tests of a stream's life share: watching one, and what it leaves behind. */

import { assert, assertLessOrEqual } from "@std/assert";
import {
  type Frame,
  type Logger,
  type StreamError,
  type StreamStatus,
  VideoStream,
  type VideoStreamOptions,
} from "../../mod.ts";
import type { CameraOptions } from "../support/camera.ts";
import { Listener } from "../support/listener.ts";
import { threadsAndFds, workersOf } from "../support/process.ts";
import { rejection, timed, until } from "../support/waiting.ts";
import { SMALL } from "./reading.ts";

/** The longest time that `stop()` may take: a requirement of the product. */
export const STOP_BOUND = 500;

/** Small pictures, and a key frame every sixth of a second, so that nothing waits long for one. */
export const SMALL_CAMERA: CameraOptions = { ...SMALL, keyInterval: 5 };

/** libav looks at a new stream for a second unless it is told not to. */
export const QUICK: VideoStreamOptions = { ffmpeg: { format: { analyzeduration: 100_000 } } };

/** All events of a stream from the call on. */
export class StatusLog {
  readonly events: StreamStatus[] = [];
  /** Resolves when the stream has told its last event. */
  readonly ended: Promise<void>;

  constructor(stream: VideoStream) {
    this.ended = this.#listen(stream.status());
  }

  async #listen(status: AsyncIterable<StreamStatus>): Promise<void> {
    for await (const event of status) this.events.push(event);
  }

  /** The kinds of all events in one line. */
  get story(): string {
    return this.events.map(({ type }) => type).join(" ");
  }

  of<T extends StreamStatus["type"]>(type: T): Extract<StreamStatus, { type: T }>[] {
    return this.events.filter((event): event is Extract<StreamStatus, { type: T }> =>
      event.type === type
    );
  }
}

export interface FrameNote {
  readonly index: number;
  readonly connection: number;
  readonly width: number;
  readonly height: number;
}

/** Takes every frame in a loop of its own, and notes it. */
export class Follower {
  readonly frames: FrameNote[] = [];
  /** What the loop ended with: undefined when it ended without an error. */
  readonly ended: Promise<unknown>;

  constructor(stream: VideoStream, look: (frame: Frame) => void = () => {}) {
    this.ended = rejection(this.#follow(stream, look));
  }

  async #follow(stream: VideoStream, look: (frame: Frame) => void): Promise<void> {
    for await (const frame of stream) {
      const { index, connection, width, height } = frame;
      this.frames.push({ index, connection, width, height });
      look(frame);
    }
  }

  get last(): FrameNote | undefined {
    return this.frames.at(-1);
  }

  /** Waits for so many more frames. */
  async more(count: number): Promise<void> {
    const goal = this.frames.length + count;
    await until(`${count} more frames`, () => this.frames.length >= goal);
  }

  assertIncreasing(): void {
    this.frames.reduce((before, frame) => {
      assert(
        frame.index > before.index && frame.connection >= before.connection,
        `frame ${frame.index} of connection ${frame.connection} came after ` +
          `frame ${before.index} of connection ${before.connection}`,
      );
      return frame;
    });
  }
}

/** Counts the callbacks of a stream or a writer. */
export class Calls {
  connects = 0;
  readonly disconnects: StreamError[] = [];
  readonly failures: StreamError[] = [];

  readonly options: Callbacks = {
    onConnect: () => void this.connects++,
    onDisconnect: (error) => void this.disconnects.push(error),
    onReconnectFailure: (error) => void this.failures.push(error),
  };
}

type Callbacks = Pick<VideoStreamOptions, "onConnect" | "onDisconnect" | "onReconnectFailure">;

/** A logger that keeps what it is told. */
export class Notes implements Logger {
  readonly lines: string[] = [];

  debug(message: string): void {
    this.lines.push(`debug: ${message}`);
  }
  info(message: string): void {
    this.lines.push(`info: ${message}`);
  }
  warn(message: string): void {
    this.lines.push(`warn: ${message}`);
  }
  error(message: string): void {
    this.lines.push(`error: ${message}`);
  }

  /** The lines that match. */
  find(pattern: RegExp): string[] {
    return this.lines.filter((line) => pattern.test(line));
  }
}

/** What this process holds. */
export interface Holdings {
  /** Background threads of the program: a runtime's own ones come and go. */
  readonly workers: number;
  readonly threads: number;
  readonly fds: number;
}

export function holdings(): Holdings {
  return { ...threadsAndFds(), workers: workersOf("self") };
}

let warm: Promise<void> | undefined;

/**
 * The runtime starts threads of its own, and opens files, with the first worker and the first
 * socket (libuv keeps a descriptor for the day on which there is none). Where several
 * files are tested in one process, a worker of the test before may still be on its way out.
 */
export async function warmUp(): Promise<void> {
  await (warm ??= (async () => {
    await using _ = await new Listener(() => {}).listen();
    for (let round = 0; round < 2; round++) {
      const stream = new VideoStream("rtsp://127.0.0.1:1/stream", {
        reconnect: { maxAttempts: 0 },
      });
      await rejection(stream.start().ready);
      await stream.stop();
    }
  })());
  await until("an end of all workers before", () => holdings().workers === 0);
}

/** Threads that a runtime keeps for itself for a while: file access, garbage, compilation. */
const SPARE_THREADS = 4;

/**
 * Waits until this process holds no more than it did: the thread of a worker
 * goes a moment after it has said that it does.
 */
export async function assertBack(before: Holdings): Promise<void> {
  let after = holdings();
  const back = () => {
    after = holdings();
    return after.workers <= before.workers && after.fds <= before.fds &&
      after.threads <= before.threads + SPARE_THREADS;
  };
  await until("back", back, 3_000).catch(() => {
    throw new Error(`was ${JSON.stringify(before)}, is ${JSON.stringify(after)}`);
  });
}

/** Stops a stream, and checks that it is as fast as it must be. */
export async function stopInTime(stream: VideoStream, bound = STOP_BOUND): Promise<void> {
  const elapsed = await timed(stream.stop());
  assertLessOrEqual(elapsed, bound, `stop() took ${elapsed.toFixed(0)} ms`);
}
