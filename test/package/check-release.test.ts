import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root } from '../support/pages.ts';

const SCRIPT = join(root, 'scripts', 'check-release.mjs');

/** A package that lacks nothing. */
const COMPLETE = {
  'package.json': {
    name: 'ekspress',
    version: '0.1.0',
    author: 'A. Person <a@example.com>',
    repository: { type: 'git', url: 'git+https://github.com/acme/ekspress.git' },
    homepage: 'https://github.com/acme/ekspress#readme',
    bugs: { url: 'https://github.com/acme/ekspress/issues' },
  },
  'SECURITY.md': '# Security\n\n## Reporting\n\nTo security@example.com.\n\n## Else\n',
  'CHANGELOG.md': '# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-11-30\n',
  'README.md': '# ekspress\n\nnpm has it.\n',
};

/** A registry as far as npm asks it here: one package, and who one is. */
interface Registry {
  owners?: readonly string[];
  versions?: readonly string[];
  me?: string;
  readonly asked: string[];
}

let folder: string;
let server: Server;
let registry: Registry;
let env: Record<string, string>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ekspress-release-'));
  for (const [name, content] of Object.entries(COMPLETE)) write(name, content);
  registry = { owners: ['acme'], versions: ['0.0.0'], me: 'acme', asked: [] };
  server = createServer((request, response) => {
    registry.asked.push(request.url ?? '');
    const answer = answerTo(request.url ?? '');
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? { error: 'not found' }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const home = join(folder, 'home');
  mkdirSync(home);
  writeFileSync(
    join(home, '.npmrc'),
    `registry=http://127.0.0.1:${port}/\n//127.0.0.1:${port}/:_authToken=EXAMPLEKEY\nfetch-retries=0\n`,
  );
  env = { HOME: home, PATH: process.env.PATH ?? '' };
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

function answerTo(path: string): object | undefined {
  const { owners, versions = [], me } = registry;
  if (path === '/-/whoami') return me === undefined ? undefined : { username: me };
  if (owners === undefined) return undefined;
  const maintainers = owners.map((name) => ({ name, email: `${name}@example.com` }));
  const of = (version: string) => ({ name: 'ekspress', version, maintainers, dist: { tarball: 'http://x' } });
  return {
    name: 'ekspress',
    'dist-tags': { latest: versions.at(-1) },
    maintainers,
    versions: Object.fromEntries(versions.map((version) => [version, of(version)])),
  };
}

function write(name: string, content: string | object): void {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
}

const check = (more: Record<string, string> = {}, ...args: string[]) =>
  new Promise<{ status: number; lines: string[]; lacks: string[] }>((resolve) => {
    const options = { cwd: folder, env: { ...env, ...more } };
    const child = execFile(process.execPath, [SCRIPT, ...args], options, (_, stdout, stderr) => {
      const lines = (stdout + stderr).split('\n').filter(Boolean);
      const lacks = lines.filter((line) => line.startsWith('✗')).map((line) => line.slice(2));
      resolve({ status: child.exitCode ?? -1, lines, lacks });
    });
  });

describe('the list of what a release lacks', () => {
  it('is empty where the name is ours and every page and field is there', async () => {
    const { status, lines, lacks } = await check();
    expect({ status, lacks }).toEqual({ status: 0, lacks: [] });
    expect(lines).toContain('✓ the name on the registry: ekspress belongs to acme');
    expect(lines.at(-1)).toBe('Nothing is missing in these checks.');
  });

  it('begins with the name on the registry where it is not taken', async () => {
    delete registry.owners;
    const { status, lines, lacks } = await check();
    expect(status).toBe(1);
    expect(lacks).toEqual([
      expect.stringMatching(/^the name on the registry: ekspress does not exist on http:\/\/127/),
    ]);
    expect(lines[1]).toContain('npm publish --access public');
    expect(lines.at(-1)).toBe('Missing for a release: 1.');
  });

  it.each([
    ['the name is owned by others', { owners: ['mallory'] }, /ekspress belongs to mallory, not to acme/],
    ['npm is not logged in', { me: undefined }, /npm is not logged in/],
    ['the version is out', { versions: ['0.0.0', '0.1.0'] }, /0\.1\.0 is already published/],
  ])('has a line where %s', async (_, change, said) => {
    Object.assign(registry, change);
    const { status, lacks } = await check();
    expect(status).toBe(1);
    expect(lacks).toEqual([expect.stringMatching(said)]);
  });

  it('says that it is unknown where the registry does not answer', async () => {
    server.close();
    server.closeAllConnections();
    const { status, lacks } = await check();
    expect(status).toBe(1);
    expect(lacks).toEqual([expect.stringMatching(/cannot be reached \(/)]);
  });

  it('is made without the network on demand, and says so', async () => {
    const { status, lines } = await check({}, '--offline');
    expect(status).toBe(0);
    expect(lines[0]).toBe('- the name on the registry: not checked (--offline)');
    expect(registry.asked).toEqual([]);
  });

  it('is given field by field, each with a command or a line to write', async () => {
    write('package.json', { name: 'ekspress', version: '0.1.0' });
    write('SECURITY.md', '# Security\n\n## Reporting\n\nIn private.\n\n## Else\n\nmail@example.com\n');
    write('CHANGELOG.md', '# Changelog\n\n## [Unreleased]\n');
    write('docs/guides/kubectl.md', '<!-- not on the registry yet -->\nNot on npm.\n');
    const { status, lines, lacks } = await check({}, '--offline');
    expect(status).toBe(1);
    expect(lacks.map((line) => line.split(':')[0])).toEqual([
      'repository',
      'homepage',
      'bugs',
      'author',
      'an address in SECURITY.md',
      'version 0.1.0 in CHANGELOG.md',
      'pages that know the registry',
    ]);
    for (const [index, line] of lines.entries()) {
      if (line.startsWith('✗')) expect(lines[index + 1]).toMatch(/^ {4}(npm pkg set|Write|Add|Describe) /);
    }
    expect(lacks.at(-1)).toContain('docs/guides/kubectl.md');
  });

  it('has a repository that differs from the one that the workflow runs in', async () => {
    const workflow = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'v0.1.0' };
    expect(await check({ ...workflow, GITHUB_REPOSITORY: 'acme/ekspress' }, '--offline')).toMatchObject({ status: 0 });
    const { lines, lacks } = await check({ ...workflow, GITHUB_REPOSITORY: 'other/ekspress' }, '--offline');
    expect(lacks).toEqual([
      'repository: package.json says https://github.com/acme/ekspress, this is https://github.com/other/ekspress',
    ]);
    expect(lines.join('\n')).toContain('repository.url=git+https://github.com/other/ekspress.git');
  });

  it('has a tag that differs from the version', async () => {
    const { lacks } = await check({ GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'v0.2.0' }, '--offline');
    expect(lacks).toEqual(['the tag: it is v0.2.0']);
  });
});
