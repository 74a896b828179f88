/** Which files have tests. */

import { readdirSync, statSync } from "node:fs";

/** The files among these paths, and all with tests in the folders among them. */
export function testFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path, { recursive: true, encoding: "utf8" })
      .filter((name) => /[._]test\.ts$/.test(name) && !name.includes("node_modules"))
      .map((name) => `${path.replace(/\/$/, "")}/${name}`)
      .toSorted();
  });
}
