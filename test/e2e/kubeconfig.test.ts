import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startLocalAWS } from 'ekspress/testing';
import { describe, expect, inject, it } from 'vitest';
import { makeHome } from '../support/cli-home.ts';
import { realKubectls } from '../support/kubectl.ts';
import { decisionsOf } from '../support/server-decisions.ts';

const server = inject('apiServer');
const kubectl = realKubectls().at(-1) ?? '';
if (kubectl === '') console.log('skipped: no kubectl');

const REGIONS = ['us-east-1', 'us-west-2', 'eu-west-1', 'ap-northeast-2'];

describe.skipIf(!server || !kubectl)('a kubeconfig that ekspress has written', () => {
  it('lets the real kubectl into the real API server, by the context among 30 that leads to it', async () => {
    const { folder, cluster } = server ?? { folder: '', cluster: '' };
    const text = readFileSync(join(folder, 'kc', 'aws.yaml'), 'utf8');
    const value = (name: string) => new RegExp(`name: "?${name}"?,?\\s*value: "?([^"\\s}]+)`).exec(text)?.[1] ?? '';
    const address = /server: "?(https:[^"\s,}]+)/.exec(text)?.[1] ?? '';
    const authority = readFileSync(join(folder, 'pki', 'ca.crt')).toString('base64');
    const keys = {
      AWS_ACCESS_KEY_ID: value('AWS_ACCESS_KEY_ID'),
      AWS_SECRET_ACCESS_KEY: value('AWS_SECRET_ACCESS_KEY'),
    };
    await using aws = await startLocalAWS();
    aws.addIdentity({
      name: 'me',
      accessKeyId: keys.AWS_ACCESS_KEY_ID,
      secretAccessKey: keys.AWS_SECRET_ACCESS_KEY,
      arn: `arn:aws:iam::${aws.accountId}:user/me`,
    });
    aws.addCluster({ name: cluster, region: 'us-east-1', server: address, certificateAuthorityData: authority });
    for (let number = 1; number < 30; number += 1) {
      const region = REGIONS[number % 4] ?? '';
      aws.addCluster({
        ...{ name: `c${number}`, region, certificateAuthorityData: authority },
        server: `https://C${number}.gr7.${region}.eks.amazonaws.com`,
      });
    }
    const home = makeHome(keys);
    try {
      const found = ['kubeconfig', '--region', REGIONS.join(','), '--endpoint', '127.0.0.1', '--yes', '-o', 'json'];
      const ran = await home.runWith({ AWS_ENDPOINT_URL_EKS: aws.endpoint }, ...found);
      expect(JSON.parse(ran.stdout).added.length, ran.stderr).toBe(30);
      const before = server ? decisionsOf(server).length : 0;
      const run = (...args: string[]) =>
        promisify(execFile)(kubectl, args, { env: { ...home.env, EKS_TOKEN_DEBUG: '1' } });
      const contexts = (await run('config', 'get-contexts', '-o', 'name')).stdout.trim().split('\n');
      expect(contexts.length).toBe(30);
      const get = ['--context', cluster, 'get', 'namespaces', '-o', 'name'];
      expect((await run(...get)).stdout).toContain('namespace/kube-system');
      expect((await run(...get)).stderr).toContain('[DEBUG] hit:');
      expect(server ? decisionsOf(server).length - before : 0).toBeGreaterThan(0);
    } finally {
      home.remove();
    }
  });
});
