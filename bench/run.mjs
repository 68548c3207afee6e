// npm run bench [-- SUBJECT...]: runs the benchmarks and writes a table and bench/out/<time>.json. Milliseconds depend
// on the machine and its load, so compare the ratios.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fleet } from './fleet.mjs';
import { fleetSimulation } from './fleet-simulation.mjs';
import { fleetStore } from './fleet-store.mjs';
import { importCost } from './import-cost.mjs';
import { inProcess } from './in-process.mjs';
import { pluginHit } from './plugin-hit.mjs';
import { pluginKubectl } from './plugin-kubectl.mjs';
import { pluginMiss } from './plugin-miss.mjs';
import { entryPoint, root } from './sandbox.mjs';
import { stockVsOurs } from './stock-vs-ours.mjs';
import { watchEndings } from './watch-endings.mjs';

const subjects = {
  'plugin-hit': pluginHit,
  'plugin-miss': pluginMiss,
  'plugin-kubectl': pluginKubectl,
  'in-process': inProcess,
  'import-cost': importCost,
  fleet,
  'fleet-store': fleetStore,
  'fleet-simulation': fleetSimulation,
  'stock-vs-ours': stockVsOurs,
  'watch-endings': watchEndings,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in subjects));
if (unknown.length > 0 || !existsSync(entryPoint)) {
  console.error(
    unknown.length > 0
      ? `unknown subject: ${unknown}. Subjects: ${Object.keys(subjects)}`
      : 'run `npm run build` first',
  );
  process.exit(2);
}

const machine = {
  node: process.version,
  cores: cpus().length,
  cpu: cpus()[0]?.model,
  platform: `${process.platform} ${process.arch}`,
  NODE_EXTRA_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS ? 'set (slows down every start of Node 20)' : 'not set',
};
for (const [name, value] of Object.entries(machine)) console.log(`${name.padEnd(20)} ${value}`);
console.log(`\n${row('what', 'time', 'ratio', '', 'limit', '')}`);

const results = {};
let failures = 0;
for (const [name, measure] of Object.entries(subjects)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  try {
    results[name] = await measure();
    for (const line of results[name]) console.log(show(line));
  } catch (error) {
    failures += 1;
    console.log(row(name, `not measured: ${error.message}`));
  }
}

const out = join(root, 'bench', 'out');
mkdirSync(out, { recursive: true });
const file = join(out, `${new Date().toISOString().replaceAll(':', '-')}.json`);
writeFileSync(file, `${JSON.stringify({ machine, results }, null, 2)}\n`);
console.log(`\nwritten to ${file}`);
process.exit(failures === 0 ? 0 : 1);

function show({ what, ms, perSecond, ratio, of, limit, note }) {
  let time = '';
  if (ms !== undefined) time = `${ms.toFixed(ms < 10 ? 3 : 1)} ms`;
  if (perSecond !== undefined) time = `${Math.round(perSecond).toLocaleString('en-US')}/s`;
  return row(what, time, ratio === undefined ? '' : `${ratio.toFixed(2)} x`, of ?? '', limit ?? '', note ?? '');
}

function row(what, time, ratio = '', of = '', limit = '', note = '') {
  const columns = [what.padEnd(24), time.padStart(14), ratio.padStart(9), of.padEnd(18), limit.padEnd(15), note];
  return columns.join('  ').trimEnd();
}
