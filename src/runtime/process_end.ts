/**
 * How a process ends, where it is Node's or like Node's.
 *
 * @module
 */

import process from "node:process";
import type { Runtime } from "./types.ts";

export const processEnd: Pick<Runtime, "onExit" | "hasListener" | "watchSignal"> = {
  onExit(leave) {
    process.on("exit", leave);
  },
  hasListener(signal) {
    return process.listenerCount(signal) > 0;
  },
  watchSignal(signal, onSignal) {
    const listener = () => onSignal(process.listenerCount(signal) > 1);
    // Those of the program's that listen once are not there any more when they are called.
    process.prependListener(signal, listener);
    return () => void process.off(signal, listener);
  },
};
