// An animated SVG of a terminal: each screen is a group of text that is visible for its time. Where a reader has asked for
// less motion, the last screen is shown.

const [WIDTH, HEIGHT, MARGIN] = [8.4, 18, 16];
const BASE = '#e6edf3';
const COLOURS = ['#484f58', '#ff7b72', '#3fb950', '#d29922', '#58a6ff', '#bc8cff', '#39c5cf', '#b1bac4'];
const BRIGHT = ['#8b949e', '#ffa198', '#56d364', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd', '#ffffff'];

/**
 * @param {readonly { text: string, ms: number }[]} frames screens as `tmux capture-pane -e` prints them
 * @param {{ columns: number, rows: number, title: string, description: string }} options
 */
export function terminalPicture(frames, { columns, rows, title, description }) {
  const [width, height] = [Math.ceil(columns * WIDTH + 2 * MARGIN), rows * HEIGHT + 2 * MARGIN];
  const whole = frames.reduce((sum, { ms }) => sum + ms, 0);
  const share = (ms) => `${((100 * ms) / whole).toFixed(3)}%`;
  const rules = [];
  const groups = [];
  let at = 0;
  for (const [index, { text, ms }] of frames.entries()) {
    const [from, to] = [share(at), share(at + ms)];
    const last = index === frames.length - 1;
    const before = at === 0 ? '' : '0%{opacity:0}';
    rules.push(
      `@keyframes f${index}{${before}${from}{opacity:1}${last ? '100%{opacity:1}' : `${to}{opacity:0}100%{opacity:0}`}}`,
    );
    rules.push(`.f${index}{animation:f${index} ${(whole / 1000).toFixed(2)}s steps(1,end) infinite}`);
    groups.push(`<g class="f f${index}${last ? ' last' : ''}">\n${lines(text)}</g>`);
    at += ms;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">
<title id="title">${escaped(title)}</title>
<desc id="desc">${escaped(description)}</desc>
<style>
text { font: 14px ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: ${BASE}; white-space: pre; }
.f { opacity: 0; }
@media (prefers-reduced-motion: no-preference) {
${rules.join('\n')}
}
@media (prefers-reduced-motion: reduce) { .last { opacity: 1; } }
</style>
<rect width="${width}" height="${height}" rx="8" fill="#0d1117" stroke="#30363d"/>
${groups.join('\n')}
</svg>
`;
}

function lines(text) {
  return text
    .split('\n')
    .map((line, row) => {
      const parts = spans(line);
      return parts === ''
        ? ''
        : `<text x="${MARGIN}" y="${MARGIN + 14 + row * HEIGHT}" xml:space="preserve">${parts}</text>\n`;
    })
    .join('');
}

/** The parts of a line, each with its colour. Every part has its place, because fonts differ in width. */
function spans(line) {
  let [style, column, result] = [{}, 0, ''];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's colours
  for (const part of line.split(/(\x1b\[[\d;]*m)/)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's colours
    const codes = /^\x1b\[([\d;]*)m$/.exec(part);
    if (codes) style = codes[1].split(';').reduce(changed, style);
    else if (part !== '') {
      const text = part.trimEnd();
      if (text !== '')
        result += `<tspan x="${(MARGIN + column * WIDTH).toFixed(1)}" textLength="${(text.length * WIDTH).toFixed(1)}"${attributes(style)}>${escaped(text)}</tspan>`;
      column += part.length;
    }
  }
  return result;
}

function changed(style, code) {
  const number = Number(code);
  if (number === 0) return {};
  if (number === 1) return { ...style, bold: true };
  if (number === 2) return { ...style, dim: true };
  if (number === 22) return { ...style, bold: false, dim: false };
  if (number === 39) return { ...style, colour: undefined };
  if (number >= 30 && number <= 37) return { ...style, colour: COLOURS[number - 30] };
  if (number >= 90 && number <= 97) return { ...style, colour: BRIGHT[number - 90] };
  return style;
}

const attributes = ({ bold, dim, colour }) =>
  `${colour ? ` fill="${colour}"` : ''}${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.65"' : ''}`;

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
