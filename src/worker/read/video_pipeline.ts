/**
 * The way of a connection's video packets into slots: completed, decoded,
 * thinned out, converted.
 *
 * @module
 */

import { NOPTS } from "../../../ffi/mod.ts";
import type { AvFrame } from "../../av/frame.ts";
import { type Packet, producerTimeType } from "../../av/packet.ts";
import type { IncomingPacket } from "../../core/output/stream_packet.ts";
import type { AccessUnit } from "../../core/rtsp/depacketizers/access_unit.ts";
import { LATENCY_MODES } from "../../core/shared/control_block.ts";
import { READ_PROGRESS } from "../../core/shared/counters.ts";
import { clockOffset, now } from "../../core/timing/clock.ts";
import { saneRate } from "../../core/timing/meters.ts";
import { Pacer } from "../../core/timing/pacer.ts";
import type { ReadRequest } from "../../thread/read_protocol.ts";
import { Waiter } from "../waiter.ts";
import { DamageTracker } from "./damage_tracker.ts";
import type { Assembler, Decodable } from "./decodable.ts";
import { Delivery } from "./delivery.ts";
import { DeliveryWatch } from "./delivery_watch.ts";
import { Decoding } from "./decoding.ts";
import { codecOptions } from "./demuxer_options.ts";
import { EarlyUnits } from "./early_units.ts";
import { FileTimeline } from "./file_timeline.ts";
import { PacketTimes } from "./packet_times.ts";
import { ParsedPackets } from "./parsed_packets.ts";
import { PictureRate } from "./picture_rate.ts";
import type { ReadContext } from "./read_context.ts";
import { Thinning } from "./thinning.ts";
import { UnitPackets } from "./unit_packets.ts";
import type { VideoSource } from "./video_source.ts";

/** Of one connection. Owned: dispose of it. */
export class VideoPipeline implements Disposable {
  readonly #context: ReadContext;
  readonly #request: ReadRequest;
  readonly #source: VideoSource;
  readonly #resources: DisposableStack;
  readonly #waiter: Waiter;
  readonly #decoder: Decoding;
  readonly #assembler: Assembler | undefined;
  readonly #units: UnitPackets | undefined;
  readonly #delivery: Delivery;
  readonly #damage: DamageTracker;
  readonly #watch: DeliveryWatch;
  readonly #rate: PictureRate;
  readonly #pacer: Pacer | undefined;
  readonly #thinning: Thinning;
  readonly #timeline: FileTimeline;
  readonly #times: PacketTimes;
  /** Of the connections before. */
  readonly #wrongGuesses: number;
  readonly #fallbacks: number;
  #packetSeen = false;
  /** The decoder has met an error. */
  #unclean = false;
  /** Of the picture of which something was lost last. */
  #lossTime: bigint | undefined;
  /** When the packet came that is decoded. */
  #arrival = 0;
  #index: number;

