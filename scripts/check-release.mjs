// `npm run check:release` lists what a release of the package in the current folder still needs, each with a remedy.
// The exit status is 1 while something is missing. The registry is queried through npm, as by `npm publish`; `--
// --offline` skips that.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const text = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '');
const manifest = JSON.parse(text('package.json'));
const { name, version } = manifest;
const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_REF_TYPE, GITHUB_REF_NAME } = process.env;
// The repository is known in a workflow only.
const home = GITHUB_REPOSITORY ? `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}` : `https://github.com/OWNER/${name}`;

const checks = [
  ['the name on the registry', nameOnRegistry],
  ['repository', repository],
  ['homepage', () => field(manifest.homepage, `npm pkg set homepage=${home}#readme`)],
  ['bugs', () => field(manifest.bugs?.url ?? manifest.bugs, `npm pkg set bugs.url=${home}/issues`)],
  ['author', () => field(manifest.author?.name ?? manifest.author, 'npm pkg set author="NAME <ADDRESS>"')],
  ['an address in SECURITY.md', securityAddress],
  [`version ${version} in CHANGELOG.md`, changelog],
  ['the tag', tag],
  ['pages that know the registry', pages],
];

const results = checks.map(([what, check]) => ({ what, ...check() }));
for (const { what, missing, remedy, skipped, found } of results) {
  if (skipped) console.log(`- ${what}: ${skipped}`);
  else if (missing) console.log(`✗ ${what}: ${missing}\n    ${remedy}`);
  else console.log(`✓ ${what}${found ? `: ${found}` : ''}`);
}
const lacking = results.filter(({ missing }) => missing).length;
console.log(lacking === 0 ? '\nNothing is missing in these checks.' : `\nMissing for a release: ${lacking}.`);
process.exitCode = lacking === 0 ? 0 : 1;

function nameOnRegistry() {
  if (process.argv.includes('--offline')) return { skipped: 'not checked (--offline)' };
  const registry = npm('config', 'get', 'registry').stdout.trim();
  const { stdout } = npm('view', name, 'maintainers', 'versions', '--json');
  const answer = parsed(stdout);
  if (answer?.error?.code === 'E404') {
    const reserve = `(cd "$(mktemp -d)" && printf '{"name":"${name}","version":"0.0.0"}' > package.json && npm publish --access public)`;
    return {
      missing: `${name} does not exist on ${registry}`,
      remedy: `Log in (npm login) and reserve it: ${reserve}`,
    };
  }
  if (answer === undefined || answer.error) {
    const why = answer?.error?.summary || answer?.error?.code || 'no answer';
    return {
      missing: `${registry} cannot be reached (${why})`,
      remedy: 'Try again, or skip this check with --offline',
    };
  }
  const owners = [answer.maintainers ?? []].flat().map((owner) => owner.name ?? String(owner).split(' ')[0]);
  const me = npm('whoami').stdout.trim();
  if (me === '') return { missing: `npm is not logged in at ${registry}`, remedy: 'npm login' };
  if (!owners.includes(me)) {
    const remedy = `Ask one of them to run: npm owner add ${me} ${name}. Or use another name in package.json.`;
    return { missing: `${name} belongs to ${owners.join(', ')}, not to ${me}`, remedy };
  }
  if ([answer.versions ?? []].flat().includes(version)) {
    return { missing: `${version} is already published`, remedy: 'npm version patch --no-git-tag-version' };
  }
  return { found: `${name} belongs to ${me}` };
}

function repository() {
  const url = manifest.repository?.url ?? manifest.repository;
  const remedy = `npm pkg set repository.type=git repository.url=git+${home}.git`;
  if (!url) return { missing: 'not in package.json', remedy };
  const plain = url.replace(/^git\+/, '').replace(/\.git$/, '');
  // npm refuses provenance if the two differ.
  if (GITHUB_REPOSITORY && plain !== home) return { missing: `package.json says ${plain}, this is ${home}`, remedy };
  return { found: plain };
}

function field(value, remedy) {
  return value ? { found: value } : { missing: 'not in package.json', remedy };
}

function securityAddress() {
  const [, reporting = ''] = /^## Reporting$([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(text('SECURITY.md')) ?? [];
  const address = /https:\/\/[^\s)>`]+|[\w.+-]+@[\w-]+\.[\w.-]*\w/.exec(reporting)?.[0];
  const remedy = `Add an address under "## Reporting" in SECURITY.md: an e-mail address, or ${home}/security/advisories/new`;
  return address ? { found: address } : { missing: '"## Reporting" has no address', remedy };
}

function changelog() {
  const day = /^\d{4}-\d{2}-\d{2}$/;
  const heading = text('CHANGELOG.md')
    .split('\n')
    .find((line) => line.startsWith(`## [${version}]`));
  if (day.test(heading?.split(' - ')[1] ?? '')) return { found: heading.split(' - ')[1] };
  const wanted = `## [${version}] - ${new Date().toISOString().slice(0, 10)}`;
  return { missing: 'no heading with the date', remedy: `Write "${wanted}" below "## [Unreleased]" in CHANGELOG.md` };
}

function tag() {
  if (GITHUB_REF_TYPE !== 'tag')
    return { skipped: `not checked outside the workflow of a tag; it must be v${version}` };
  if (GITHUB_REF_NAME === `v${version}`) return { found: GITHUB_REF_NAME };
  return { missing: `it is ${GITHUB_REF_NAME}`, remedy: `git tag v${version} && git push origin v${version}` };
}

/** Before a release, pages say that the package is not on the registry. An HTML comment marks these places. */
function pages() {
  const below = (folder) =>
    existsSync(folder) ? readdirSync(folder, { recursive: true }).map((path) => join(folder, path)) : [];
  const untrue = [...readdirSync('.'), ...below('docs'), ...below('examples')]
    .filter((path) => path.endsWith('.md') && text(path).includes('<!-- not on the registry yet -->'))
    .sort();
  if (untrue.length === 0) return {};
  const remedy = 'Describe there how to install from the registry. Remove the comment, and test/docs/install.test.ts.';
  return { missing: `these say "not on the npm registry yet": ${untrue.join(', ')}`, remedy };
}

function npm(...words) {
  return spawnSync('npm', [...words, '--no-update-notifier'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
}

function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
