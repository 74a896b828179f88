/** Links of documents that are read outside the repository. */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { absoluteLinks } from "../../pack/links.ts";

const AT = "https://example.org/us/it";

for (
  const [link, expected] of [
    ["[a](docs/b.md#c)", `[a](${AT}/blob/main/docs/b.md#c)`],
    ["[a](./b)", `[a](${AT}/blob/main/b)`],
    ["![a](b/c.svg)", `![a](${AT}/raw/main/b/c.svg)`],
    ["[a](b.PNG)", `[a](${AT}/raw/main/b.PNG)`],
    ["[a](#here)", "[a](#here)"],
    ["[a](https://elsewhere.example/b)", "[a](https://elsewhere.example/b)"],
    ["[a](mailto:b@c.example)", "[a](mailto:b@c.example)"],
    ["x(y) and `f(z)`", "x(y) and `f(z)`"],
  ] as const
) {
  test(`${link} outside the repository`, () => {
    assertEquals(absoluteLinks(`before ${link} behind`, AT), `before ${expected} behind`);
  });
}
