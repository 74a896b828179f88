/** How Dockerfiles are read for the test of the examples. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { isSent, parseDockerfile } from "./dockerfile.ts";

const EXAMPLES = fileURLToPath(new URL("../../../examples/docker/", import.meta.url));

test("stages, continued lines, comments, flags and both forms of a command", () => {
  const stages = parseDockerfile(`# a comment
FROM one:1-slim AS build

RUN a \\
  # between
  && b
copy --from=x --chown=1:1 /a /b
FROM two
CMD ["c", "d e"]
`);
  assertEquals(stages, [
    {
      image: "one:1-slim",
      name: "build",
      steps: [
        { name: "RUN", flags: {}, form: "shell", words: ["a   && b"] },
        {
          name: "COPY",
          flags: { from: "x", chown: "1:1" },
          form: "words",
          words: ["/a", "/b"],
        },
      ],
    },
    {
      image: "two",
      name: undefined,
      steps: [{ name: "CMD", flags: {}, form: "exec", words: ["c", "d e"] }],
    },
  ]);
});

test("what is no Dockerfile is refused", () => {
  for (const text of ["", "# nothing", "RUN a\nFROM b", "FROM a BY b"]) {
    assertThrows(() => parseDockerfile(text), Error);
  }
});

test("the last line of a .dockerignore that fits decides", () => {
  const file = "# all but one\n*\n!kept.ts\nkept.ts.bak\n";
  assertEquals(["kept.ts", "other.ts", "kept.ts.bak"].map((name) => isSent(file, name)), [
    true,
    false,
    false,
  ]);
  assert(isSent("*.log\nnode_modules\n", "a.ts"));
  assert(!isSent("*.log\nnode_modules\n", "node_modules/a/b.js"));
});

test("the builder is sent what the examples copy, and not what they have installed", () => {
  const ignore = readFileSync(join(EXAMPLES, ".dockerignore"), "utf8");
  for (const name of ["node_modules/@x/rtsp-stream/package.json", "README.md", ".env"]) {
    assert(!isSent(ignore, name), name);
  }
  const files = readdirSync(EXAMPLES).filter((name) => name.endsWith(".Dockerfile"));
  assertEquals(files.length, 5);
  for (const file of files) {
    const stages = parseDockerfile(readFileSync(join(EXAMPLES, file), "utf8"));
    const copied = stages.flatMap(({ steps }) => steps)
      .filter(({ name, flags }) => name === "COPY" && flags.from === undefined)
      .flatMap(({ words }) => words.slice(0, -1));
    assertEquals(copied, ["package.json", "camera.ts"], file);
    assertEquals(copied.filter((name) => !isSent(ignore, name)), [], file);
  }
});
