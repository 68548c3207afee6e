import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { ClusterRegistry, type EKSAuthError, getEKSToken, parseExecConfig, TokenManager } from 'ekspress';
import { startLocalEKS } from 'ekspress/testing';
import { describe, expect, it } from 'vitest';
import { FakeHome, KEYS } from '../../support/fake-aws-home.ts';
import { run, SCRIPT } from '../../support/script-shells.ts';

const ARGS = ['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'];
const SESSION = 'IQoJb3JpZ2luX2VjEXAMPLEKEYsession/token+of==';

/** Everything that a log or a debugger would show of a value. */
function shown(value: unknown): string {
  return [inspect(value, { depth: 20, showHidden: true, getters: true }), JSON.stringify(value), String(value)].join(
    '\n',
  );
}

describe('a secret', () => {
  it('is not shown by inspect, JSON or text of tokens, configs, managers and clusters', async () => {
    await using eks = await startLocalEKS();
    const home = new FakeHome().withStaticKeys();
    const stanza = { command: 'aws', args: ARGS, env: [{ name: 'VAULT', value: 'hush-EXAMPLEKEY-of-a-variable' }] };
    const manager = new TokenManager(parseExecConfig(stanza), { env: home.env });
    const token = await manager.getValidToken();
    await using registry = new ClusterRegistry({ env: home.env });
    const cluster = await registry.registerByString(eks.kubeconfig(), { trustedServers: [eks] });
    await cluster.getToken();
    for (const value of [token, parseExecConfig(stanza), manager, manager.status(), registry, cluster]) {
      const text = shown(value);
      expect(text).not.toContain(token.token);
      expect(text).not.toContain(KEYS.secretAccessKey);
      expect(text).not.toContain('EXAMPLEKEY-of-a-variable');
      expect(text).not.toMatch(/k8s-aws-v1\.[\w-]{20}/);
    }
  });

  it('is not in an entry of the cache, whose files and folders are for their owner alone', async () => {
    const home = new FakeHome();
    const env = { ...home.env, AWS_ACCESS_KEY_ID: KEYS.accessKeyId, AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey };
    await getEKSToken({ clusterName: 'dev', region: 'us-east-1', env: { ...env, AWS_SESSION_TOKEN: SESSION } });
    const names = readdirSync(home.cacheDirectory);
    expect(names.some((name) => name.endsWith('.json'))).toBe(true);
    expect((statSync(home.cacheDirectory).mode & 0o777).toString(8)).toBe('700');
    for (const name of names) {
      const path = join(home.cacheDirectory, name);
      expect(`${name} ${(statSync(path).mode & 0o077).toString(8)}`).toBe(`${name} 0`);
      if (statSync(path).isDirectory()) continue;
      const text = readFileSync(path, 'utf8');
      expect(text).not.toContain(KEYS.secretAccessKey);
      expect(text).not.toContain(SESSION);
    }
  });

  it('is not in the error about a program that prints it', async () => {
    const home = new FakeHome().withProcess(`echo "failed with key ${KEYS.secretAccessKey}" >&2; exit 1`);
    const request = { clusterName: 'dev', region: 'us-east-1', profile: 'process', env: home.env };
    const error = (await getEKSToken(request).catch((reason) => reason)) as EKSAuthError;
    expect(error.code).toBe('EXEC_FAILED');
    expect(shown(error)).not.toContain(KEYS.secretAccessKey);
    const { stdout, stderr } = await run([SCRIPT, 'aws', ...ARGS, '--profile', 'process'], {
      ...home.env,
      EKS_TOKEN_CACHE_DIR: join(home.directory, 'another-cache'),
    });
    expect(`${stdout}${stderr}`).toContain('failed with key');
    expect(`${stdout}${stderr}`).not.toContain(KEYS.secretAccessKey);
  });
});
