/**
 * Chooses the encoder of an attempt.
 *
 * @module
 */

import type { Libav } from "../../../ffi/mod.ts";
import { CallError, SessionError } from "../../av/check.ts";
import { colorOptions } from "../../av/color.ts";
import { Encoder, type EncoderRequest } from "../../av/encoder.ts";
import { valueRefused } from "../../av/option_values.ts";
import { assertPixelFormat } from "../../av/pixel_format.ts";
import { type EncoderChoice, encoderChoices } from "../../core/output/encoders.ts";
import { type Rational, rationalRate } from "../../core/timing/rational.ts";
import type { WriteRequest } from "../../thread/write_protocol.ts";

/** An encoder that works here. */
export interface OpenedEncoder {
  /** Owned: dispose of it. */
  readonly encoder: Encoder;
  readonly choice: EncoderChoice;
}

/**
 * Opens the first encoder that is there and works: a driver may lack its hardware.
 *
 * @param ticks units of a frame's time, each second
 * @throws {SessionError} `UNSUPPORTED_CODEC`, `OPTION_UNKNOWN`
 */
export function openEncoder(libav: Libav, request: WriteRequest, ticks: Rational): OpenedEncoder {
  const { codec, width, height, format, output, pixelFormat } = request;
  assertPixelFormat(libav, pixelFormat);
  const failures: string[] = [];
  let refusal: SessionError | undefined;
  const { live } = output;
  for (const choice of encoderChoices({ ...request, live, prompt: live || request.fragmented })) {
    const wanted = {
      encoder: choice.name,
      width,
      height,
      pixelFormat: choice.pixelFormat,
      frameRate: rationalRate(request.fps),
      timeBase: { num: ticks.den, den: ticks.num },
      options: { ...colorOptions(codec, height, format), ...choice.options },
      required: request.ffmpeg.codec,
      globalHeader: output.globalHeader,
    };
    try {
      return { encoder: Encoder.open(libav, wanted), choice };
    } catch (error) {
      if (!(error instanceof CallError) && !(error instanceof SessionError)) throw error;
      if (error instanceof SessionError && error.code === "OPTION_UNKNOWN") throw error;
      if (error instanceof CallError) {
        assertValues(libav, wanted);
        refusal ??= tuningRefused(libav, wanted, request);
      }
      failures.push(`${choice.name}: ${error.message}`);
    }
  }
  // Another encoder may have taken it.
  if (refusal !== undefined) throw refusal;
  const pixels = pixelFormat === undefined ? "" : ` with the pixelFormat "${pixelFormat}"`;
  throw new SessionError(
    "open",
    "UNSUPPORTED_CODEC",
    `no encoder for ${codec} ${width}x${height}${pixels} works here (${failures.join("; ")})`,
  );
}

/**
 * Looks for the option without which the encoder works: what a library such as x264 makes of a
 * value is known to itself alone.
 *
 * @throws {SessionError} `OPTION_UNKNOWN`
 */
function assertValues(libav: Libav, wanted: EncoderRequest): void {
  const { required = {} } = wanted;
  const culprit = Object.keys(required).find((name) => {
    return works(libav, { ...wanted, required: without(required, name) });
  });
  if (culprit !== undefined) throw valueRefused(culprit);
}

/** The error of a `preset` or `tune` that the encoder does not have. */
function tuningRefused(
  libav: Libav,
  wanted: EncoderRequest,
  request: WriteRequest,
): SessionError | undefined {
  const culprit = (["preset", "tune"] as const).find((name) => {
    return request[name] !== undefined &&
      works(libav, { ...wanted, options: without(wanted.options, name) });
  });
  if (culprit === undefined) return undefined;
  const reason = `the encoder ${wanted.encoder} does not take the ${culprit} "${request[culprit]}"`;
  return new SessionError("open", "OPTION_UNKNOWN", reason);
}

function works(libav: Libav, request: EncoderRequest): boolean {
  try {
    using encoder = Encoder.open(libav, request);
    return encoder !== undefined;
  } catch {
    return false;
  }
}

type Options = Readonly<Record<string, string>>;

function without(options: Options, name: string): Options {
  const { [name]: _, ...others } = options;
  return others;
}
