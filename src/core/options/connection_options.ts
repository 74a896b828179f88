/**
 * Options that readers and writers have in common: of the connection, and of
 * what is reported about it.
 *
 * @module
 */

import type { StreamError } from "../connection/errors.ts";
import type { Logger } from "../connection/logger.ts";
import { abortSignal, callback, type FieldsOf, logger, nested, secret, text } from "./fields.ts";
import type { NativeOptions } from "./native_options.ts";
import { RECONNECT_FIELDS, type ReconnectOptions } from "./reconnect_options.ts";
import type { TlsOptions } from "./tls_options.ts";

/** Options of readers and writers. */
export interface ConnectionOptions {
  /** A name for the log in place of the URL. */
  readonly name?: string | undefined;
  /**
   * User name without percent-encoding: it is encoded for the URL. Refused for SRT, which has
   * none. RTMP has it for servers that ask for it (Adobe's and Limelight's authentication); others
   * want it in the stream key: `rtmp://server/live/key?user=NAME&pass=PASSWORD`.
   */
  readonly username?: string | undefined;
  /**
   * Password without percent-encoding: it is encoded for the URL and never shown. For SRT and
   * RTMP see `username`.
   */
  readonly password?: string | undefined;
  /** Reconnection; a file is never opened again. */
  readonly reconnect?: ReconnectOptions | undefined;
  /** Aborting it ends the stream at once; the frames in a writer's queue are not written. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Where the log goes: anything with `debug`, `info`, `warn` and `error`;
   * default: LogTape's category `["rtsp-stream"]`, silent until configured.
   */
  readonly logger?: Logger | undefined;
  /** How rtsps, rtmps and https are secured. */
  readonly tls?: TlsOptions | undefined;
  /** Native options; one that libav does not understand is an `OPTION_UNKNOWN` error. */
  readonly ffmpeg?: NativeOptions | undefined;
  /**
   * Called when a connection works: a reader got its first frame, or a writer's server
   * accepted it.
   */
  readonly onConnect?: (() => unknown) | undefined;
  /** Called when a connection that had worked has ended. */
  readonly onDisconnect?: ((error: StreamError) => unknown) | undefined;
  /** Called when the stream has failed: no attempts are left, or the error is final. */
  readonly onReconnectFailure?: ((error: StreamError) => unknown) | undefined;
}

/** Options that stay on the main thread: no other thread can have them, or has a use for them. */
export const MAIN_THREAD_FIELDS = {
  name: text,
  username: secret,
  password: secret,
  reconnect: nested(RECONNECT_FIELDS),
  signal: abortSignal,
  logger,
  onConnect: callback<NonNullable<ConnectionOptions["onConnect"]>>(),
  onDisconnect: callback<NonNullable<ConnectionOptions["onDisconnect"]>>(),
  onReconnectFailure: callback<NonNullable<ConnectionOptions["onReconnectFailure"]>>(),
} satisfies FieldsOf<Omit<ConnectionOptions, "ffmpeg" | "tls">>;

/** Options as a background thread gets them: plain data. */
export type ThreadOptions<R> = Omit<R, keyof typeof MAIN_THREAD_FIELDS>;

/** The part of resolved options that a background thread gets. */
export function threadOptions<R extends object>(options: R): ThreadOptions<R> {
  const entries = Object.entries(options);
  return Object.fromEntries(
    entries.filter(([name]) => !Object.hasOwn(MAIN_THREAD_FIELDS, name)),
  ) as ThreadOptions<R>;
}
