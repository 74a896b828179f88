/** Ages of pictures as one reader gets them, and the line that it prints. */
import { epochNow } from "../clock.ts";
import { type Picture, readStamp } from "../../test/support/stamp.ts";

/** Milliseconds after the first frame that are not measured: the stream settles. */
const SETTLE = 1000;

export class Sampler {
  readonly #start = performance.now();
  readonly #samples: number[] = [];
  #first: number | undefined;
  #misread = 0;

  readonly seconds: number;

  constructor(seconds: number) {
    this.seconds = seconds;
  }

  /** Takes a picture that is in hand; tells whether the reader shall go on. */
  take(picture: Picture): boolean {
    const now = epochNow();
    const elapsed = performance.now() - this.#start;
    const stamp = readStamp(picture);
    this.#first ??= elapsed;
    const settled = elapsed - this.#first - SETTLE;
    if (stamp === null) this.#misread++;
    else if (settled >= 0) this.#samples.push(now - stamp);
    return settled < this.seconds * 1000;
  }

  print(reader: string, version: string): void {
    console.log(JSON.stringify({
      reader,
      version,
      firstFrameMs: this.#first,
      samples: this.#samples,
      misread: this.#misread,
      seconds: this.seconds,
    }));
  }
}
