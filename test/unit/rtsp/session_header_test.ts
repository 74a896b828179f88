/** The Session field (RFC 2326, section 12.37). */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { parseSessionHeader } from "../../../src/core/rtsp/session_header.ts";

const CASES: readonly (readonly [value: string | undefined, id?: string, timeout?: number])[] = [
  ["12345678", "12345678", 60_000],
  ["12345678;timeout=30", "12345678", 30_000],
  ["       1185967890;timeout=60", "1185967890", 60_000],
  ["KTL_fG-v.j$+; Timeout = 90", "KTL_fG-v.j$+", 90_000],
  ['1;a=b;timeout="10"', "1", 10_000],
  ["1;timeout=0", "1", 60_000],
  ["1;timeout=-5", "1", 60_000],
  ["1;timeout=soon", "1", 60_000],
  ["1;timeout=1;timeout=9", "1", 1000],
  ["1;;;", "1", 60_000],
  [""],
  [";timeout=5"],
  [undefined],
];

for (const [value, id, timeout] of CASES) {
  test(`a session named by: ${value}`, () => {
    assertEquals(
      parseSessionHeader(value),
      id === undefined ? undefined : { id, timeout: timeout! },
    );
  });
}
