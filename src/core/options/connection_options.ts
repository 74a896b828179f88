/**
 * Options that readers and writers have in common: of the connection, and of
 * what is told about it.
 *
 * @module
 */

import type { StreamError } from "../connection/errors.ts";
import type { Logger } from "../connection/logger.ts";
import type { ReconnectPolicy } from "../connection/reconnect_loop.ts";
import type { Credentials } from "../connection/url.ts";
import { type NativeOptions, type ResolvedNativeOptions, resolveNative } from "./native_options.ts";
import { type ReconnectOptions, resolveReconnect } from "./reconnect_options.ts";
import { checkFunction, checkLogger, checkSecret, checkSignal, checkString } from "./validate.ts";

/** Options of readers and writers. */
export interface ConnectionOptions {
  /** A name for the log in place of the URL. */
  readonly name?: string;
  /** User name, as it is: it is percent-encoded for the URL. */
  readonly username?: string;
  /** Password, as it is: it is percent-encoded for the URL and shown nowhere. */
  readonly password?: string;
  /** Reconnection; a file is never opened again. */
  readonly reconnect?: ReconnectOptions;
  /** Aborting it ends the stream at once; what a writer has in its queue is not written. */
  readonly signal?: AbortSignal;
  /**
   * Where the log goes: anything with `debug`, `info`, `warn` and `error`;
   * default: LogTape's category `["rtsp-stream"]`, silent until configured.
   */
  readonly logger?: Logger;
  /** Native options; one that libav does not understand is an `OPTION_UNKNOWN` error. */
  readonly ffmpeg?: NativeOptions;
  /** A connection works: the reader's first frame arrived, the writer's server has accepted it. */
  readonly onConnect?: () => unknown;
  /** A connection that had worked ended. */
  readonly onDisconnect?: (error: StreamError) => unknown;
  /** Attempts ran out, or the error is final: the stream has failed. */
  readonly onReconnectFailure?: (error: StreamError) => unknown;
}

/** Checked, with the defaults filled in; user name and password go into the URL. */
export interface ResolvedConnectionOptions
  extends Omit<ConnectionOptions, "reconnect" | "ffmpeg" | keyof Credentials> {
  readonly reconnect: ReconnectPolicy;
  readonly ffmpeg: ResolvedNativeOptions;
}

/** Their names. */
export const CONNECTION_NAMES = [
  "name",
  "username",
  "password",
  "reconnect",
  "signal",
  "logger",
  "ffmpeg",
  "onConnect",
  "onDisconnect",
  "onReconnectFailure",
] as const satisfies readonly (keyof ConnectionOptions)[];

/** User name and password, checked. */
export function resolveCredentials({ username, password }: ConnectionOptions): Credentials {
  return {
    username: checkString("username", username),
    password: checkSecret("password", password),
  };
}

/** Checks the options and fills in the defaults. */
export function resolveConnection(options: ConnectionOptions): ResolvedConnectionOptions {
  return {
    name: checkString("name", options.name),
    reconnect: resolveReconnect(options.reconnect),
    signal: checkSignal(options.signal),
    logger: checkLogger(options.logger),
    ffmpeg: resolveNative(options.ffmpeg),
    onConnect: checkFunction("onConnect", options.onConnect),
    onDisconnect: checkFunction("onDisconnect", options.onDisconnect),
    onReconnectFailure: checkFunction("onReconnectFailure", options.onReconnectFailure),
  };
}
