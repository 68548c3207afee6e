import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { packageFile } from '../../src/plugin/package-file.ts';
import { temporaryFolder } from '../support/temporary.ts';

const node = process.env.EKSPRESS_TEST_ARM64_NODE ?? '';
const WORDS = ['aws', '--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'];

let home: string;
beforeAll(() => {
  home = temporaryFolder('arm64');
  mkdirSync(join(home, '.aws'));
  writeFileSync(
    join(home, '.aws', 'credentials'),
    '[default]\naws_access_key_id = AKIAARM64\naws_secret_access_key = EXAMPLEKEY\n',
  );
});

/** Runs a program in a home whose `node` is that for arm64. */
async function run(program: string, args: readonly string[], own = home): Promise<{ stdout: string; stderr: string }> {
  const env = { HOME: own, PATH: `${dirname(node)}:${process.env.PATH}`, EKSPRESS_DEBUG: '1' };
  return promisify(execFile)(program, [...args], { env, timeout: 120_000 });
}

it('The library lists what is in a cluster, on arm64', async () => {
  const { stdout } = await run(node, [packageFile('test/machines/program.mjs'), temporaryFolder('library')]);
  expect(JSON.parse(stdout)).toEqual(['arm64', 'default', 'kube-node-lease', 'kube-public', 'kube-system']);
});

it('The script lets Node for arm64 make a token, and hits afterwards; so does the file that answers in its place', async () => {
  const script = packageFile('bin/ekspress-exec');
  const miss = await run(script, WORDS);
  const hit = await run(script, WORDS);
  const byNode = await run(node, [packageFile('dist/exec/hit.cjs'), ...WORDS]);
  expect(miss.stderr).toContain('"via":"mint"');
  expect(hit.stderr).not.toContain('"via":"mint"');
  expect([hit.stdout, byNode.stdout]).toEqual([miss.stdout, miss.stdout]);
  expect(byNode.stderr).toContain('hit');
});
