// Writes docs/guides/platforms.md from scripts/platforms.json: which feature is shown by which tests on which platform. A test
// compares. A cell that names no test is unproven.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const WORDS = ['proven', 'emulated'];

/** The page. Throws where a cell says how a feature was shown and names no test that is there. */
export function platformsPage() {
  const { columns, rows } = JSON.parse(readFileSync(join(root, 'scripts/platforms.json'), 'utf8'));
  const notes = [];
  const lines = rows.map(({ feature, cells }) => {
    const unknown = Object.keys(cells).filter((name) => !columns.includes(name));
    if (unknown.length > 0) throw new Error(`${feature}: there is no column ${unknown.join(', ')}`);
    const shown = columns.map((column) => {
      const [word, ...tests] = cells[column] ?? ['unproven'];
      if (word === 'unproven') return word;
      const absent = tests.filter((test) => !existsSync(join(root, test)));
      if (!WORDS.includes(word) || tests.length === 0 || absent.length > 0) {
        throw new Error(`${feature}, ${column}: ${word} by ${absent.join(', ') || 'no test'}`);
      }
      const number = notes.indexOf(tests.join(', ')) + 1 || notes.push(tests.join(', '));
      return `${word} [${number}]`;
    });
    return `| ${[feature, ...shown].join(' | ')} |`;
  });
  return [
    '# What is proven where',
    '',
    '<!-- not on the registry yet -->',
    'ekspress is not on the npm registry yet: `npm ci && npm pack` in a clone, then `npm install ./ekspress-*.tgz`',
    '([Install](../../README.md#install)).',
    '',
    '<!-- written by `node scripts/platforms.mjs` from scripts/platforms.json -->',
    'The table says how each feature was last shown. **Proven**: the program ran on that system. **Emulated**: it ran on a stand-in, which',
    'is Node for Windows in wine, Node for arm64 in qemu, Node for musl with the loader of musl on Debian, or for macOS a namespace without',
    '`/proc`, with a bash 3.2 where `EKSPRESS_BASH_3_2` names one. **Unproven**: no test of this repository has shown it there. It may work.',
    '',
    `| feature | ${columns.join(' | ')} |`,
    `| --- |${' --- |'.repeat(columns.length)}`,
    ...lines,
    '',
    'The numbers name the tests:',
    '',
    ...notes.map((note, index) => `${index + 1}. ${note.replace(/[^, ]+/g, (test) => `\`${test}\``)}`),
    '',
    'The tests for Windows, arm64 and musl are skipped, by name, where wine, qemu or musl 1.2.5 is not installed. In wine nothing is shown about access lists, consoles and Ctrl-C, virus scanners, and the speed of a start. `apply` on Windows is therefore a preview ([kubectl on',
    'Windows](kubectl.md#windows)).',
    '',
    'Two other runtimes run the library, the test kit and the manager. `npm run test:runtimes` (`test/machines/runtimes.test.ts`) runs them',
    'in Bun 1.4 and Deno 2, and is skipped, by name, where one is absent:',
    '',
    '| | Deno (`deno run -A`) | Bun 1.4 and later | Bun before 1.4 |',
    '| --- | --- | --- | --- |',
    '| tokens, cache, `ekspress token` and `status` | proven | proven | unproven |',
    '| clients of a registered cluster, watches, informers, logs and web sockets included | proven | proven | refused |',
    '| `attachEKSAuth`: API clients | proven | proven | refused |',
    '| classes of client-node that are made by hand: `new Watch(kubeConfig)`, `new Exec(kubeConfig)`, … | proven | refused | refused |',
    '',
    'Bun replaces the packages node-fetch, undici and ws, on which client-node depends, by parts of its own. Those ignore the agent that compares',
    'where a token goes. So ekspress sends through `node:http` there, and what it cannot send is refused with `INVALID_CONFIG` before it gets a',
    'token: use the methods of a registered cluster, such as `cluster.makeWatch()`. Before 1.4, `node:http` of Bun ignores agents too. In a bundle,',
    'web sockets need the package ws beside it. The exec plugin runs in Node only.',
    '',
    'Deno finds what a package imports only for a program with a `package.json` in its folder or above it. A program without one says `Import',
    '"#own-url" not a dependency`: give it a `package.json`, or run it with `deno run --node-modules-dir=manual`.',
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(root, 'docs/guides/platforms.md'), platformsPage());
}
