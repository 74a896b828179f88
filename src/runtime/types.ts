/**
 * What the runtimes do differently.
 *
 * @module
 */

/** What there is no background thread without: a flag of the runtime, or all of its modules. */
export type Lack = `--${string}` | "module";

/** What a background thread reports to the thread that has begun it. */
export interface WorkerHandlers {
  onMessage(message: unknown): void;
  /**
   * It ended with an error that nothing has caught, or could not be begun.
   *
   * @param lack what it would lack the next time, too
   */
  onError(message: string, lack?: Lack): void;
}

/** A background thread. */
export interface BackgroundWorker {
  post(message: unknown): void;
  /** Ends it where it stands; a native call that it is in is finished. */
  terminate(): void;
}

/** Signals that ask a process to end. */
export type EndSignal = "SIGHUP" | "SIGINT" | "SIGTERM";

export interface Runtime {
  /** Whether the program began in this thread: it may be one of the program's own workers. */
  readonly isMainThread: boolean;
  /** Calls `leave` when the process ends by itself or by the program's `exit()`. */
  onExit(leave: () => void): void;
  /** Whether the program listens to a signal itself, as far as the runtime tells. */
  hasListener(signal: EndSignal): boolean;
  /** Calls `onListener` when the program begins to listen to any signal. */
  onListener(onListener: () => void): void;
  /**
   * Calls `onSignal` when the process gets a signal, which does not end it then. It keeps no
   * process alive.
   *
   * @param onSignal is told whether the program listens to it as well
   * @returns undoes it: then the signal has the effect that it had
   */
  watchSignal(signal: EndSignal, onSignal: (isHeard: boolean) => void): () => void;
  /**
   * The flags of the runtime without which a module cannot run in a background thread and
   * call libav there; none when nothing is missing. Asks the user where there is a terminal.
   */
  missingFlags(module: URL): readonly string[];
  /** Begins a background thread that runs a module. */
  spawnWorker(module: URL, handlers: WorkerHandlers): BackgroundWorker;
  /** Whether a host name may be looked up without asking the user. */
  mayLookUp(host: string): boolean;
  /** Whether a connection to a host, to any of its ports, may be made without asking the user. */
  mayConnect(host: string): boolean;
  /** Whether a file may be changed without asking the user. */
  mayWrite(path: string): boolean;
}
