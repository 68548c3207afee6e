// Checks the documentation site that typedoc wrote: doors by the names of their imports, the version of the package, and a
// link for each type of client-node and the other packages that a signature names. Exits with 1 and lists what is missing.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { exports, repository, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const site = join(root, 'docs/api');
const page = (name) => readFileSync(join(site, name), 'utf8');

/** Types of TypeScript and Node that need no link. */
const WITHOUT_LINK = new Set([
  ...['string', 'number', 'boolean', 'void', 'undefined', 'null', 'unknown', 'never', 'this', 'true', 'false'],
  ...[
    'Record',
    'Readonly',
    'Partial',
    'Pick',
    'Omit',
    'Iterable',
    'ArrayBufferLike',
    'BodyInit',
    'HeadersInit',
    'Sentence',
  ],
]);

const problems = [];
for (const door of Object.keys(exports).filter((name) => !name.endsWith('.json'))) {
  const name = `ekspress${door.slice(1)}`;
  const title = `<title>${name} | ekspress - v${version}</title>`;
  if (!page(`modules/${name.replace('/', '_')}.html`).includes(title))
    problems.push(`no page is called ${name} v${version}`);
}
for (const name of readdirSync(site, { recursive: true }).filter((name) => name.endsWith('.html'))) {
  for (const [, type] of page(name).matchAll(/<span class="tsd-signature-type">([\w.]+)<\/span>/g)) {
    if (!WITHOUT_LINK.has(type))
      problems.push(`${name}: the type ${type} is not a link; typedoc.config.mjs has the others`);
  }
}
const home = (repository?.url ?? repository)?.replace(/^git\+|\.git$/g, '');
if (home && !page('index.html').includes(`href="${home}"`)) problems.push(`no link leads to ${home}`);

for (const problem of new Set(problems)) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
