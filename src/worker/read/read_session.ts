/**
 * One attempt to read a stream: open, read until it ends, clean up, say why.
 *
 * @module
 */

import { CallError, type Explanation, SessionError } from "../../av/check.ts";
import type { Input, InputStream } from "../../av/input.ts";
import { Packet } from "../../av/packet.ts";
import { LATENCY_MODES, Phase } from "../../core/shared/control_block.ts";
import { READ_PROGRESS } from "../../core/shared/counters.ts";
import { now } from "../../core/timing/clock.ts";
import { isEndless, isPlaylist } from "../../core/connection/liveness.ts";
import type { ReadRequest } from "../../thread/read_protocol.ts";
import { findVideo } from "./found_video.ts";
import { BARE_PICTURES, openInput } from "./open_input.ts";
import type { ReadContext } from "./read_context.ts";
import { VideoPipeline } from "./video_pipeline.ts";

/** A stream with an end that has nothing before it. */
const UNREADABLE: Explanation = {
  code: "INVALID_DATA",
  reason: "there is no picture in what came; an MP4 file whose index comes last can only be read " +
    "where the server grants byte ranges",
};

const NOT_REWOUND: Explanation = {
  code: "INVALID_DATA",
  reason: "it cannot be played again: the option loop needs a source that can be rewound",
};

const UNDECODABLE = "there was no frame in it that could be decoded";

const NO_KEYFRAME =
  "there was no keyframe in it that could be decoded, and its other frames refer " +
  "to one; decode.waitForKeyframe: false delivers them with what is missing";

const ODD_PARTS: Explanation = {
  code: "INVALID_DATA",
  reason:
    'its parts are not as their headers say; the next attempt, or container: "mjpeg", looks ' +
    "only for the pictures",
};

/** What is open during an attempt. */
interface OpenInput {
  readonly input: Input;
  readonly stream: InputStream;
  readonly live: boolean;
  readonly video: VideoPipeline;
  readonly packet: Packet;
}

/** Runs one attempt in this thread, blocking it. Not to be used twice. */
export class ReadSession {
  readonly #context: ReadContext;
  readonly #request: ReadRequest;
  /** libav's name of what is open. */
  #container = "";
  /** Whether there was a packet of the video, since it began or began again. */
  #hasRead = false;
  #rewound = false;
  #nextDemuxer: string | undefined;

  constructor(context: ReadContext, request: ReadRequest) {
    this.#context = context;
    this.#request = request;
  }

  /**
   * Returns when a stream ends that may end, or when a stop was asked for.
   *
   * @throws {CallError | SessionError} Why the attempt failed.
   */
  run(): void {
    const { container } = this.#request;
    try {
      this.#read(container);
    } catch (error) {
      if (container !== undefined || !this.#isOddMultipart(error)) throw error;
      // A connection that had pictures is over: the next one is to know it.
      if (this.#hasRead) {
        this.#nextDemuxer = BARE_PICTURES;
        throw error.explained(ODD_PARTS);
      }
      this.#read(BARE_PICTURES);
    }
  }

  /** What the next attempt had better take in place of what libav finds. */
  get nextDemuxer(): string | undefined {
    return this.#nextDemuxer;
  }

  /**
   * libav gives up at the first part that is not exactly of the type image/jpeg, or whose
   * length is another one than its header says.
   */
  #isOddMultipart(error: unknown): error is CallError {
    return error instanceof CallError && error.detail === "INVALIDDATA" &&
      this.#container === "mpjpeg" && !this.#context.control.stopRequested;
  }

  #read(demuxer: string | undefined): void {
    using resources = new DisposableStack();
    const { libav, control, feed, post } = this.#context;
    const request = this.#request;
    control.phase = Phase.opening;
    control.set("latencyMode", LATENCY_MODES.indexOf("parser"));

    const began = now();
    const packet = resources.use(new Packet(libav));
    const input = resources.use(openInput(libav, request, demuxer, control.bytes));
    this.#container = input.container;
    const stopRequested = () => control.stopRequested;
    const found = findVideo({ input, request, packet, began, stopRequested });
    const { stream } = found;
    const live = this.#isLive(input);
    if (request.loop && !live && !input.rewindable) {
      throw new SessionError("open", "NOT_SEEKABLE");
    }
    const source = { ...found, number: 0, live };
    const video = resources.use(new VideoPipeline(this.#context, request, source));
    control.setAll(READ_PROGRESS, now());
    control.phase = Phase.reading;
    post({ type: "opened", codec: stream.codec, live, tracks: input.tracks });
    const readAhead = request.latency === "normal";
    const frameInterval = () => video.frameInterval;
    const { matrix } = stream.views;
    feed.connect([{ ...stream, matrix, live, readAhead, frameInterval }]);
    resources.defer(() => {
      video.flushPackets();
      feed.disconnect();
    });
    const open = { input, stream, live, video, packet };
    while (this.#step(open));
  }

  #isLive(input: Input): boolean {
    const { live } = this.#request.media.rules;
    return live === "always" || (live === "open-ended" && isEndless(input));
  }

  /** Reads one packet and delivers what it completes; false at the end. */
  #step(open: OpenInput): boolean {
    const { control, onTurn } = this.#context;
    const { stream, video, packet } = open;
    if (control.stopRequested) return false;
    onTurn();
    const result = this.#next(open);
    if (result === "again") return true;
    if (result === "end") return this.#end(open);
    const time = now();
    control.set("lastPacketTime", time);
    try {
      if (packet.streamIndex !== stream.index) return true;
      this.#hasRead = true;
      control.add("packets");
      control.add("bytes", packet.size);
      video.push(packet, time);
    } finally {
      packet.unref();
    }
    return true;
  }

  #next({ input, packet, live }: OpenInput): "packet" | "again" | "end" {
    try {
      return input.read(packet);
    } catch (error) {
      if (live || !(error instanceof CallError) || error.detail !== "EIO") throw error;
      if (!this.#hasRead) throw error.explained(UNREADABLE);
      // Without a length, libav takes the end for a loss.
      if (input.size === undefined) return "end";
      throw error;
    }
  }

  /** The pictures a decoder still has are part of a file; a live stream has no end, only a drop. */
  #end({ input, video, live }: OpenInput): boolean {
    if (live) throw new SessionError("read", "END_OF_STREAM", "the connection was closed");
    if (!this.#hasRead) {
      const { code, reason } = this.#rewound ? NOT_REWOUND : UNREADABLE;
      throw new SessionError("read", code, reason);
    }
    if (!isPlaylist(input.container) && input.bytes.endsEarly) throw connectionLost(input);
    video.finish();
    if (this.#context.control.stopRequested) return false;
    if (!video.hasPictures) {
      const begun = this.#context.control.get("droppedBeforeKeyframe") === 0;
      throw new SessionError("read", "INVALID_DATA", begun ? UNDECODABLE : NO_KEYFRAME);
    }
    if (!this.#request.loop) return false;
    this.#rewound = true;
    this.#hasRead = false;
    input.rewind();
    video.restart();
    return true;
  }
}

function connectionLost({ size }: Input): SessionError {
  const reason = `the connection was lost before the end of its ${size} bytes`;
  return new SessionError("read", "END_OF_STREAM", reason);
}
