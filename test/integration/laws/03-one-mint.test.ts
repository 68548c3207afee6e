import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseExecConfig, TokenManager } from 'ekspress';
import { describe, expect, it } from 'vitest';
import { FakeHome } from '../../support/fake-aws-home.ts';
import { run, SCRIPT } from '../../support/script-shells.ts';

const CHILD = fileURLToPath(new URL('../../support/one-token-program.mjs', import.meta.url));
const WORDS = ['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev', '--profile', 'process'];

describe('the processes of a machine', () => {
  it('mint once for one identity: services and kubectl at the same moment', async () => {
    const home = new FakeHome().withProcess('sleep 0.5');
    const service = async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [CHILD, 'dev', 'us-east-1', 'process'], {
        env: home.env,
      });
      return JSON.parse(stdout).token as string;
    };
    const kubectl = async () => {
      const { stdout } = await run([SCRIPT, 'aws', ...WORDS], home.env);
      return JSON.parse(stdout).status.token as string;
    };
    const tokens = await Promise.all([service(), kubectl(), service(), kubectl(), service()]);
    expect(new Set(tokens).size).toBe(1);
    expect(home.processCalls).toBe(1);
  });

  it('mint once in one of them, however many calls there are', async () => {
    const home = new FakeHome().withProcess('sleep 0.2');
    const managers = Array.from(
      { length: 10 },
      () => new TokenManager(parseExecConfig({ command: 'aws', args: WORDS }), { env: home.env }),
    );
    const tokens = await Promise.all(
      managers.flatMap((manager) => [manager.getValidToken(), manager.getValidToken(), manager.getToken()]),
    );
    expect(new Set(tokens.map(({ token }) => token)).size).toBe(1);
    expect(home.processCalls).toBe(1);
  });

  it('mint once for each of two identities', async () => {
    const home = new FakeHome().withProcess();
    const manager = (cluster: string) =>
      new TokenManager(
        parseExecConfig({ command: 'aws', args: WORDS.map((word) => (word === 'dev' ? cluster : word)) }),
        { env: home.env },
      );
    const tokens = await Promise.all(['dev', 'prod', 'dev', 'prod'].map((name) => manager(name).getValidToken()));
    expect(new Set(tokens.map(({ token }) => token)).size).toBe(2);
    expect(home.processCalls).toBe(2);
  });
});
