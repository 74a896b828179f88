/**
 * One attempt to read an RTSP stream without libavformat, beside others in the same thread.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { DescribedStream } from "../../av/described_stream.ts";
import { endpointOf } from "../../core/rtsp/endpoint.ts";
import { Deframer } from "../../core/rtsp/interleaved.ts";
import type { AccessUnit } from "../../core/rtsp/depacketizers/access_unit.ts";
import { RtspFault } from "../../core/rtsp/fault.ts";
import type { RtpCounts } from "../../core/rtsp/rtp_receiver.ts";
import type { MediaSection, SessionDescription } from "../../core/rtsp/sdp.ts";
import { RtspSession } from "../../core/rtsp/session.ts";
import { spropParameterSets } from "../../core/rtsp/sprop.ts";
import type { TransportAnswer, TransportRequest } from "../../core/rtsp/transport.ts";
import { LATENCY_MODES, Phase } from "../../core/shared/control_block.ts";
import { READ_PROGRESS } from "../../core/shared/counters.ts";
import { now } from "../../core/timing/clock.ts";
import type { ReadRequest } from "../../thread/read_protocol.ts";
import type { ReadContext } from "../read/read_context.ts";
import type { AttemptSession } from "../read/stream_reader.ts";
import { VideoPipeline } from "../read/video_pipeline.ts";
import { Unsupported } from "../unsupported.ts";
import { Feedback } from "./feedback.ts";
import { HostTurns } from "./host_turns.ts";
import { chooseMedia, type ChosenMedia } from "./media_choice.ts";
import { type ConnectionFailure, RtspConnection } from "./rtsp_connection.ts";
import { connectionFailure, faultFailure, transportFailure } from "./rtsp_failure.ts";
import { tlsSettings } from "./tls_settings.ts";
import { TrackReceiver } from "./track_receiver.ts";
import { UdpPorts } from "./udp_ports.ts";

const USER_AGENT = "rtsp-stream";
/** A keyframe of 4K comes in one burst. */
const UDP_BUFFER_BYTES = 2_000_000;

/** Of all streams of this thread. */
const turns = new HostTurns();

/** Not to be used twice. */
export class RtspReading implements AttemptSession {
  readonly #context: ReadContext;
  readonly #request: ReadRequest;
  readonly #session: RtspSession;
  readonly #resources = new DisposableStack();
  readonly #over = Promise.withResolvers<void>();
  #isOver = false;
  #connection: RtspConnection | undefined;
  #deframer: Deframer | undefined;
  #giveTurn = (): void => {};
  #chosen: ChosenMedia | undefined;
  /** What is tried when the one before was refused. */
  readonly #transports: TransportRequest["kind"][];
  #track: TrackReceiver | undefined;
  #feedback: Feedback | undefined;
  #video: VideoPipeline | undefined;
  #udp: UdpPorts | undefined;
  /** RTP's and RTCP's. */
  #channels: readonly [number, number] = [0, 1];
  #begun = false;
  #waitsForKeyframe = true;
  #noted = { lost: 0, reordered: 0, late: 0 };

