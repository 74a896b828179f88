/**
 * The newest frame of any live camera, as plain bytes, in Deno, Bun and Node, with
 * nothing to build: FFmpeg's own shared libraries are called through the
 * runtime's FFI, on a background thread.
 *
 * ```ts
 * import { VideoStream } from "@x/rtsp-stream";
 *
 * await using stream = new VideoStream("rtsp://camera-ip/stream").start();
 * for await (const frame of stream) {
 *   console.log(frame.index, frame.width, frame.height, frame.data.length);
 * }
 * ```
 *
 * @module
 */

export { VideoStream } from "./src/stream/video_stream.ts";
export { StreamGroup } from "./src/group/stream_group.ts";
export type { StreamSource, StreamSourceOptions } from "./src/group/stream_group.ts";
export type { GroupStats, MemberStats } from "./src/group/group_stats.ts";
export { FrameSet } from "./src/group/frame_set.ts";
export type { FramesByName, FrameSetFields } from "./src/group/frame_set.ts";
export type { StreamGroupOptions, Sync, WhenMissing } from "./src/core/options/group_options.ts";
export { VideoWriter } from "./src/writer/video_writer.ts";
export type { WriterStats } from "./src/writer/writer_stats.ts";
export { Recording } from "./src/stream/recording.ts";
export type { RecordingStats } from "./src/core/output/recording_stats.ts";
export type { RecordingState } from "./src/stream/recording.ts";
export type { HistoryOptions, RecordOptions } from "./src/core/options/record_options.ts";
export type { PipeOptions, Transform, Transformed } from "./src/stream/pipe.ts";
export type { FramesOptions, NextOptions, ReadOptions } from "./src/core/options/read_options.ts";
export { Frame, FrameReleasedError } from "./src/core/frame/frame.ts";
export type { FrameFields, TimeSource } from "./src/core/frame/frame.ts";
export { StreamError } from "./src/core/connection/errors.ts";
export type {
  StreamErrorCode,
  StreamErrorFields,
  StreamOperation,
} from "./src/core/connection/errors.ts";
export type { Track, TrackKind } from "./src/core/connection/track.ts";
export type { PixelFormat } from "./src/core/frame/formats.ts";
export { FrameTransform } from "./src/core/frame/geometry.ts";
export type { Rotation } from "./src/core/frame/orientation.ts";
export type { Fit, Placement, Point, Rect, Size } from "./src/core/frame/geometry.ts";
export type { ImageType, SnapshotOptions } from "./src/core/options/snapshot_options.ts";
export type { Libraries } from "./src/core/connection/libraries.ts";
export type { Logger } from "./src/core/connection/logger.ts";
export type { Waiting } from "./src/core/shared/waiting.ts";
export type { LatencyMode } from "./src/core/shared/control_block.ts";
export type { ConnectionOptions } from "./src/core/options/connection_options.ts";
export type { DecodeOptions, DecodeSkip } from "./src/core/options/decode_options.ts";
export type { NativeOptions } from "./src/core/options/native_options.ts";
export type {
  Convert,
  Latency,
  RtspClient,
  Transport,
  VideoStreamOptions,
} from "./src/core/options/stream_options.ts";
export type { TlsOptions } from "./src/core/options/tls_options.ts";
export type { ReconnectOptions } from "./src/core/options/reconnect_options.ts";
export type { VideoCodec } from "./src/core/output/encoders.ts";
export type {
  QueueOptions,
  QueuePolicy,
  VideoWriterOptions,
} from "./src/core/options/writer_options.ts";
export type { Timestamps } from "./src/core/timing/writer_clock.ts";
export type { StreamState, StreamStatus } from "./src/core/connection/states.ts";
export type { StreamStats } from "./src/stream/stream_stats.ts";
export type { OwnTransport, RtspTransport } from "./src/core/connection/rtsp_transport.ts";
