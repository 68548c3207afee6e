// The chart of the READMEs: the time that each way to get a token takes, as an SVG for light and dark backgrounds.

const WIDTH = 760;
const LABELS = 210;
const VALUES = 90;
const ROW = 30;
const BAR = 18;

const PANELS = [
  {
    title: 'The plugin alone, each time kubectl asks it',
    rows: [
      ['hit', 'ekspress-exec, a hit', 'ours'],
      ['bash-jq', 'bash + jq script'],
      ['node', 'Node script'],
      ['aws', 'aws eks get-token'],
    ],
  },
  {
    title: 'kubectl get ns, on a real API server',
    rows: [
      ['kubectl-static', 'with a static token'],
      ['kubectl-hit', 'with ekspress-exec', 'ours'],
      ['kubectl-aws', 'with aws eks get-token'],
    ],
  },
];

/** Formats milliseconds: `2.1 ms`, `470 ms`. */
export function shown(ms) {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** The SVG for one recorded run. The length of a bar is proportional to its milliseconds, on one scale per panel. */
export function drawChart({ figures, machine }) {
  const parts = [];
  let y = 0;
  for (const { title, rows } of PANELS) {
    y += 34;
    parts.push(`<text class="title" x="0" y="${y}">${title}</text>`);
    y += 14;
    const longest = Math.max(...rows.map(([id]) => figures[id].ms));
    for (const [id, label, ours] of rows) {
      const { ms } = figures[id];
      const width = Math.max(1.5, (ms / longest) * (WIDTH - LABELS - VALUES)).toFixed(1);
      const middle = y + ROW / 2;
      const kind = ours ? 'ours' : 'theirs';
      parts.push(
        `<g data-id="${id}" data-ms="${ms}">`,
        `<text class="label ${kind}-label" x="${LABELS - 10}" y="${middle + 5}">${label}</text>`,
        `<rect class="${kind}" x="${LABELS}" y="${middle - BAR / 2}" width="${width}" height="${BAR}" rx="2"/>`,
        `<text class="value" x="${(LABELS + Number(width) + 8).toFixed(1)}" y="${middle + 5}">${shown(ms)}</text>`,
        '</g>',
      );
      y += ROW;
    }
  }
  const height = y + 14;
  const described = PANELS.map(
    ({ title, rows }) => `${title}: ${rows.map(([id, label]) => `${label} ${shown(figures[id].ms)}`).join(', ')}.`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title desc">
<title id="title">How long kubectl waits for a token</title>
<desc id="desc">Medians in milliseconds, shorter is better; Node ${machine.node.replace(/^v/, '')} on ${machine.cores} cores. ${described.join(' ')}</desc>
<style>
text { font: 14px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
.title { font-weight: 600; }
.label { text-anchor: end; }
.ours-label { font-weight: 600; }
.theirs { fill: #8c959f; }
.ours { fill: #1a7f37; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; }
.theirs { fill: #6e7681; }
.ours { fill: #3fb950; }
}
</style>
${parts.join('\n')}
</svg>
`;
}
