/** A relay that delays, in a process of its own; until it is killed. Arguments: PORT MILLISECONDS. */
import process from "node:process";
import { startProxy } from "../test/support/tcp_proxy.ts";

const [port, milliseconds] = process.argv.slice(2).map(Number);
const relay = await startProxy({ targetPort: port! });
relay.delay(milliseconds!);
console.log(`READY ${relay.port}`);
