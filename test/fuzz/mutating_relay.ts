/** A TCP relay that changes what the server says, at the places that a seed names. */

import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { Listener } from "../support/listener.ts";
import { Seeded } from "../support/seeded.ts";

/** Text protocols: what a number in a header may be. */
const NUMBERS = ["0", "-1", "65536", "2147483647", "4294967296", "99999999999999999999", "x"];
const PLACES = 4;
/** Of the bytes behind which nothing is changed any more. */
const REACH = 100_000;

interface Change {
  readonly at: number;
  /** What becomes of the bytes from there on; undefined: the connection ends. */
  apply(rest: Buffer, random: Seeded): Buffer | undefined;
}

const WAYS: readonly Change["apply"][] = [
  (rest, random) => {
    rest[0]! ^= 1 << random.integer(0, 7);
    return rest;
  },
  (rest, random) => {
    for (let i = 0; i < Math.min(rest.length, random.integer(1, 32)); i++) {
      rest[i] = random.integer(0, 255);
    }
    return rest;
  },
  (rest, random) => rest.subarray(random.integer(1, 400)),
  (rest, random) => {
    return Buffer.concat([
      Buffer.from(random.text([..."\0\r\n$ :=/a\xff"], 1, 200), "latin1"),
      rest,
    ]);
  },
  (rest, random) => {
    const text = rest.toString("latin1").replace(/\d+/, random.pick(NUMBERS));
    return Buffer.from(text, "latin1");
  },
  (rest, random) => {
    return Buffer.concat([rest.subarray(0, random.integer(1, 400)), rest]);
  },
  () => undefined,
];

function changesOf(random: Seeded): Change[] {
  const changes = Array.from({ length: random.integer(1, PLACES) }, () => ({
    // As many between 10 and 100 as between 10,000 and 100,000.
    at: Math.floor(REACH ** random.number()),
    apply: random.pick(WAYS),
  }));
  return changes.sort((a, b) => a.at - b.at);
}

/** Every connection is changed at the same places. */
export class MutatingRelay extends Listener {
  constructor(port: number, seed: number) {
    super((client) => relay(client, port, seed));
  }
}

function relay(client: Socket, port: number, seed: number): void {
  const random = new Seeded(seed);
  const changes = changesOf(random);
  const server = connect({ host: "127.0.0.1", port });
  let position = 0;
  server.on("data", (chunk: Buffer) => {
    let data = Buffer.from(chunk);
    const begin = position;
    position += chunk.length;
    while (changes[0] && changes[0].at < position) {
      const { at, apply } = changes.shift()!;
      const place = Math.min(Math.max(0, at - begin), data.length);
      const rest = place < data.length ? apply(data.subarray(place), random) : data.subarray(place);
      if (rest === undefined) {
        client.end(data.subarray(0, place));
        server.destroy();
        return;
      }
      data = Buffer.concat([data.subarray(0, place), rest]);
    }
    if (!client.destroyed && !client.write(data)) {
      server.pause();
      client.once("drain", () => server.resume());
    }
  });
  server.on("error", () => client.destroy());
  server.once("close", () => client.end());
  client.on("data", (chunk: Buffer) => server.write(chunk));
  client.once("close", () => server.destroy());
}

export function startMutatingRelay(port: number, seed: number): Promise<MutatingRelay> {
  return new MutatingRelay(port, seed).listen();
}
