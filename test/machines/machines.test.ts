import { execFile } from 'node:child_process';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { packageFile } from '../../src/plugin/package-file.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** Its name, the architecture that Node says, and Node for it. */
const [machine = '', architecture = '', node = ''] = (process.env.EKSPRESS_TEST_MACHINE ?? '').split(' ');
const WORDS = ['aws', '--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'];

let home: string;
beforeAll(() => {
  home = temporaryFolder('machine');
  mkdirSync(join(home, '.aws'));
  const credentials = join(home, '.aws', 'credentials');
  writeFileSync(credentials, '[default]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = EXAMPLEKEY\n');
  // For a second after it was written, a file could change without a trace, and the first file of Node leaves it to the rest.
  const earlier = Date.now() / 1000 - 3600.123;
  utimesSync(credentials, earlier, earlier);
});

/** Runs a program in a home whose `node` is that of the machine. */
async function run(program: string, args: readonly string[], own = home): Promise<{ stdout: string; stderr: string }> {
  const env = { HOME: own, PATH: `${dirname(node)}:${process.env.PATH}`, EKSPRESS_DEBUG: '1' };
  return promisify(execFile)(program, [...args], { env, timeout: 120_000 });
}

it(`The library lists and watches what is in a cluster, on ${machine}`, async () => {
  const { stdout } = await run(node, [packageFile('test/machines/program.mjs'), temporaryFolder('library')]);
  expect(JSON.parse(stdout)).toEqual([
    architecture,
    'default',
    'kube-node-lease',
    'kube-public',
    'kube-system',
    'later',
  ]);
});

it(`The script lets Node for ${machine} make a token, and hits afterwards; so does the file that answers in its place`, async () => {
  const script = packageFile('bin/ekspress-exec');
  const miss = await run(script, WORDS);
  const hit = await run(script, WORDS);
  const byNode = await run(node, [packageFile('dist/exec/hit.cjs'), ...WORDS]);
  expect(miss.stderr).toContain('"via":"mint"');
  expect(hit.stderr).not.toContain('"via":"mint"');
  expect([hit.stdout, byNode.stdout]).toEqual([miss.stdout, miss.stdout]);
  expect(byNode.stderr).toContain('hit');
});
