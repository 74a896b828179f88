/**
 * This package across restarts of its camera. Arguments: URL DELAY. A line for every
 * attempt to connect and for the first frame of every connection; ends when killed.
 */
import process from "node:process";
import { VideoStream } from "../../mod.ts";
import { epochNow } from "../clock.ts";

const [url, delay] = process.argv.slice(2);
const stream = new VideoStream(url!, { reconnect: { delay: Number(delay) } });
const attempts = tellAttempts();
let connection = 0;
for await (const frame of stream) {
  if (frame.connection === connection) continue;
  connection = frame.connection;
  tell("FRAME");
}
await attempts;

async function tellAttempts(): Promise<void> {
  for await (const { type } of stream.status()) {
    if (type === "connecting") tell("ATTEMPT");
  }
}

function tell(what: string): void {
  console.log(`${what} ${epochNow()}`);
}
