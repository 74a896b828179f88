/** How a command is run in a root as in a container. */

import { fileURLToPath } from "node:url";
import type { Image } from "./builder.ts";

const CONTAIN = fileURLToPath(new URL("contain.sh", import.meta.url));

/** The words that run the image's command as the first process of a name space. */
export function containedIn({ root, user, directory, env, command }: Image): string[] {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return [
    ...["unshare", "--mount", "--pid", "--fork", "--kill-child", "--"],
    ...["env", "-i", ...variables],
    ...["sh", CONTAIN, root, user, directory, ...command],
  ];
}
