/** A TCP relay on loopback whose line to the server can be slow. */

import { fileURLToPath } from "node:url";
import { Child } from "./child.ts";

const SCRIPT = fileURLToPath(new URL("slow_relay.py", import.meta.url));

export class SlowRelay extends Child {
  port = 0;

  constructor(targetPort: number, bytesPerSecond: number) {
    super("/usr/bin/python3", ["-u", SCRIPT, `${targetPort}`, `${bytesPerSecond}`], {
      onLine: (line) => {
        if (line.startsWith("READY ")) this.port = Number(line.slice(6));
      },
    });
  }

  /** From now on it reads no more from its clients than so many bytes a second, each. */
  throttle(): void {
    this.signal("SIGUSR1");
  }

  /** A good line again. */
  pass(): void {
    this.signal("SIGUSR2");
  }
}

/** A good line, until `throttle()`. */
export async function startSlowRelay(
  targetPort: number,
  bytesPerSecond: number,
): Promise<SlowRelay> {
  const relay = new SlowRelay(targetPort, bytesPerSecond);
  await relay.until("relay", () => relay.port || undefined);
  return relay;
}
