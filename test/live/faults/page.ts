/** The catalogue as a page: what the tables say, which the tests hold against what happens. */

import type { Fault, Table } from "./fault.ts";
import { stateAfter } from "./happen.ts";
import type { Stop } from "./stops.ts";

const HEAD = `# Faults

What goes wrong with cameras, servers and lines, and what a program sees of it. Every row happens in
a test, in Deno, Bun and Node (\`test/live/faults\`). \`./run faults\` lets all of them happen and
writes this page.

- **code** and **retried** are \`error.code\` and \`error.retryable\` of the \`StreamError\`.
- **events** are those of \`status()\`, in their order: from the start on, or from the fault on where
  the stream runs. \`waiting\` and \`resumed\` may come between them, when nothing is delivered for two
  seconds or more. **state** is the stream's after the last of them.
- **seen** is when: at once, as soon as the network or the system tells; or after the time of an
  option, which is its deadline, whatever the server does meanwhile.
- **recovery** is "by itself" where attempts go on, \`reconnect.delay\` after one another, and frames
  come again as soon as the fault is mended; "retried" where attempts go on, and the test mends
  nothing; "never" where no other attempt is made; "not needed" where frames come all the same.
`;

const STOP_HEAD = `## Stopping a stream

\`stop()\` returns within this time, in every state. Until then a pending \`ready\` has rejected with
\`ABORTED\`, a pending \`next()\` with \`CLOSED\`, and loops have ended; the thread and its connections
are gone. Where it is \`closeTimeout\`, libav cannot be interrupted: the thread is left behind, which
the log says, and goes when libav returns.
`;

type Cell = string;

/** As \`deno fmt\` lays tables out. */
function table(head: readonly Cell[], rows: readonly (readonly Cell[])[]): string {
  const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly Cell[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |\n`;
  return line(head) + line(widths.map((width) => "-".repeat(width))) + rows.map(line).join("");
}

function code(word: string): Cell {
  return `\`${word}\``;
}

function bound(within: string): Cell {
  return /^\w+$/.test(within) ? code(within) : within;
}

function row(fault: Fault): Cell[] {
  const { over, wrong, retryable, events, within, recovery } = fault;
  return [
    over,
    wrong,
    fault.code ? code(fault.code) : "none",
    retryable === undefined ? "" : retryable ? "yes" : "no",
    events === "" ? "none" : events.split(" ").map(code).join(", "),
    code(stateAfter(events)),
    fault.code ? bound(within) : "",
    recovery,
  ];
}

const COLUMNS = ["over", "what is wrong", "code", "retried", "events", "state", "seen", "recovery"];

export function page(tables: readonly Table[], stops: readonly Stop[]): string {
  const parts = tables.map(({ title, faults }) =>
    `## ${title}\n\n${table(COLUMNS, faults.map(row))}`
  );
  const rows = stops.map(({ over, when, within }) => [over, when, bound(within)]);
  return [HEAD, ...parts, STOP_HEAD, table(["over", "while", "within"], rows)].join("\n");
}
