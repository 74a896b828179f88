/**
 * What an attempt to read has of its thread.
 *
 * @module
 */

import type { Libav } from "../../../ffi/mod.ts";
import type { AvFrame } from "../../av/frame.ts";
import type { PictureView } from "../../core/frame/picture_view.ts";
import type { ControlBlock } from "../../core/shared/control_block.ts";
import type { ReadCounter } from "../../core/shared/counters.ts";
import type { SlotTable } from "../../core/shared/slot_table.ts";
import type { FromReadWorker } from "../../thread/read_protocol.ts";
import type { PacketFeed } from "./packet_feed.ts";

/** Shared by all parts of the attempt. */
export interface ReadContext {
  readonly libav: Libav;
  readonly control: ControlBlock<ReadCounter>;
  readonly slots: SlotTable;
  readonly feed: PacketFeed;
  readonly post: (message: FromReadWorker) => void;
  /** Called with every decoded picture, before it is delivered. */
  readonly onPicture: (picture: AvFrame, view: PictureView) => void;
  /** Other streams use the thread as well: it must not wait for the program. */
  readonly isShared: boolean;
  /** Called again and again: the program may want something of the thread. */
  readonly onTurn: () => void;
}
