/**
 * Data at a URL, on a connection of our own that libav's protocols make.
 *
 * @module
 */

import { cString, type Libav, nativeBytes, type Pointer, PointerCell } from "../../ffi/mod.ts";
import { check, outOfMemory } from "./check.ts";
import { Dictionary } from "./dictionary.ts";
import { installInterrupter } from "./interrupter.ts";

const AVIO_FLAG_READ = 1;
const AVIO_FLAG_READ_WRITE = 3;
/** `AV_OPT_SEARCH_CHILDREN`. */
const SEARCH_CHILDREN = 1;
const PIECE = 16 * 1024;

export interface DataRequest {
  readonly url: string;
  /** Of protocols. */
  readonly options: Readonly<Record<string, string>>;
  /** Begins with the stop byte; see `installInterrupter`. */
  readonly stop: Uint8Array;
}

/** Owned: dispose of it. */
export class OpenData implements Disposable {
  readonly #libav: Libav;
  readonly #context: Pointer;
  /** An AVIOContext. */
  readonly pointer: Pointer;

  private constructor(libav: Libav, context: Pointer, pointer: Pointer) {
    this.#libav = libav;
    this.#context = context;
    this.pointer = pointer;
  }

  /**
   * @param writes whether something is said to the server, too
   * @throws {CallError | SessionError}
   */
  static open(libav: Libav, { url, options, stop }: DataRequest, writes = false): OpenData {
    const { symbols, backend, memory, layout: { AVFormatContext: at } } = libav;
    const context = symbols.avformat_alloc_context();
    if (context === null) throw outOfMemory("a connection");
    installInterrupter(libav, context, stop);
    using dictionary = new Dictionary(libav, options);
    const code = symbols.avio_open2(
      backend.offset(context, at.pb),
      cString(url),
      writes ? AVIO_FLAG_READ_WRITE : AVIO_FLAG_READ,
      backend.offset(context, at.interrupt_callback),
      dictionary.reference,
    );
    const pointer = code < 0 ? null : memory.readPointer(context, at.pb);
    if (pointer !== null) return new OpenData(libav, context, pointer);
    symbols.avformat_free_context(context);
    check(libav, code, "open");
    throw outOfMemory("a connection");
  }

  /** The Content-Type of HTTP; empty where there is none. */
  get contentType(): string {
    return this.#option("mime_type");
  }

  /** Where redirections of HTTP have led; empty for other protocols. */
  get location(): string {
    return this.#option("location");
  }

  write(text: string): void {
    const bytes = cString(text);
    this.#libav.symbols.avio_write(this.pointer, bytes, bytes.length - 1);
    this.#libav.symbols.avio_flush(this.pointer);
  }

  /** The data as it comes, until it ends or no more can be had. */
  *pieces(): Generator<Uint8Array> {
    const bytes = nativeBytes(PIECE);
    for (;;) {
      const count = this.#libav.symbols.avio_read_partial(this.pointer, bytes, bytes.length);
      if (count <= 0) return;
      yield bytes.slice(0, count);
    }
  }

  #option(name: string): string {
    const { symbols, backend, memory } = this.#libav;
    const cell = new PointerCell(backend);
    const code = symbols.av_opt_get(this.pointer, cString(name), SEARCH_CHILDREN, cell.buffer);
    const text = cell.value;
    if (code < 0 || text === null) return "";
    try {
      return memory.readString(text) ?? "";
    } finally {
      symbols.av_free(text);
    }
  }

  [Symbol.dispose](): void {
    const { symbols, backend, layout: { AVFormatContext } } = this.#libav;
    symbols.avio_closep(backend.offset(this.#context, AVFormatContext.pb));
    symbols.avformat_free_context(this.#context);
  }
}
