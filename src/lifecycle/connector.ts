/**
 * What a lifecycle makes its attempts with.
 *
 * @module
 */

import type { Libraries } from "../core/connection/libraries.ts";
import type { AttemptEnd } from "../core/connection/reconnect_loop.ts";
import type { DropCause, Waiting } from "../core/shared/waiting.ts";

/** Connects as often as its owner asks for it. */
export interface Connector {
  /** Whether a lost connection is made again: not that of a file. */
  readonly live: boolean;
  /** The number of the last connection. */
  readonly connection: number;
  /** One attempt; `number` counts from 1. Never rejects. */
  attempt(number: number, events: AttemptEvents): Promise<AttemptEnd>;
  /** Ends the running attempt, and the thread with it. */
  close(): Promise<void>;
  /** The program has stopped it: frames become invalid. */
  release(): void;
  /** All who wait for the stream look again. */
  wake(): void;
}

/** What an attempt reports while it runs. */
export interface AttemptEvents {
  /** A thread has FFmpeg's libraries, and makes an attempt with them. */
  onLoaded(libraries: Libraries): void;
  /** Frames pass, for the first time in a connection. */
  onConnected(codec: string, width: number, height: number): void;
  /** The size has changed within a connection. */
  onFormatChange(codec: string, width: number, height: number): void;
  /** Data flows, and no frame was delivered since that time; undefined: frames come again. */
  onWaiting(waiting: Waiting | undefined, since: number): void;
  /** Frames were not delivered, the last of them for this cause; once a second at most. */
  onDropped(count: number, cause: DropCause): void;
}
