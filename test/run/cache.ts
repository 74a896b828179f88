/** What is kept between two runs: deleting it is safe. */

import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";

export const CACHE: string = join(
  process.env.XDG_CACHE_HOME || join(homedir(), ".cache"),
  "rtsp-stream",
);
