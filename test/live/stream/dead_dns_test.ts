/** A name server that says nothing. */

import { assertEquals, assertLess } from "@std/assert";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Child } from "../../support/child.ts";
import { scriptCommand } from "../../support/process.ts";
import { within } from "../../support/waiting.ts";
import { SLOW, TemporaryDirectory } from "../reading.ts";

/** Of this process: others test at the same time. */
const ADDRESS = `127.9.${process.pid >> 8 & 255}.${process.pid & 255}`;
const script = fileURLToPath(new URL("../fixtures/dead_dns.ts", import.meta.url));
/** The process has a resolv.conf of its own, with a port below 1024: both are root's to make. */
const skip = process.getuid?.() === 0 ? false : "needs root";

interface Took {
  readonly ms: number;
  readonly code?: string;
}

test("a name that nobody answers for holds nothing up", { ...SLOW, skip }, async () => {
  await using directory = await TemporaryDirectory.make();
  const conf = directory.file("resolv.conf");
  await writeFile(conf, `nameserver ${ADDRESS}\n`);
  const silent = createSocket("udp4");
  silent.bind(53, ADDRESS);
  await once(silent, "listening");
  try {
    const place = 'mount --bind "$0" /etc/resolv.conf && exec "$@"';
    const words = ["--mount", "sh", "-c", place, conf, ...scriptCommand(), script];
    await using child = new Child("unshare", words);
    const { code } = await within("the end of the program", child.exited, 35_000);
    assertEquals(code, 0, child.stderr);
    const { opening, stopping, closing }: Record<string, Took> = JSON.parse(child.stdout);
    const codes = [opening!.code, stopping!.code, closing!.code];
    assertEquals(codes, ["OPEN_TIMEOUT", undefined, "WRITE_TIMEOUT"]);
    // The bounds lie below the time-outs after which a thread is left behind.
    assertLess(opening!.ms, 15_000);
    assertLess(stopping!.ms, 15_000);
    assertLess(closing!.ms, 9_500);
  } finally {
    silent.close();
  }
});
