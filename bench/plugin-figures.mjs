// npm run bench:figures: measures the plugin and its rivals in one run. Writes docs/figures/plugin.json, its chart, and
// the paragraphs of the READMEs. --draw: does not measure and uses the existing JSON. --check: writes nothing, and
// fails if the chart or a README differs from the JSON.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { drawChart } from './plugin-chart.mjs';
import { pluginHit } from './plugin-hit.mjs';
import { pluginKubectl } from './plugin-kubectl.mjs';
import { writeParagraphs } from './plugin-paragraphs.mjs';
import { root } from './sandbox.mjs';

const [order = ''] = process.argv.slice(2);
const json = join(root, 'docs', 'figures', 'plugin.json');

if (order === '') writeFileSync(json, `${JSON.stringify(await measured(), null, 2)}\n`);
const recorded = JSON.parse(readFileSync(json, 'utf8'));
const pages = ['README.md', 'README.ko.md', 'README.zh.md'].map((page) => {
  const text = readFileSync(join(root, page), 'utf8');
  return { name: page, text: writeParagraphs(page, text, recorded) };
});
const files = [{ name: 'docs/figures/plugin.svg', text: drawChart(recorded) }, ...pages];
for (const { name, text } of files) {
  const path = join(root, name);
  if (order !== '--check') {
    writeFileSync(path, text);
  } else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    console.error(`${name} differs from docs/figures/plugin.json. Run: npm run bench:figures -- --draw`);
    process.exitCode = 1;
  }
}
if (order === '') console.log(JSON.stringify(recorded.figures, null, 2));

async function measured() {
  const load = loadavg()[0];
  if (load > 0.5 * cpus().length)
    console.log(`this machine is busy (load ${load.toFixed(1)}); the ratios are less accurate`);
  // Node 20 reads these certificates at every start, which would make Node look slower than on other machines.
  delete process.env.NODE_EXTRA_CA_CERTS;
  const rows = [...(await pluginHit()), ...(await pluginKubectl())];
  const wanted = ['sh', 'hit', 'node', 'bash-jq', 'aws', 'kubectl-static', 'kubectl-hit', 'kubectl-aws'];
  const missing = wanted.filter((id) => !rows.some((row) => row.id === id));
  if (missing.length > 0) throw new Error(`not measured, so nothing is written: ${missing.join(', ')}`);
  const figures = rows.map(({ id, ms, over }) => [
    id,
    { ms: rounded(ms), ...(over !== undefined && { over: rounded(over) }) },
  ]);
  const machine = { node: process.version, cores: cpus().length, load: rounded(load) };
  return { machine, figures: Object.fromEntries(figures) };
}

/** Rounds to the three significant digits that a measurement has. */
function rounded(value) {
  return Number(value.toPrecision(3));
}
