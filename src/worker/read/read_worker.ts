/**
 * The entry of a background thread that reads: one stream that blocks it in libav, or many
 * whose RTSP sessions are those of this package. Each stream has a seat in it.
 *
 * @module
 */

import { type Libav, openLibav } from "../../../ffi/mod.ts";
import { ControlBlock } from "../../core/shared/control_block.ts";
import { followClock } from "../../core/timing/clock.ts";
import { threadScope } from "../../runtime/thread_scope.ts";
import type { FromSeat, ToReadWorker, ToSeat } from "../../thread/read_protocol.ts";
import { type AttemptSession, type ReaderThread, StreamReader } from "./stream_reader.ts";

/** How late a stop, or what is due by the clock, is seen at most in a shared thread. */
const LOOK_MS = 50;

const scope = threadScope<ToSeat, FromSeat>();
const readers = new Map<number, StreamReader>();
let libav: Libav | undefined;
let isShared = false;

function threadOf(seat: number): ReaderThread {
  return {
    isShared,
    libav: (verified) => libav ??= openLibav(verified),
    post: (message, transfer) => scope.postMessage({ seat, message }, transfer),
    session,
    leave: () => {
      readers.delete(seat);
      if (!isShared) scope.close();
    },
  };
}

/** Each kind of thread loads what it needs. */
const session: ReaderThread["session"] = async (context, request): Promise<AttemptSession> => {
  if (isShared) {
    const { RtspReading } = await import("../rtsp/rtsp_reading.ts");
    return new RtspReading(context, request);
  }
  const { BlockingSession } = await import("./blocking_session.ts");
  return new BlockingSession(context, request);
};

function take(seat: number, message: ToReadWorker): void {
  switch (message.type) {
    case "init":
      if (!new ControlBlock(message.memory).begin()) {
        if (!message.isShared) scope.close();
        return;
      }
      if (readers.size === 0) followClock(message.clock);
      if (message.isShared && !isShared) lookAgainAndAgain();
      isShared = message.isShared;
      readers.set(seat, new StreamReader(message, threadOf(seat)));
      break;
    case "attempt":
      readers.get(seat)?.attempt(message.request);
      break;
    case "look":
      readers.get(seat)?.look();
      break;
    case "close":
      void readers.get(seat)?.close();
      break;
  }
}

/** Sessions that do not block have no turns of their own. */
function lookAgainAndAgain(): void {
  setInterval(() => {
    for (const reader of readers.values()) reader.look();
  }, LOOK_MS);
}

scope.onmessage = ({ data: { seat, message } }) => take(seat, message);
