import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { parameterSetsOf } from "../../../src/core/bitstream/parameter_sets.ts";

const START = [0, 0, 0, 1];
const SHORT_START = [0, 0, 1];
const SPS = [0x67, 66, 0, 30, 0, 0, 3, 1, 9];
const PPS = [0x68, 0xce, 0x3c, 0x80];
const AUD = [0x09, 0xf0];
const IDR = [0x65, 0x88, 0, 1, 2];

test("H.264: what stands before the first slice, with start codes of either length", () => {
  const unit = [...START, ...AUD, ...START, ...SPS, ...SHORT_START, ...PPS, 0, ...SHORT_START];
  const sets = parameterSetsOf("h264", Uint8Array.from([...unit, ...IDR, ...START, ...SPS]));
  assertEquals([...sets!], [...START, ...SPS, ...START, ...PPS]);
});

test("HEVC: VPS, SPS and PPS", () => {
  const sets = [32, 33, 34].flatMap((type) => [...START, type << 1, 1, type, 0x80]);
  const unit = Uint8Array.from([...sets, ...START, 39 << 1, 1, 5, ...START, 19 << 1, 1, 0xaf]);
  assertEquals([...parameterSetsOf("hevc", unit)!], sets);
});

test("none: a picture alone, and units with lengths", () => {
  assertEquals(parameterSetsOf("h264", Uint8Array.from([...START, ...IDR])), undefined);
  const lengths = Uint8Array.from([0, 0, 0, SPS.length, ...SPS, 0, 0, 0, PPS.length, ...PPS]);
  assertEquals(parameterSetsOf("h264", lengths), undefined);
  assertEquals(parameterSetsOf("h264", new Uint8Array()), undefined);
});

test("a first start code of three bytes, which a length can look like", () => {
  const sets = [...SHORT_START, ...SPS, ...START, ...PPS];
  const found = parameterSetsOf("h264", Uint8Array.from([...sets, ...START, ...IDR]));
  assertEquals([...found!], [...START, ...SPS, ...START, ...PPS]);
  const long = [...SPS, ...Array<number>(256).fill(0xff)];
  const lengths = Uint8Array.from([0, 0, 1, long.length - 256, ...long, 0, 0, 0, 5, ...IDR]);
  assertEquals(parameterSetsOf("h264", lengths), undefined);
});
