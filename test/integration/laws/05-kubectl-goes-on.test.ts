import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { writeAWSProgram } from '../../support/aws-program.ts';
import { type ManagerHome, makeHome, manyUsers } from '../../support/cli-home.ts';
import { NOWHERE } from '../../support/paths.ts';
import { withValues } from '../../support/sh.ts';

const ORIGINAL = '{"kind":"ExecCredential","status":{"token":"from the original command"}}';

let home: ManagerHome;
let original: string;
let script: string;

beforeAll(async () => {
  home = makeHome();
  home.write(manyUsers(1));
  original = home.read();
  const env = { PATH: home.pathWith('true', 'exit 0') };
  writeAWSProgram(join(home.path, 'tools', 'aws'), `echo '${ORIGINAL}'`);
  home.env.PATH = env.PATH;
  expect(await home.run('apply', '--all', '--yes')).toMatchObject({ code: 0, stderr: '' });
  script = readFileSync(home.script, 'utf8');
});
afterEach(() => writeFileSync(home.script, script));
afterAll(() => home.remove());

/** What kubectl gets that runs the command of the kubeconfig. */
async function answer(env: Record<string, string> = home.env): Promise<string> {
  const config = new KubeConfig();
  config.loadFromFile(home.kubeconfig);
  const { command, args, env: more = [] } = config.getCurrentUser()?.exec ?? {};
  const variables = Object.fromEntries(
    (more as { name: string; value: string }[]).map(({ name, value }) => [name, value]),
  );
  const { stdout } = await promisify(execFile)(command, args, { env: { ...env, ...variables } });
  return stdout.trim();
}

describe('kubectl', () => {
  it('gets the answer of the original command when the package was removed', async () => {
    writeFileSync(home.script, withValues(script, { ekspress_package: join(NOWHERE, 'package') }));
    expect(await answer()).toBe(ORIGINAL);
  });

  it('gets the answer of the original command when Node and the package were removed', async () => {
    const gone = { ekspress_package: join(NOWHERE, 'package'), ekspress_node: join(NOWHERE, 'node') };
    writeFileSync(home.script, withValues(script, gone));
    home.pathWith('node', 'exit 127');
    expect(await answer()).toBe(ORIGINAL);
  });

  it('gets a token when the cache was wiped, and when the folder of the cache cannot be made', async () => {
    const env = { ...home.env, AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'hush-EXAMPLEKEY' };
    expect(await answer(env)).toContain('k8s-aws-v1.');
    const cache = join(home.path, '.kube', 'cache');
    expect(existsSync(cache)).toBe(true);
    rmSync(cache, { recursive: true });
    expect(await answer(env)).toContain('k8s-aws-v1.');
    rmSync(cache, { recursive: true });
    writeFileSync(cache, '');
    expect(await answer(env)).toContain('k8s-aws-v1.');
  });

  it('runs the first command again after revert, from the very first bytes', async () => {
    expect(home.read()).not.toBe(original);
    expect(await home.run('revert', '--all', '--yes')).toMatchObject({ code: 0, stderr: '' });
    expect(home.read()).toBe(original);
    expect(await answer()).toBe(ORIGINAL);
  });
});
