/**
 * What the runtimes do differently.
 *
 * @module
 */

/** What a background thread reports to the thread that has begun it. */
export interface WorkerHandlers {
  onMessage(message: unknown): void;
  /**
   * It ended with an error that nothing has caught.
   *
   * @param flag the flag of the runtime without which the thread cannot be
   */
  onError(message: string, flag?: string): void;
}

/** A background thread. */
export interface BackgroundWorker {
  post(message: unknown): void;
  /** Ends it where it stands; a native call that it is in is finished. */
  terminate(): void;
}

export interface Runtime {
  /**
   * The flags of the runtime without which a module cannot run in a background thread and
   * call libav there; none when nothing is missing. Asks the user where there is a terminal.
   */
  missingFlags(module: URL): readonly string[];
  /** Begins a background thread that runs a module. */
  spawnWorker(module: URL, handlers: WorkerHandlers): BackgroundWorker;
  /** Whether a host name may be looked up without asking the user. */
  mayLookUp(host: string): boolean;
  /** Whether a file may be changed without asking the user. */
  mayWrite(path: string): boolean;
}
