/**
 * One attempt to read a stream: open, read until it ends, clean up, say why.
 *
 * @module
 */

import { type Libav, NOPTS } from "../../../ffi/mod.ts";
import { SessionError } from "../../av/check.ts";
import { assertDecodable, Decoder } from "../../av/decoder.ts";
import { AvFrame } from "../../av/frame.ts";
import { Input, type InputStream } from "../../av/input.ts";
import { Packet, producerTimeType } from "../../av/packet.ts";
import type { IncomingPacket } from "../../core/output/stream_packet.ts";
import { type ControlBlock, LATENCY_MODES, Phase } from "../../core/shared/control_block.ts";
import type { SlotTable } from "../../core/shared/slot_table.ts";
import { now } from "../../core/timing/clock.ts";
import { IntervalMeter, saneRate } from "../../core/timing/meters.ts";
import type { FromReadWorker, ReadRequest } from "../../thread/read_protocol.ts";
import { Waiter } from "../waiter.ts";
import { type Assembler, type Decodable, EarlyUnits, ParsedPackets } from "./decodable.ts";
import { Delivery } from "./delivery.ts";
import { codecOptions, formatOptions } from "./demuxer_options.ts";
import { PacketTimes } from "./packet_times.ts";
import type { PacketFeed } from "./packet_feed.ts";
import { Thinning } from "./thinning.ts";

/** Their decoders paint missing references grey instead of waiting for a keyframe. */
const STARTS_AT_KEYFRAME: ReadonlySet<string> = new Set(["h264", "hevc", "mpeg4", "mpeg2video"]);

/** The number of the only stream that is fed on. */
const VIDEO = 0;

/** What a session has of its thread. */
export interface ReadContext {
  readonly libav: Libav;
  readonly control: ControlBlock;
  readonly slots: SlotTable;
  readonly feed: PacketFeed;
  readonly post: (message: FromReadWorker) => void;
  /** Called with every decoded picture, before it is delivered. */
  readonly onPicture: (picture: AvFrame) => void;
  /** Called again and again: the program may want something of the thread. */
  readonly onTurn: () => void;
}

/** Runs one attempt in this thread, blocking it. Not to be used twice. */
export class ReadSession {
  readonly #context: ReadContext;
  readonly #request: ReadRequest;
  readonly #meter = new IntervalMeter();
  readonly #waiter: Waiter;
  /** Of the connections before. */
  readonly #wrongGuesses: number;
  readonly #fallbacks: number;
  #index: number;
  #packetSeen = false;
  #keyframeSeen = false;
  /** A picture was damaged, and so are those that refer to it. */
  #damaged = false;
  /** The picture of that time lacks something, although the decoder may not tell. */
  #suspectTime: bigint | undefined;
  #firstPts: number | undefined;
  #firstTime = 0;
  #lastPts: number | undefined;
  /** Added to the times of a file that is played again, so that they go on. */
  #ptsOffset = 0;

  constructor(context: ReadContext, request: ReadRequest) {
    this.#context = context;
    this.#waiter = new Waiter(context.control, context.onTurn);
    this.#request = request;
    this.#index = request.firstIndex;
    this.#wrongGuesses = context.control.get("wrongGuesses");
    this.#fallbacks = context.control.get("fallbacks");
  }

