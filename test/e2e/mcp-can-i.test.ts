import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { getEKSToken } from '../../src/index.ts';
import { type MCPSession, openTools } from '../support/mcp-session.ts';
import { optionalProgram } from '../support/optional-programs.ts';
import { run } from '../support/plugin-home.ts';

const server = inject('apiServer');
const kubectl = optionalProgram('kubectl');

const RESOURCES = [
  'pods',
  'po',
  'pod',
  'deployments',
  'deploy',
  'deployment',
  'deployments.apps',
  'deployments.v1.apps',
  'Deployments',
  'ds',
  'rs.apps',
  'cj',
  'jobs',
  'ing',
  'ingresses.networking.k8s.io',
  'hpa',
  'ev',
  'events.events.k8s.io',
  'cm',
  'secrets',
  'nodes',
  'no',
  'crd',
  'clusterroles',
  'csr',
  'pv',
  'sa',
  'quota',
  'netpol',
  'widgets',
];

describe.skipIf(!server || !kubectl)('check_access on a real API server that has no SelfSubjectReview', () => {
  const { folder } = server ?? { folder: '' };
  let home: string;
  let session: MCPSession;
  let env: Record<string, string>;
  let file: string;
  let withToken: string;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'ekspress-e2e-can-i-'));
    env = { HOME: home, PATH: process.env.PATH ?? '' };
    // A kubeconfig for a model holds no keys: they are in the AWS files.
    const text = readFileSync(join(folder, 'kc', 'aws-reader.yaml'), 'utf8');
    const value = (name: string) => new RegExp(`name: ${name}, value: (\\S+)}`).exec(text)?.[1];
    const keys = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].map(
      (name) => `${name.toLowerCase()} = ${value(name)}\n`,
    );
    mkdirSync(join(home, '.aws'));
    writeFileSync(join(home, '.aws', 'credentials'), `[default]\n${keys.join('')}`);
    file = join(home, 'kubeconfig');
    writeFileSync(file, text.replace(/ {6}env:\n[\s\S]*$/, ''), { mode: 0o600 });
    // One token for all calls of kubectl: the original command takes a second each time.
    const { token } = await getEKSToken({ clusterName: 'dev', region: 'us-east-1', env, cache: false });
    withToken = join(home, 'with-token');
    writeFileSync(withToken, text.replace(/ {4}exec:\n[\s\S]*$/, `    token: ${token}\n`), { mode: 0o600 });
    const admin = join(folder, 'kc', 'static.yaml');
    const grant = async (...words: string[]) => {
      expect(await run([kubectl ?? '', '--kubeconfig', admin, 'create', ...words], env)).toMatchObject({ status: 0 });
    };
    const rules = ['deployments.apps', 'cronjobs.batch', 'ingresses.networking.k8s.io', 'events'];
    await grant('clusterrole', 'can-i', '--verb=list', ...rules.map((rule) => `--resource=${rule}`));
    await grant('clusterrolebinding', 'can-i', '--clusterrole=can-i', '--group=readers');
    session = await openTools({ env, trustedKubeconfigs: [file] });
    const registered = await session.call('register_eks_cluster', { context: 'dev', cluster_id: 'dev' });
    expect(registered.value).toMatchObject({ cluster_id: 'dev' });
  }, 60_000);
  afterAll(async () => {
    await session?.[Symbol.asyncDispose]();
    rmSync(home, { recursive: true, force: true });
  });

  it('answers what `kubectl auth can-i` answers, for all names of resources', { timeout: 240_000 }, async () => {
    const differences: string[] = [];
    for (const verb of ['list', 'delete']) {
      for (const resource of RESOURCES) {
        const words = [kubectl ?? '', '--kubeconfig', withToken, 'auth', 'can-i', verb, resource, '-A'];
        const { stdout } = await run(words, env);
        const { value } = await session.call('check_access', { cluster_id: 'dev', verb, resource });
        const { action } = value as { action?: { allowed: boolean } };
        const answer = action?.allowed ? 'yes' : 'no';
        if (stdout.trim() !== answer)
          differences.push(`${verb} ${resource}: ${stdout.trim()} ${JSON.stringify(value)}`);
      }
    }
    expect(differences).toEqual([]);
    expect(await session.call('check_access', { cluster_id: 'dev', verb: 'list', resource: 'deploy' })).toMatchObject({
      value: { action: { resource: 'deployments', group: 'apps', allowed: true } },
    });
  });
});
