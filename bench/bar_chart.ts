/** Horizontal bars on a logarithmic scale, as an SVG: too few lines to take a library for. */

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** Where the thin line after the bar ends. */
  readonly whisker?: number | undefined;
  readonly highlight: boolean;
}

export interface BarGroup {
  readonly title: string;
  readonly bars: readonly Bar[];
}

export interface BarChart {
  readonly title: string;
  readonly subtitle: string;
  readonly unit: string;
  readonly groups: readonly BarGroup[];
}

const WIDTH = 900;
const LABELS = 320;
const VALUES = 90;
const PLOT = WIDTH - LABELS - VALUES;
const ROW = 20;
const HEAD = 64;
const GROUP_HEAD = 34;
const FOOT = 34;
const COLOURS = { highlight: "#1a7f5a", other: "#9aa5b1", ink: "#1f2933", rule: "#e4e7eb" };

export function barChart({ title, subtitle, unit, groups }: BarChart): string {
  const scale = logarithmic(groups.flatMap(({ bars }) => bars).flatMap(ends));
  const rows = groups.reduce((sum, { bars }) => sum + GROUP_HEAD + bars.length * ROW, 0);
  const height = HEAD + rows + FOOT;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" ` +
    `width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="12" ` +
    `fill="${COLOURS.ink}">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    text(16, 26, title, 'font-size="17" font-weight="600"'),
    text(16, 46, subtitle),
  ];
  for (const tick of scale.ticks) {
    const x = round(LABELS + scale.place(tick) * PLOT);
    parts.push(
      `<line x1="${x}" x2="${x}" y1="${HEAD}" y2="${HEAD + rows}" stroke="${COLOURS.rule}"/>`,
      text(x, height - FOOT + 18, `${tick} ${unit}`, 'text-anchor="middle"'),
    );
  }
  let y = HEAD;
  for (const group of groups) {
    parts.push(text(16, y + GROUP_HEAD - 10, group.title, 'font-size="14" font-weight="600"'));
    y += GROUP_HEAD;
    for (const bar of group.bars) {
      parts.push(...drawBar(bar, y, scale.place));
      y += ROW;
    }
  }
  return [...parts, "</svg>", ""].join("\n");
}

function drawBar(bar: Bar, y: number, place: (value: number) => number): string[] {
  const colour = bar.highlight ? COLOURS.highlight : COLOURS.other;
  const end = LABELS + place(bar.value) * PLOT;
  const far = LABELS + place(bar.whisker ?? bar.value) * PLOT;
  const weight = bar.highlight ? 'font-weight="600"' : "";
  return [
    text(LABELS - 8, y + 14, bar.label, `text-anchor="end" ${weight}`),
    `<rect x="${LABELS}" y="${y + 3}" width="${round(end - LABELS)}" height="${ROW - 6}" ` +
    `fill="${colour}"/>`,
    `<line x1="${round(end)}" x2="${round(far)}" y1="${y + ROW / 2}" y2="${y + ROW / 2}" ` +
    `stroke="${colour}" stroke-width="2"/>`,
    text(round(Math.max(end, far) + 6), y + 14, bar.value.toFixed(1), weight),
  ];
}

interface Scale {
  readonly ticks: readonly number[];
  /** 0 to 1. */
  place(value: number): number;
}

/** From the power of ten below all values to the one above them. */
function logarithmic(values: readonly number[]): Scale {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  const place = (value: number) => (Math.log10(value) - low) / (high - low);
  const ticks = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
  return { ticks, place };
}

function ends({ value, whisker }: Bar): number[] {
  return whisker === undefined ? [value] : [value, whisker];
}

function text(x: number, y: number, content: string, attributes = ""): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escape(content)}</text>`;
}

function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
