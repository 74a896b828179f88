/** How near to each other in time two cameras take their pictures. */
import { VideoStream } from "../mod.ts";
import { readStamp } from "../test/support/stamp.ts";

/** Sees all pictures of both; and as long as it looks, no camera ends its session and begins anew. */
export class Phase implements AsyncDisposable {
  readonly #streams: readonly VideoStream[];
  readonly #stamps: readonly number[][];
  readonly #loops: Promise<void>[];

  constructor(urls: readonly string[]) {
    this.#streams = urls.map((url) =>
      new VideoStream(url, { format: "gray8", reconnect: { delay: 100 } })
    );
    this.#stamps = urls.map(() => []);
    this.#loops = this.#streams.map((stream, i) => watch(stream, this.#stamps[i]!));
  }

  /** Resolves when both have sent pictures. */
  async ready(): Promise<void> {
    await Promise.all(this.#streams.map(({ ready }) => ready));
  }

  /** What it has seen until now does not count. */
  forget(): void {
    for (const stamps of this.#stamps) stamps.length = 0;
  }

  /** From each picture of the one to the nearest of the other, while both were there. */
  get leastSkews(): number[] {
    const [one, other] = this.#stamps;
    if (other!.length === 0) return [];
    const [from, to] = [other![0], other![other!.length - 1]];
    return one!.filter((time) => time >= from! && time <= to!).map((time) => {
      return Math.min(...other!.map((stamp) => Math.abs(stamp - time)));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#streams.map((stream) => stream.stop()));
    await Promise.all(this.#loops);
  }
}

async function watch(stream: VideoStream, stamps: number[]): Promise<void> {
  for await (const { data, width, channels } of stream) {
    const stamp = readStamp({ data, width, channels });
    if (stamp !== null) stamps.push(stamp);
  }
}