  /**
   * @throws {SessionError} `UNSUPPORTED_CODEC`, `OPTION_UNKNOWN`
   * @throws {CallError}
   */
  constructor(context: ReadContext, request: ReadRequest, source: VideoSource) {
    using resources = new DisposableStack();
    const { libav, control } = context;
    const { stream, live, isRtp, completed } = source;
    const { codec, timeBase } = stream;
    this.#context = context;
    this.#request = request;
    this.#source = source;
    this.#index = request.firstIndex;
    this.#wrongGuesses = control.get("wrongGuesses");
    this.#fallbacks = control.get("fallbacks");
    this.#waiter = new Waiter(control, {
      onTurn: context.onTurn,
      onEnd: () => control.setAll(READ_PROGRESS, now()),
    });
    const { keyframesMissing, keyframeTimeout, decode: { waitForKeyframe } } = request;
    this.#damage = new DamageTracker(codec, {
      blind: live && keyframesMissing,
      decoderWaits: codec === "h264" && waitForKeyframe && !keyframesMissing,
      patience: !waitForKeyframe ? 0 : keyframesMissing ? keyframeTimeout / 4 : Infinity,
    });
    this.#watch = resources.use(new DeliveryWatch(control, context.post, request.maxFps));
    this.#thinning = new Thinning(control, request, live);
    this.#timeline = new FileTimeline(timeBase);
    this.#times = new PacketTimes({
      codec,
      timeBase,
      sideData: completed.by === "libav" ? libav.parsedSideData : "own",
      producerTime: isRtp ? producerTimeType(libav) : undefined,
    });
    const options = {
      optional: codecOptions(request, codec, live),
      required: request.ffmpeg.codec,
    };
    this.#decoder = resources.use(
      new Decoding(libav, stream, options, {
        picture: (picture) => {
          this.#deliver(picture);
          return !control.stopRequested;
        },
        damaged: () => this.#dropDamaged(),
      }),
    );
    const decoder = () => this.#decoder.frameRate;
    this.#rate = new PictureRate(control, { stream: stream.frameRate, decoder }, live);
    if (completed.by === "client") {
      this.#units = resources.use(new UnitPackets(libav, codec, completed.sets));
    } else {
      this.#assembler = resources.use(
        completed.by === "rules"
          ? new EarlyUnits(libav, completed.codec)
          : new ParsedPackets(isRtp ? codec : undefined),
      );
    }
    const parts = { ...context, waiter: context.isShared ? undefined : this.#waiter };
    this.#delivery = resources.use(new Delivery(parts, request, !live));
    this.#pacer = !live && request.pace ? new Pacer(now()) : undefined;
    this.#resources = resources.move();
  }

  /** Whether the decoder has given out any picture. */
  get hasPictures(): boolean {
    return this.#decoder.pictureSeen;
  }

  /** Delivers what a packet completes. */
  push(packet: Packet, time: number): void {
    const assembler = this.#assembler;
    if (!assembler) return;
    this.#timeFirst(packet);
    this.#times.noteCamera(packet);
    this.#arrival = time;
    assembler.onPacket = this.#feedWanted;
    assembler.push(packet, this.#take);
    this.#reportLatency(assembler);
    this.#watch.packet(time);
  }

  /**
   * Delivers a picture that is complete.
   *
   * @param cameraTime epoch milliseconds by the camera's clock, where it tells them
   */
  pushUnit(unit: AccessUnit, pts: bigint, cameraTime: number | undefined): void {
    const units = this.#units;
    if (!units) return;
    if (cameraTime !== undefined) this.#times.noteCameraTime(pts, cameraTime);
    this.#arrival = unit.arrival;
    units.onPacket = this.#feedWanted;
    units.push(unit, pts, this.#take);
    this.#watch.packet(unit.arrival);
  }

  /** The slots that were asked for may be there: delivers what has waited for them. */
  slotsMade(): void {
    if (this.#delivery.resume()) this.#watch.passed();
  }

  get #feedWanted(): Assembler["onPacket"] {
    return this.#context.feed.active ? this.#feed : undefined;
  }

  /** RTP times count from the first packet, whose own time libav's parser loses. */
  #timeFirst(packet: Packet): void {
    if (this.#packetSeen) return;
    this.#packetSeen = true;
    if (this.#source.isRtp && packet.pts === NOPTS) packet.pts = 0n;
  }

  readonly #feed = (packet: IncomingPacket): void => {
    this.#context.feed.push(this.#source.number, packet);
  };

  readonly #take = (decodable: Decodable): void => {
    const began = performance.now();
    this.#takeTimed(decodable);
    this.#context.control.add("workTime", performance.now() - began);
  };

  #takeTimed(decodable: Decodable): void {
    const { packet, picture, keyframe } = decodable;
    const { control } = this.#context;
    this.#countLoss(decodable);
    if (this.#unclean && keyframe) this.#cleanDecoder();
    const whole = this.#damage.mayDecode(decodable);
    if (packet.size === 0) return;
    this.#times.noteArrival(packet.pts, this.#arrival);
    const { skip, waitForKeyframe } = this.#request.decode;
    if (whole || !waitForKeyframe) {
      if (skip === "nonkey" && picture && !keyframe) this.#awaitKeyframe();
      this.#decode(packet);
      return;
    }
    control.add("droppedBeforeKeyframe");
    this.#watch.dropped("before the first keyframe");
    this.#awaitKeyframe();
  }

  /**
   * What libavcodec's H.264 decoder has left over of a macroblock that it could not decode,
   * it adds to one of the next pictures, even to one that is whole. A new one has nothing.
   */
  #cleanDecoder(): void {
    this.#decoder.renew();
    this.#unclean = false;
  }

  /** What is missing of one picture is one loss. */
  #countLoss({ packet, suspect, note }: Decodable): void {
    if (!suspect && !note?.missing) return;
    if (packet.pts !== this.#lossTime) this.#context.control.add("losses");
    this.#lossTime = packet.pts;
  }

  /** Pictures come, and the next one that can be decoded is a keyframe: that is no stall. */
  #awaitKeyframe(): void {
    this.#context.control.set("lastFrameTime", this.#arrival);
    this.#watch.withheld("keyframe", this.#arrival);
  }

  #dropDamaged(): void {
    this.#context.control.add("droppedCorrupt");
    this.#watch.dropped("damaged");
    this.#watch.withheld("undamaged frame", this.#arrival);
  }

  #reportLatency({ stats }: Assembler): void {
    if (!stats) return;
    const { control } = this.#context;
    control.set("latencyMode", LATENCY_MODES.indexOf(stats.mode));
    control.set("wrongGuesses", this.#wrongGuesses + stats.wrongGuesses);
    control.set("fallbacks", this.#fallbacks + stats.fallbacks);
  }

  #decode(packet: Packet): void {
    if (this.#decoder.decode(packet) === "invalid") {
      this.#noteDecodingError();
      this.#dropDamaged();
    }
    if (!this.#decoder.pictureSeen) this.#noteDeclaredSize();
  }

  #noteDecodingError(): void {
    if (!this.#source.live) return;
    this.#unclean = this.#source.stream.codec === "h264";
    this.#assembler?.doubt?.();
  }

  /** A recording may begin with pictures that the decoder keeps to itself. */
  #noteDeclaredSize(): void {
    const { width, height } = this.#decoder.size;
    if (width > 0 && height > 0) this.#context.feed.noteSize(this.#source.number, width, height);
  }

  #deliver(picture: AvFrame): void {
    const { control, feed, onPicture } = this.#context;
    const { number, live } = this.#source;
    const { timestamp } = picture;
    const pts = this.#timeline.next(timestamp, live ? NaN : this.frameInterval / 1000);
    if (this.#pacer) this.#waiter.untilTime(this.#pacer.due(pts));
    const time = now();
    const index = this.#index++;
    const arrivalTime = live ? this.#times.arrivalOf(timestamp) : time;
    const offset = clockOffset();
    const capture = this.#times.captureOf(timestamp, arrivalTime, offset);
    const streamTime = this.#rate.timeOf(arrivalTime, pts, this.#timeline.last);
    control.add("decoded");
    control.set("lastFrameTime", time);
    this.#rate.note(streamTime);
    const { damaged } = picture;
    if (damaged) this.#noteDecodingError();
    const corrupt = this.#damage.isDamaged(picture);
    const { width, height } = picture;
    feed.noteSize(number, width, height);
    if (live && corrupt && this.#damage.withholds(time)) {
      this.#dropDamaged();
      return;
    }
    const view = this.#source.stream.views.of(picture);
    onPicture(picture, view);
    if (!this.#thinning.accepts(time, streamTime)) {
      this.#watch.leftOut(time);
      return;
    }
    const delivered = this.#delivery.deliver(picture, view, {
      index,
      pts,
      arrivalTime,
      captureTime: capture.time,
      cameraClock: capture.cameraClock,
      clockOffset: offset,
      keyframe: picture.keyframe,
      corrupt,
    });
    if (delivered === "waits") return;
    if (delivered === "delivered") return this.#watch.passed();
    this.#watch.dropped("no free buffer");
    this.#watch.withheld("buffer", time);
  }

  /** See `PictureRate`. */
  get frameInterval(): number {
    return this.#rate.frameInterval;
  }

  /** The connection is over: the feed gets the last picture. */
  flushPackets(): void {
    this.#assembler?.flush?.();
  }

  /** The stream has ended: delivers the pictures that the decoder still has. */
  finish(): void {
    this.#decoder.decode(null);
  }

  /** A file that has finished begins again. */
  restart(): void {
    this.#decoder.flush();
    this.#timeline.restart(saneRate(this.#source.stream.frameRate));
  }

  [Symbol.dispose](): void {
    this.#resources[Symbol.dispose]();
  }
}
