/**
 * The entry of a writer's background thread: waits for requests and runs one
 * attempt after the other, each of which blocks the thread until it is over.
 *
 * @module
 */

import { openLibav } from "../../../ffi/mod.ts";
import type { VerifiedLibraries } from "../../core/connection/libraries.ts";
import { ControlBlock, Phase } from "../../core/shared/control_block.ts";
import type { WriteCounter } from "../../core/shared/counters.ts";
import { OwnerWatch } from "../../core/shared/presence.ts";
import { SlotTable } from "../../core/shared/slot_table.ts";
import { followClock, now } from "../../core/timing/clock.ts";
import type { ThreadMessage } from "../../thread/thread_message.ts";
import type { FromWriteWorker, ToWriteWorker, WriteRequest } from "../../thread/write_protocol.ts";
import { threadScope } from "../../runtime/thread_scope.ts";
import { BusyOwner } from "../busy_owner.ts";
import { failureFields } from "../failure.ts";
import { lookUpHost } from "../host_lookup.ts";
import { librariesOf } from "../libraries_of.ts";
import { freeSlots } from "../orphan.ts";
import { takeOwnMemory } from "../own_memory.ts";
import { WriteSession } from "./write_session.ts";

const scope = threadScope<ToWriteWorker, FromWriteWorker | ThreadMessage>();

let control: ControlBlock<WriteCounter>;
let slots: SlotTable;
let owner: OwnerWatch;
let busyOwner: BusyOwner;
let verified: VerifiedLibraries | undefined;

/** What is in the queue is still written when nobody can add to it any more. */
function onTurn(): void {
  if (owner.isGone(now())) control.requestFinish();
  busyOwner.look();
}

async function attempt(request: WriteRequest): Promise<void> {
  try {
    const post = (message: FromWriteWorker) => scope.postMessage(message);
    const libav = openLibav(verified);
    post({ type: "loaded", libraries: librariesOf(libav), verified: libav.verified });
    if (await lookUpHost(request.media, control)) {
      new WriteSession({ libav, control, slots, post, onTurn }, request).run();
    }
    scope.postMessage({ type: "ended" });
  } catch (error) {
    const { media, codec, output: { muxer } } = request;
    const failure = failureFields(error, { media, role: "write", codec, muxer });
    scope.postMessage({ type: "ended", error: failure });
  } finally {
    busyOwner[Symbol.dispose]();
    control.phase = Phase.idle;
  }
  if (owner.isGone(now())) {
    freeSlots(slots);
    close();
  }
}

function close(): void {
  scope.postMessage({ type: "closed" });
  scope.close();
}

scope.onmessage = ({ data: message }) => {
  switch (message.type) {
    case "init":
      followClock(message.clock);
      control = new ControlBlock(message.memory);
      if (!control.begin()) return scope.close();
      takeOwnMemory(control, message.own);
      owner = new OwnerWatch(control.presence);
      busyOwner = new BusyOwner(owner, control);
      verified = message.verified;
      slots = new SlotTable(message.memory, message.slots);
      break;
    case "attempt":
      void attempt(message.request);
      break;
    case "close":
      close();
      break;
  }
};
