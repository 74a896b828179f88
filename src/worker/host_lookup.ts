/**
 * Looks a host up before libav does: libav's look-up cannot be interrupted, and
 * reports only "I/O error" for a host that does not exist.
 *
 * @module
 */

import { SessionError } from "../av/check.ts";
import type { MediaUrl } from "../core/connection/url.ts";
import type { ControlBlock } from "../core/shared/control_block.ts";
import { runtime } from "../runtime/mod.ts";

const ADDRESS = /^[\d.]+$|:/;

/**
 * Whether the attempt goes on: the host has an address, and no stop was asked for. After one,
 * libav must not be entered: its own look-up of the same name would not hear of it.
 *
 * @throws {SessionError} `UNREACHABLE` for a host that does not exist
 */
export async function lookUpHost(media: MediaUrl, control: ControlBlock): Promise<boolean> {
  const { host } = media;
  if (host === undefined || ADDRESS.test(host) || !runtime.mayLookUp(host)) return true;
  // Only now: most cameras have an address, and it takes long to load.
  const { lookup } = await import("node:dns/promises");
  const found = lookup(host).then(() => undefined, (error: { code?: string }) => error.code);
  const failure = await Promise.race([found, stopRequested(control, found)]);
  if (failure === "ENOTFOUND" || failure === "EAI_AGAIN" || failure === "ENODATA") {
    throw noHost(media, failure);
  }
  return !control.stopRequested;
}

/** @param code of the look-up: `"ENOTFOUND"` */
export function noHost({ host, doubtful }: MediaUrl, code: string): SessionError {
  const hint = doubtful
    ? `; if that is a part of a user name or password, write each / ? # @ in them ` +
      `percent-encoded, or pass them as the options "username" and "password"`
    : "";
  return new SessionError("open", "UNREACHABLE", `no host ${host} (${code})${hint}`);
}

/** Resolves once a stop was asked for; gives up watching when `done` is settled. */
async function stopRequested(control: ControlBlock, done: Promise<unknown>): Promise<void> {
  let watching = true;
  void done.then(() => {
    watching = false;
    control.release.signal();
  });
  while (watching && !control.stopRequested) {
    const seen = control.release.count;
    if (control.stopRequested) return;
    await control.release.wait(seen);
  }
}
