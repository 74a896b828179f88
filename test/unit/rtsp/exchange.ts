/** Exchanges with servers, as they went over the wire. */

import { readFileSync } from "node:fs";

export interface Turn {
  readonly from: "client" | "server";
  /** With the line ends of the protocol, which the file has not. */
  readonly text: string;
}

/** `>>>` stands before what the client sent, `<<<` before what the server sent. */
export function readExchange(name: string): Turn[] {
  return new TextDecoder().decode(readBytes(`${name}.txt`)).split(/^(?=(?:>>>|<<<)\n)/m).map((
    part,
  ) => ({
    from: part.startsWith(">>>") ? "client" : "server",
    text: part.slice(4).replaceAll("\n", "\r\n"),
  }));
}

/** All that a server sent, as it came: messages and packets. */
export function readBytes(file: string): Uint8Array {
  return readFileSync(new URL(`exchanges/${file}`, import.meta.url));
}
