/** Writing into a file that is played afterwards. */

import type { Frame, VideoWriter } from "../../../mod.ts";
import { within } from "../../support/waiting.ts";

/** Writes when there is a place. */
export async function put(writer: VideoWriter, picture: Frame | Uint8Array): Promise<boolean> {
  await within("a place", writer.drain());
  return writer.write(picture);
}
