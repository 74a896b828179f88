/**
 * How a process ends, where it is Node's or like Node's.
 *
 * @module
 */

import { hostProcess } from "./host_process.ts";
import type { Runtime } from "./types.ts";

let isOurs = false;

export const processEnd: Pick<
  Runtime,
  "onExit" | "hasListener" | "onListener" | "watchSignal"
> = {
  onExit(leave) {
    hostProcess().on("exit", leave);
  },
  hasListener(signal) {
    return hostProcess().listenerCount(signal) > 0;
  },
  onListener(onListener) {
    hostProcess().on("newListener", (event) => {
      if (!isOurs && String(event).startsWith("SIG")) onListener();
    });
  },
  watchSignal(signal, onSignal) {
    const process = hostProcess();
    const listener = () => onSignal(process.listenerCount(signal) > 1);
    // Those of the program's that listen once are not there any more when they are called.
    isOurs = true;
    process.prependListener(signal, listener);
    isOurs = false;
    return () => void process.off(signal, listener);
  },
};