  constructor(context: ReadContext, request: ReadRequest) {
    this.#context = context;
    this.#request = request;
    this.#transports = transportsOf(request);
    const { openTimeout } = request;
    this.#session = new RtspSession({
      endpoint: endpointOf(request.media),
      auth: { hash, nonce: () => crypto.randomUUID().replaceAll("-", "") },
      // The attempt has a deadline of its own.
      deadlines: {
        options: openTimeout,
        describe: openTimeout,
        setUp: openTimeout,
        play: openTimeout,
      },
      redirects: "same-host",
      userAgent: USER_AGENT,
    }, {
      send: (text) => this.#connection?.send(text),
      described: (description) => this.#described(description),
      setUp: (media, transport) => this.#setUp(media, transport),
      refused: () => void this.#offer(),
      playing: () => this.#playing(),
      redirected: () => this.#redirected(),
      failed: (fault) => this.#fail(faultFailure(fault)),
    });
  }

  /** @throws {Unsupported} before anything was read: libav may be able to */
  async run(): Promise<void> {
    const { control, feed } = this.#context;
    control.phase = Phase.opening;
    try {
      const { host } = this.#session.endpoint;
      this.#giveTurn = turns.take(host, () => this.#guard(() => this.#connect()));
      await this.#over.promise;
    } finally {
      this.#isOver = true;
      this.#giveTurn();
      this.#session.close();
      this.#udp?.close();
      this.#track?.flush();
      this.#video?.flushPackets();
      feed.disconnect();
      this.#resources[Symbol.dispose]();
      // Before the thread says that it has nothing open any more.
      await this.#connection?.close();
    }
  }

  look(): void {
    this.#guard(() => {
      const { control, onTurn } = this.#context;
      onTurn();
      if (control.stopRequested) return this.#end();
      const time = now();
      this.#session.tick(time);
      this.#track?.expire(time);
      this.#video?.slotsMade();
    });
  }

  /** What is thrown in an event ends the attempt. */
  #guard(act: () => void): void {
    if (this.#isOver) return;
    try {
      act();
    } catch (error) {
      this.#fail(error instanceof RtspFault ? faultFailure(error) : error);
    }
  }

  #fail(error: unknown): void {
    this.#isOver = true;
    this.#over.reject(error);
  }

  #end(): void {
    this.#isOver = true;
    this.#over.resolve();
  }

  #connect(): void {
    const { host, port, secure } = this.#session.endpoint;
    const deframer = this.#deframer = new Deframer({
      packet: (channel, data, start, end) => this.#packet(channel, data, start, end),
      message: (message) => this.#session.message(message, now()),
    });
    const tls = secure ? tlsSettings(host, this.#request.tls) : undefined;
    const connection = this.#connection = new RtspConnection({ host, port, tls }, {
      onOpen: () => this.#guard(() => this.#session.connected(now())),
      onData: (data) => this.#guard(() => deframer.push(data)),
      onEnd: (failure) => {
        // The one before a redirection has no say.
        if (connection === this.#connection) this.#lose(failure);
      },
    });
  }

  /** The connection is over. */
  #lose(failure?: ConnectionFailure): void {
    const { libav } = this.#context;
    const operation = this.#begun ? "read" : "open";
    this.#fail(connectionFailure(libav, this.#request.media, operation, failure));
  }

  #redirected(): void {
    void this.#connection?.close();
    this.#connect();
  }

  #described(description: SessionDescription): void {
    const chosen = this.#chosen = chooseMedia(
      this.#context.libav,
      description,
      this.#request.track,
    );
    const { format, codec, media } = chosen;
    const timeBase = { num: 1, den: format.clockRate ?? 90_000 };
    const frameRate = media.frameRate ?? NaN;
    const described = this.#resources.use(
      new DescribedStream(this.#context.libav, { codec, timeBase, frameRate }),
    );
    this.#video = this.#resources.use(
      new VideoPipeline(this.#context, this.#request, {
        stream: described.stream,
        number: 0,
        live: true,
        isRtp: true,
        completed: { by: "client", sets: spropParameterSets(format.parameters) },
      }),
    );
    const { matrix } = described.stream.views;
    const frameInterval = () => this.#video!.frameInterval;
    this.#context.feed.connect([{
      ...described.stream,
      ...{ matrix, live: true, readAhead: false, frameInterval },
    }]);
    void this.#offer();
  }

  /** Asks for the next transport that has not been refused. */
  async #offer(): Promise<void> {
    const kind = this.#transports.shift();
    if (kind === undefined) {
      return this.#fail(transportFailure(this.#context.libav, this.#request.transport));
    }
    const transport = kind === "udp" ? await this.#openPorts() : INTERLEAVED;
    this.#guard(() => {
      if (transport) this.#session.setUp([{ media: this.#chosen!.media, transport }], now());
    });
  }

  async #openPorts(): Promise<TransportRequest | undefined> {
    const family = this.#connection?.remoteAddress?.includes(":") ? 6 : 4;
    try {
      const { socketBufferSize = UDP_BUFFER_BYTES } = this.#request;
      const udp = await UdpPorts.open(this.#context.libav, family, socketBufferSize, {
        rtp: (data) => this.#guard(() => this.#track?.rtp(data, 0, data.length, now())),
        rtcp: (data) => this.#guard(() => this.#track?.rtcp(data, 0, data.length, now())),
        onError: (error) => this.#fail(error),
      });
      if (this.#isOver) udp.close();
      else this.#udp = udp;
      return { kind: "udp", ports: udp.ports };
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  #setUp(_: MediaSection, transport: TransportAnswer): void {
    const { kind, channels, serverPorts } = transport;
    const chosen = this.#chosen!;
    const track = this.#track = new TrackReceiver(chosen, kind !== "interleaved", {
      unit: (unit, pts, cameraTime) => this.#unit(unit, pts, cameraTime),
      packet: (bytes, arrival) => this.#count(bytes, arrival),
      goodbye: () => this.#lose(),
    });
    if (channels) {
      this.#channels = channels;
      for (const channel of channels) this.#deframer?.expect(channel);
    }
    // Nothing is sent to an address that the server only names.
    const address = this.#connection?.remoteAddress;
    if (this.#udp && serverPorts && address) this.#udp.aim(address, serverPorts);
    this.#feedback = new Feedback(track, chosen.format, now(), (packet) => this.#sendRtcp(packet));
  }

  #sendRtcp(packet: Uint8Array): void {
    if (this.#udp) return this.#udp.sendRtcp(packet);
    const frame = new Uint8Array(4 + packet.length);
    frame.set([0x24, this.#channels[1], packet.length >> 8, packet.length & 0xff]);
    frame.set(packet, 4);
    this.#connection?.send(frame);
  }

  #playing(): void {
    this.#giveTurn();
    this.#begin();
  }

  /** Some servers send before they have answered. */
  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    const { control, post } = this.#context;
    control.setAll(READ_PROGRESS, now());
    control.set("latencyMode", LATENCY_MODES.indexOf("early"));
    control.phase = Phase.reading;
    const { codec, tracks } = this.#chosen!;
    const transport = this.#udp ? "udp" : this.#session.endpoint.secure ? "tls" : "tcp";
    post({ type: "opened", codec, live: true, tracks, transport });
  }

  #packet(channel: number, data: Uint8Array, start: number, end: number): void {
    if (channel === this.#channels[0]) this.#track?.rtp(data, start, end, now());
    else if (channel === this.#channels[1]) this.#track?.rtcp(data, start, end, now());
  }

  #count(bytes: number, arrival: number): void {
    this.#begin();
    const { control } = this.#context;
    control.set("lastPacketTime", arrival);
    control.add("packets");
    control.add("bytes", bytes);
  }

  #unit(unit: AccessUnit, pts: bigint, cameraTime: number | undefined): void {
    const { picture, keyframe, suspect, arrival } = unit;
    if (suspect) this.#waitsForKeyframe = true;
    else if (keyframe) this.#waitsForKeyframe = false;
    this.#video?.pushUnit(unit, pts, cameraTime);
    if (this.#track) this.#noteCounts(this.#track.counts);
    if (!picture) return;
    this.#feedback?.picture(arrival);
    if (this.#waitsForKeyframe) this.#feedback?.wantKeyframe(arrival);
  }

  #noteCounts({ lost, reordered, late }: RtpCounts): void {
    const { control } = this.#context;
    const noted = this.#noted;
    this.#noted = { lost, reordered, late };
    control.add("packetsLost", lost - noted.lost);
    control.add("packetsReordered", reordered - noted.reordered);
    control.add("packetsLate", late - noted.late);
  }
}

const INTERLEAVED: TransportRequest = { kind: "interleaved", channels: [0, 1] };

function transportsOf({ transport }: ReadRequest): TransportRequest["kind"][] {
  switch (transport) {
    case "auto":
      return ["interleaved", "udp"];
    case "tcp":
      return ["interleaved"];
    case "udp":
      return ["udp"];
    default:
      throw new Unsupported(`the transport "${transport}"`);
  }
}

const HASHES = { "md5": "md5", "sha256": "sha256", "sha512-256": "sha512-256" } as const;

function hash(name: keyof typeof HASHES, text: string): string | undefined {
  try {
    return createHash(HASHES[name]).update(text).digest("hex");
  } catch {
    // Not every runtime has each of them.
    return undefined;
  }
}
