import { escapeHtml } from '@/lib/escape-html';

/** Horizontal bars as a plain SVG. It has its own background and colours for light and dark mode, so it is readable anywhere. */
export type Chart = {
  title: string;
  unit: string;
  /** The name of each bar in a row. A single series has no legend. */
  series: string[];
  rows: { label: string; values: (number | undefined)[] }[];
  /** A vertical reference line. */
  mark?: { at: number; label: string };
};

const WIDTH = 760;
const LEFT = 230;
const RIGHT = 90;
const BAR = 14;
const GAP = 12;
const TOP = 66;

const STYLE = `
  svg { --ground: #ffffff; --ink: #1f2328; --quiet: #59636e; --line: #d1d9e0; --mark: #bc4c00; --s0: #0969da; --s1: #6e9bd8; --s2: #b6cdea; }
  @media (prefers-color-scheme: dark) {
    svg { --ground: #0d1117; --ink: #f0f6fc; --quiet: #9198a1; --line: #3d444d; --mark: #f0883e; --s0: #4493f8; --s1: #2f64ad; --s2: #23436f; }
  }
  text { font: 13px system-ui, sans-serif; fill: var(--ink); }
  .title { font-weight: 600; font-size: 15px; }
  .quiet { fill: var(--quiet); font-size: 12px; }
  .mark { fill: var(--mark); font-size: 12px; }`;

export function barChart({ title, unit, series, rows, mark }: Chart): string {
  const rowHeight = series.length * BAR + GAP;
  const height = TOP + rows.length * rowHeight + 34;
  const most = niceAbove(Math.max(mark?.at ?? 0, ...rows.flatMap(({ values }) => values.map((value) => value ?? 0))));
  const x = (value: number) => LEFT + (value / most) * (WIDTH - LEFT - RIGHT);
  const bottom = height - 34;

  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = x(most * share).toFixed(1);
    return `<line x1="${at}" y1="${TOP - 6}" x2="${at}" y2="${bottom}" stroke="var(--line)"/><text class="quiet" x="${at}" y="${bottom + 18}" text-anchor="middle">${label(most * share)}</text>`;
  });
  const bars = rows.map(({ label: name, values }, i) => {
    const top = TOP + i * rowHeight;
    const middle = top + (series.length * BAR) / 2 + 4;
    const own = values.map((value, s) => {
      if (value === undefined) return '';
      const y = top + s * BAR;
      return `<rect x="${LEFT}" y="${y + 1}" width="${(x(value) - LEFT).toFixed(1)}" height="${BAR - 2}" rx="2" fill="var(--s${s})"/><text class="quiet" x="${(x(value) + 5).toFixed(1)}" y="${y + 11}">${label(value)}</text>`;
    });
    return `<text x="${LEFT - 10}" y="${middle}" text-anchor="end">${escapeHtml(name)}</text>${own.join('')}`;
  });
  const legend =
    series.length < 2
      ? ''
      : series
          .map(
            (name, s) =>
              `<rect x="${LEFT + s * 130}" y="38" width="10" height="10" rx="2" fill="var(--s${s})"/><text class="quiet" x="${LEFT + s * 130 + 15}" y="47">${escapeHtml(name)}</text>`,
          )
          .join('');
  const line = mark
    ? `<line x1="${x(mark.at).toFixed(1)}" y1="${TOP - 8}" x2="${x(mark.at).toFixed(1)}" y2="${bottom}" stroke="var(--mark)" stroke-dasharray="4 3"/><text class="mark" x="${x(mark.at).toFixed(1)}" y="${TOP - 12}" text-anchor="middle">${escapeHtml(mark.label)}</text>`
    : '';
  const nothing = rows.length === 0 ? `<text class="quiet" x="16" y="52">Not measured yet.</text>` : '';
  const said = escapeHtml(`${title}, ${unit}`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${said}">
<style>${STYLE}
</style>
<rect width="${WIDTH}" height="${height}" rx="6" fill="var(--ground)"/>
<text class="title" x="16" y="26">${escapeHtml(title)}</text><text class="quiet" x="${WIDTH - 16}" y="26" text-anchor="end">${escapeHtml(unit)}</text>
${[nothing, legend, ...grid, ...bars, line].filter(Boolean).join('\n')}
</svg>
`;
}

/** The next higher value in the sequence 1, 2, 2.5, 4, 5, 8, 10 … */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value || 1));
  return power * ([1, 2, 2.5, 4, 5, 8, 10].find((step) => step * power >= value) ?? 10);
}

const label = (value: number): string =>
  value >= 1_000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
