/**
 * The main thread's side of a writer's background thread.
 *
 * @module
 */

import type { Libraries } from "../core/connection/libraries.ts";
import type { MediaUrl } from "../core/connection/url.ts";
import { type ControlBlock, Phase } from "../core/shared/control_block.ts";
import type { WriteCounter } from "../core/shared/counters.ts";
import { now, readClock } from "../core/timing/clock.ts";
import { runtime } from "../runtime/mod.ts";
import { BackgroundThread, type Deadline } from "./background_thread.ts";
import type { LentSlots } from "./lent_slots.ts";
import { libraries } from "./libraries.ts";
import type { ThreadSource } from "./thread_source.ts";
import { WRITE_WORKER } from "./worker_modules.ts";
import type { FromWriteWorker, OpenedOutput, WriteRequest } from "./write_protocol.ts";

/** How long the thread may take, in milliseconds. */
export interface WriteDeadlines {
  readonly openTimeout: number;
  readonly writeTimeout: number;
  readonly closeTimeout: number;
}

/** What an attempt tells while it runs. */
export interface WriteHandlers {
  onLoaded(libraries: Libraries): void;
  onOpened(stream: OpenedOutput): void;
  onLate(): void;
}

const THREAD: ThreadSource<WriteCounter> = {
  module: WRITE_WORKER,
  isShared: false,
  spawn: (handlers) => runtime.spawnWorker(WRITE_WORKER, handlers),
};

/** Publishes frames, over one connection after the other. */
export class WriteThread extends BackgroundThread<WriteRequest, WriteHandlers, FromWriteWorker> {
  declare readonly control: ControlBlock<WriteCounter>;
  protected override readonly lookAgain: number;
  override readonly slots: LentSlots;
  readonly #deadlines: WriteDeadlines;

  /** @param slots those of the queue that the frames come from */
  constructor(
    control: ControlBlock<WriteCounter>,
    media: MediaUrl,
    slots: LentSlots,
    deadlines: WriteDeadlines,
  ) {
    const { closeTimeout } = deadlines;
    super(THREAD, { control, media, closeTimeout, operation: "write" });
    this.#deadlines = deadlines;
    this.lookAgain = deadlines.writeTimeout;
    this.slots = slots;
    slots.begin();
    const { length } = slots.table;
    this.begin(() => ({
      type: "init",
      clock: readClock(),
      verified: libraries.verified,
      memory: control.memory,
      own: this.memoryAddress,
      slots: length,
    }));
  }

  override askToEnd(): void {
    this.control.requestFinish();
  }

  protected override receive(message: FromWriteWorker, handlers: WriteHandlers | undefined): void {
    switch (message.type) {
      case "loaded":
        libraries.verified = message.verified;
        handlers?.onLoaded(message.libraries);
        break;
      case "opened":
        this.watch();
        handlers?.onOpened(message);
        break;
      case "late":
        handlers?.onLate();
        break;
    }
  }

  protected override nextDeadline(started: number): Deadline {
    const { openTimeout, writeTimeout } = this.#deadlines;
    const { control } = this;
    const writeEnd: Deadline = {
      at: control.get("lastPacketTime") + writeTimeout,
      code: "WRITE_TIMEOUT",
      operation: "write",
      reason: `timed out, the server took nothing for ${writeTimeout} ms`,
    };
    switch (control.phase) {
      case Phase.writing:
        return writeEnd;
      case Phase.idle: // It is over, and the message about it on its way.
      case Phase.waiting: // There is nothing to write.
        return { ...writeEnd, at: now() + writeTimeout };
      default:
        return {
          at: started + openTimeout,
          code: "OPEN_TIMEOUT",
          operation: "open",
          reason: `timed out after ${openTimeout} ms`,
        };
    }
  }
}
