/**
 * What the runtimes do differently.
 *
 * @module
 */

export interface Runtime {
  /** Whether a host name may be looked up without asking the user. */
  mayLookUp(host: string): boolean;
  /** Whether a file may be changed without asking the user. */
  mayWrite(path: string): boolean;
}
