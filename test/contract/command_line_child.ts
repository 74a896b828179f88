/** Prints the words of its own command. */

import { commandLine } from "../../ffi/backend/command_line.ts";
import { loadBackend } from "../../ffi/backend/mod.ts";

console.log(JSON.stringify(commandLine(loadBackend())));