  /**
   * Returns when a stream ends that may end, or when a stop was asked for.
   *
   * @throws {CallError | SessionError} Why the attempt failed.
   */
  run(): void {
    using resources = new DisposableStack();
    const { libav, control, slots, post } = this.#context;
    const request = this.#request;
    control.phase = Phase.opening;
    control.set("latencyMode", LATENCY_MODES.indexOf("parser"));

    const input = resources.use(Input.open(libav, {
      url: request.media.withCredentials,
      ...formatOptions(libav, request),
      demuxer: request.demuxer,
      stop: control.bytes,
    }));
    const early = this.#prepare(input);
    const stream = selectVideo(input);
    const live = this.#isLive(input);
    const decoding = codecOptions(request.decode, stream.codec, live);
    const decoder = resources.use(Decoder.open(libav, stream, decoding, request.nativeCodec));
    const assembler = resources.use(
      early
        ? new EarlyUnits(libav, early)
        : new ParsedPackets(this.#isRtsp ? stream.codec : undefined),
    );
    const delivery = resources.use(
      new Delivery(libav, control, slots, this.#waiter, request, !live, post),
    );
    const frame = resources.use(new AvFrame(libav));
    const packet = resources.use(new Packet(libav));
    this.#firstTime = now();
    control.set("lastPacketTime", this.#firstTime);
    control.set("lastFrameTime", this.#firstTime);
    control.phase = Phase.reading;
    post({ type: "opened", codec: stream.codec, live });
    const { timeBase } = stream;
    const { feed } = this.#context;
    feed.connect([stream]);
    resources.defer(() => feed.disconnect());
    const pipeline = {
      ...{ input, stream, assembler, decoder, delivery, frame, packet, live },
      thinning: new Thinning(control, request, live),
      times: new PacketTimes({
        codec: stream.codec,
        timeBase,
        sideData: early === undefined ? libav.parsedSideData : "own",
        producerTime: this.#isRtsp ? producerTimeType(libav) : undefined,
      }),
    };
    while (this.#step(pipeline));
  }

  /** Finds out what there is; returns the codec when its units are completed by us. */
  #prepare(input: Input): "h264" | "hevc" | undefined {
    // An RTSP server has named all streams by now: what cannot be had must not
    // be probed for, and what the SDP says is enough to open a decoder.
    if (this.#isRtsp) {
      const stream = selectVideo(input);
      assertDecodable(this.#context.libav, stream);
      const { codec } = stream;
      if (this.#request.latency === "lowest") {
        if (codec === "h264" || codec === "hevc") {
          input.skipParser();
          return codec;
        }
        if (codec === "mjpeg") return undefined;
      }
    }
    input.findStreamInfo();
    return undefined;
  }

  get #isRtsp(): boolean {
    return this.#request.media.rules.demuxers.includes("rtsp");
  }

  #isLive(input: Input): boolean {
    const { live } = this.#request.media.rules;
    return live === "always" || (live === "open-ended" && input.duration === undefined);
  }

  /** Reads one packet and delivers what it completes; false at the end. */
  #step(pipeline: Pipeline): boolean {
    const { control } = this.#context;
    const { input, stream, packet, live } = pipeline;
    if (control.stopRequested) return false;
    this.#context.onTurn();
    pipeline.assembler.onPicture = this.#context.feed.active ? this.#feed : undefined;
    const result = input.read(packet);
    if (result === "again") return true;
    if (result === "end") return this.#end(pipeline, live);
    const time = now();
    control.set("lastPacketTime", time);
    try {
      if (packet.streamIndex !== stream.index) return true;
      control.add("packets");
      control.add("bytes", packet.size);
      this.#timeFirstPacket(packet);
      pipeline.times.noteCamera(packet);
      pipeline.assembler.push(packet, (decodable) => {
        this.#decodeLive(pipeline, decodable, time);
        this.#tellLatency(pipeline.assembler);
      });
    } finally {
      packet.unref();
    }
    return true;
  }

  /** RTP times count from the first packet, whose own time libav's parser loses. */
  #timeFirstPacket(packet: Packet): void {
    const first = !this.#packetSeen;
    this.#packetSeen = true;
    if (!first || packet.pts !== NOPTS) return;
    if (this.#isRtsp) packet.pts = 0n;
  }

  #decodeLive(pipeline: Pipeline, decodable: Decodable, time: number): void {
    const { packet, picture, keyframe, suspect } = decodable;
    const { control } = this.#context;
    if (suspect && this.#keyframeSeen) this.#damaged = true;
    if (suspect && picture) this.#suspectTime = packet.pts;
    if (packet.size === 0) return;
    pipeline.times.noteArrival(packet.pts, time);
    this.#keyframeSeen ||= keyframe || !STARTS_AT_KEYFRAME.has(pipeline.stream.codec);
    if (picture && !this.#keyframeSeen) {
      this.#damaged = true;
      if (this.#request.decode.waitForKeyframe) {
        control.add("droppedBeforeKeyframe");
        return;
      }
    }
    this.#decode(pipeline, packet);
  }

  readonly #feed = (picture: IncomingPacket): void => this.#context.feed.push(VIDEO, picture);

  #tellLatency({ stats }: Assembler): void {
    if (!stats) return;
    const { control } = this.#context;
    control.set("latencyMode", LATENCY_MODES.indexOf(stats.mode));
    control.set("wrongGuesses", this.#wrongGuesses + stats.wrongGuesses);
    control.set("fallbacks", this.#fallbacks + stats.fallbacks);
  }

  #decode(pipeline: Pipeline, packet: Packet | null): void {
    const { decoder } = pipeline;
    let sent = decoder.send(packet);
    this.#drain(pipeline);
    // Full: what was in it is out now, so it takes the same packet.
    if (sent === "again") {
      sent = decoder.send(packet);
      this.#drain(pipeline);
    }
    if (sent === "invalid") this.#context.control.add("droppedCorrupt");
  }

  #drain(pipeline: Pipeline): void {
    const { decoder, frame } = pipeline;
    for (;;) {
      const result = decoder.receive(frame);
      if (result === "again" || result === "end") return;
      if (result === "invalid") {
        this.#context.control.add("droppedCorrupt");
        continue;
      }
      this.#deliver(pipeline);
      frame.unref();
      if (this.#context.control.stopRequested) return;
    }
  }

  #deliver(pipeline: Pipeline): void {
    const { frame, stream, decoder, delivery, live, times } = pipeline;
    const { control, onPicture } = this.#context;
    const timestamp = frame.timestamp;
    const pts = timestamp === NOPTS
      ? NaN
      : Number(timestamp) * stream.timeBase.num / stream.timeBase.den + this.#ptsOffset;
    if (!live && this.#request.realtime) this.#pace(pts);
    const time = now();
    const index = this.#index++;
    control.add("decoded");
    control.set("lastFrameTime", time);
    // The stream's own times: frames come in bursts, at first above all.
    control.set("frameInterval", this.#meter.tick(Number.isNaN(pts) ? time : pts * 1000));
    control.set("declaredRate", saneRate(stream.frameRate) ?? saneRate(decoder.frameRate) ?? 0);
    if (!Number.isNaN(pts)) this.#lastPts = pts;
    const corrupt = this.#isDamaged(frame);
    if (live && corrupt && this.#request.decode.waitForKeyframe) {
      control.add("droppedCorrupt");
      return;
    }
    onPicture(frame);
    this.#context.feed.noteSize(VIDEO, frame);
    if (!pipeline.thinning.accepts(time, Number.isNaN(pts) ? this.#lastPts : pts)) return;
    const arrivalTime = live ? times.arrivalOf(timestamp) : time;
    const capture = times.captureOf(timestamp, arrivalTime);
    delivery.deliver(frame, {
      index,
      pts,
      arrivalTime,
      captureTime: capture.time,
      cameraClock: capture.cameraClock,
      keyframe: frame.keyframe,
      corrupt,
      sourceWidth: frame.width,
      sourceHeight: frame.height,
    });
  }

  #isDamaged(frame: AvFrame): boolean {
    const suspect = frame.damaged || frame.timestamp === this.#suspectTime;
    this.#damaged = suspect || (this.#damaged && !frame.keyframe);
    return this.#damaged;
  }

  /** Waits until a file's frame is due. */
  #pace(pts: number): void {
    if (Number.isNaN(pts)) return;
    this.#firstPts ??= pts;
    const due = this.#firstTime + (pts - this.#firstPts) * 1000;
    this.#waiter.until(() => now() >= due, due);
  }

  /** The pictures a decoder still has are part of a file; a live stream has no end, only a drop. */
  #end(pipeline: Pipeline, live: boolean): boolean {
    if (live) throw new SessionError("read", "END_OF_STREAM", "the connection was closed");
    this.#decode(pipeline, null);
    if (!this.#request.loop || this.#context.control.stopRequested) return false;
    const { input, stream, decoder } = pipeline;
    input.rewind();
    decoder.flush();
    this.#ptsOffset = (this.#lastPts ?? 0) + 1 / (saneRate(stream.frameRate) ?? 25);
    return true;
  }
}

/** @throws {SessionError} `NO_VIDEO` */
function selectVideo(input: Input): InputStream {
  const stream = input.select("video");
  if (!stream) throw new SessionError("open", "NO_VIDEO");
  return stream;
}

interface Pipeline {
  readonly input: Input;
  readonly stream: InputStream;
  readonly assembler: Assembler;
  readonly decoder: Decoder;
  readonly delivery: Delivery;
  readonly frame: AvFrame;
  readonly packet: Packet;
  readonly live: boolean;
  readonly thinning: Thinning;
  readonly times: PacketTimes;
}
