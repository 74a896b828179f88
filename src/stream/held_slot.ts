/**
 * A frame that was taken out of the table of slots and not given back yet.
 *
 * @module
 */

import type { PixelFormat } from "../core/frame/formats.ts";
import { Frame } from "../core/frame/frame.ts";
import { type Fit, FrameTransform, pixelRatio, place } from "../core/frame/geometry.ts";
import { turnedSize, unpackOrientation } from "../core/frame/orientation.ts";
import { shapeOf } from "../core/frame/picture_view.ts";
import type { SlotMeta, SlotTable } from "../core/shared/slot_table.ts";
import type { FrameMemory } from "../thread/frame_memory.ts";
import type { LentSlots } from "../thread/lent_slots.ts";
import type { SlotFormat } from "../thread/read_protocol.ts";

/** The slots of one generation. */
export interface Generation extends SlotFormat {
  readonly lent: LentSlots;
  readonly table: SlotTable;
  readonly connection: number;
  /** By their slots. */
  readonly memory: FrameMemory[];
}

/** One slot that is HELD. */
export interface HeldSlot {
  readonly generation: Generation;
  readonly slot: number;
  readonly meta: SlotMeta;
  /** How many consumers have it. */
  holders: number;
  /** Somebody was given it. */
  taken: boolean;
}

/** How a frame is made of a slot. */
export interface FrameMaking {
  readonly format: PixelFormat;
  readonly fit: Fit;
  readonly autorotate: boolean;
  readonly squarePixels: boolean;
  /** With bytes of its own. */
  readonly copies: boolean;
}

/** Where its bytes are. */
export function memoryOf({ generation, slot }: HeldSlot): FrameMemory {
  return generation.memory[slot]!;
}

/** What a consumer gets of it: its bytes are those of the slot, or a copy. */
export function frameOf(
  { generation, slot, meta }: HeldSlot,
  { format, copies, ...options }: FrameMaking,
): Frame {
  const { width, height, byteLength } = generation;
  const { buffer } = generation.memory[slot]!;
  const data = new Uint8Array(buffer, 0, byteLength);
  const source = { width: meta.sourceWidth, height: meta.sourceHeight };
  const { orientation, sampleAspectRatio: ratio } = meta;
  const shape = shapeOf(source, ratio, options);
  const placement = place(source, { width, height }, options.fit, shape);
  const view = unpackOrientation(orientation);
  const coded = options.autorotate ? turnedSize(source, view) : source;
  return new Frame(copies ? data.slice() : data, {
    width,
    height,
    format,
    connection: generation.connection,
    index: meta.index,
    pts: Number.isNaN(meta.pts) ? undefined : meta.pts,
    keyframe: meta.keyframe,
    arrivalTime: meta.arrivalTime + meta.clockOffset,
    clockOffset: meta.clockOffset,
    captureTime: meta.captureTime + meta.clockOffset,
    timeSource: meta.cameraClock ? "rtcp" : "arrival",
    corrupt: meta.corrupt,
    rotation: view.rotation,
    mirrored: view.mirrored,
    sampleAspectRatio: pixelRatio(placement, ratio),
    codedWidth: coded.width,
    codedHeight: coded.height,
    transform: new FrameTransform(source, placement),
  });
}
