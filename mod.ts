/**
 * The newest frame of any live camera, as plain bytes, in Deno and Bun, with
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

export { VideoStream } from "./src/video_stream.ts";
export { StreamGroup } from "./src/stream_group.ts";
export type { StreamSource, StreamSourceOptions } from "./src/stream_group.ts";
export type { GroupStats, MemberStats } from "./src/group_stats.ts";
export { FrameSet } from "./src/frame_set.ts";
export type { FramesByName } from "./src/frame_set.ts";
export type { Missing, StreamGroupOptions, Sync } from "./src/core/group_options.ts";
export { VideoWriter } from "./src/video_writer.ts";
export type { WriterStats } from "./src/video_writer.ts";
export { Recording } from "./src/recording.ts";
export type { RecordingState } from "./src/recording.ts";
export type { HistoryOptions, RecordOptions } from "./src/core/record_options.ts";
export type { PipeOptions, Transform, Transformed } from "./src/pipe.ts";
export type { FramesOptions, NextOptions, ReadOptions } from "./src/video_stream.ts";
export { Frame, FrameReleasedError } from "./src/frame.ts";
export type { FrameFields, TimeSource } from "./src/frame.ts";
export { StreamError } from "./src/core/errors.ts";
export type { StreamErrorCode, StreamErrorFields, StreamOperation } from "./src/core/errors.ts";
export type { PixelFormat } from "./src/core/formats.ts";
export { FrameTransform } from "./src/core/geometry.ts";
export type { Fit, Placement, Rect, Size } from "./src/core/geometry.ts";
export type { ImageType, SnapshotOptions } from "./src/core/image.ts";
export type { Libraries } from "./src/core/libraries.ts";
export type { Logger } from "./src/core/logger.ts";
export type { LatencyMode } from "./src/core/control.ts";
export type { ConnectionOptions } from "./src/core/connection_options.ts";
export type { DecodeOptions, DecodeSkip } from "./src/core/decode_options.ts";
export type { NativeOptions } from "./src/core/ffmpeg_options.ts";
export type { Convert, Latency, Transport, VideoStreamOptions } from "./src/core/options.ts";
export type { ReconnectOptions } from "./src/core/reconnect_options.ts";
export type { VideoCodec } from "./src/core/encoders.ts";
export type { QueueOptions, QueuePolicy, VideoWriterOptions } from "./src/core/publish_options.ts";
export type { Timestamps } from "./src/core/publish_clock.ts";
export type { StreamState, StreamStatus } from "./src/core/states.ts";
export type { StreamStats } from "./src/stream_stats.ts";
