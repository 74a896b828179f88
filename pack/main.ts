/** Makes what is published: the form for JSR and that for npm, whose path is the last line. */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { makeJsrForm } from "./jsr_form.ts";
import { makeNpmForm } from "./npm_form.ts";
import { ROOT } from "./sources.ts";

const directory = process.argv[2] ?? join(ROOT, ".packed");
await mkdir(directory, { recursive: true });
console.log(await makeJsrForm(directory));
console.log(await makeNpmForm(directory));
