/** One point of a chart. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** One panel: what grows over what, both axes logarithmic. */
export interface Panel {
  readonly title: string;
  readonly yLabel: string;
  readonly points: readonly Point[];
}

const PANEL = { width: 400, height: 320 };
const MARGIN = { left: 64, right: 28, top: 40, bottom: 48 };
/** Colours by the reader's scheme: a vector image in a page takes the scheme of the browser. */
const STYLE = `
  svg { font: 12px sans-serif; }
  .back { fill: #fff; } .text { fill: #1f2328; } .quiet { fill: #59636e; }
  .grid { stroke: #d1d9e0; } .axis { stroke: #59636e; }
  .line { stroke: #0969da; fill: none; stroke-width: 2; } .dot { fill: #0969da; }
  @media (prefers-color-scheme: dark) {
    .back { fill: #0d1117; } .text { fill: #f0f6fc; } .quiet { fill: #9198a1; }
    .grid { stroke: #3d444d; } .axis { stroke: #9198a1; }
    .line { stroke: #4493f8; } .dot { fill: #4493f8; }
  }
`;

/**
 * Panels side by side as an SVG document, dark where the reader's scheme is.
 * @param xLabel what grows, with its unit @param caption one sentence below them
 */
export function growthChart(panels: readonly Panel[], xLabel: string, caption: string): string {
  const width = PANEL.width * panels.length;
  const height = PANEL.height + 28;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(panels.map(({ title }) => title).join("; "))}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="back" width="${width}" height="${height}"/>`,
    ...panels.map(
      (panel, at) =>
        `<g transform="translate(${at * PANEL.width} 0)">\n${panelOf(panel, xLabel)}\n</g>`,
    ),
    `<text class="quiet" x="${MARGIN.left}" y="${height - 10}">${escaped(caption)}</text>`,
    "</svg>\n",
  ].join("\n");
}

/** Powers of ten that enclose all values. @throws Error for values of which there is no logarithm */
export function decades(values: readonly number[]): readonly [from: number, to: number] {
  if (!values.every((value) => value > 0)) throw new Error(`not above 0: ${values.join(", ")}`);
  const from = Math.floor(Math.log10(Math.min(...values)));
  const to = Math.ceil(Math.log10(Math.max(...values)));
  return [from, Math.max(to, from + 1)];
}

function panelOf({ title, yLabel, points }: Panel, xLabel: string): string {
  const bottom = PANEL.height - MARGIN.bottom;
  const right = PANEL.width - MARGIN.right;
  const [x, y] = [
    scale(decades(points.map((point) => point.x)), MARGIN.left, right),
    scale(decades(points.map((point) => point.y)), bottom, MARGIN.top),
  ];
  const path = points.map(
    (point, at) => `${at === 0 ? "M" : "L"}${x.of(point.x)} ${y.of(point.y)}`,
  );
  const middle = (MARGIN.top + bottom) / 2;
  return [
    `<text class="text" x="${MARGIN.left}" y="22" font-weight="bold">${escaped(title)}</text>`,
    ...x.ticks.map(
      (tick) =>
        `<line class="grid" x1="${x.of(tick)}" x2="${x.of(tick)}" y1="${MARGIN.top}" y2="${bottom}"/>` +
        `<text class="quiet" x="${x.of(tick)}" y="${bottom + 18}" text-anchor="middle">${written(tick)}</text>`,
    ),
    ...y.ticks.map(
      (tick) =>
        `<line class="grid" x1="${MARGIN.left}" x2="${right}" y1="${y.of(tick)}" y2="${y.of(tick)}"/>` +
        `<text class="quiet" x="${MARGIN.left - 8}" y="${y.of(tick) + 4}" text-anchor="end">${written(tick)}</text>`,
    ),
    `<path class="axis" fill="none" d="M${MARGIN.left} ${MARGIN.top}V${bottom}H${right}"/>`,
    `<path class="line" d="${path.join("")}"/>`,
    ...points.map((point) => {
      const [left, top] = [x.of(point.x), y.of(point.y)];
      // Beside the last point there is no room to the right.
      const [anchor, shift] = left > right - 40 ? ["end", -8] : ["start", 8];
      return (
        `<circle class="dot" cx="${left}" cy="${top}" r="3.5"/>` +
        `<text class="text" x="${left + shift}" y="${top - (anchor === "end" ? 8 : -14)}" text-anchor="${anchor}">${written(point.y)}</text>`
      );
    }),
    `<text class="text" x="${(MARGIN.left + right) / 2}" y="${PANEL.height - 8}" text-anchor="middle">${escaped(xLabel)}</text>`,
    `<text class="text" x="16" y="${middle}" text-anchor="middle" transform="rotate(-90 16 ${middle})">${escaped(yLabel)}</text>`,
  ].join("\n");
}

/** A logarithmic scale over whole decades. */
function scale([from, to]: readonly [from: number, to: number], start: number, end: number) {
  const of = (value: number) =>
    Number((start + ((Math.log10(value) - from) / (to - from)) * (end - start)).toFixed(1));
  return { of, ticks: Array.from({ length: to - from + 1 }, (_, at) => 10 ** (from + at)) };
}

/** Three digits at most, thousands parted. */
function written(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString("en");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
