import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalAWS, type LocalProxy, startLocalAWS, startLocalEKS } from '../../../src/testing/index.ts';
import { ask } from '../../unit/testing/request.ts';

const ROLE = 'arn:aws:iam::123456789012:role/eks-admin';

let aws: LocalAWS;
let proxy: LocalProxy;
let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'proxy-'));
  aws = await startLocalAWS({ roles: { [ROLE]: { groups: ['system:masters'] } } });
  proxy = await aws.startProxy();
});

afterEach(async () => {
  await aws.close();
  await rm(home, { recursive: true });
});

/** GET https://HOST/… through the proxy, trusting only the local AWS. */
async function getThrough(
  url: string,
): Promise<{ status: number | undefined; text: string; certificateFor: string | undefined }> {
  const { hostname, port, pathname, search } = new URL(url);
  const tunnel = http.request(proxy.url, { method: 'CONNECT', path: `${hostname}:${port || 443}`, agent: false });
  tunnel.end();
  const [answer, socket] = (await once(tunnel, 'connect')) as [http.IncomingMessage, Socket];
  if (answer.statusCode !== 200) return { status: answer.statusCode, text: '', certificateFor: undefined };
  const secure = connect({ socket, servername: hostname, ca: aws.certificateAuthority });
  await once(secure, 'secureConnect');
  const certificateFor = secure.getPeerCertificate().subjectaltname;
  const request = https.request({
    createConnection: () => secure,
    headers: { host: hostname },
    path: pathname + search,
  });
  request.end();
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  secure.destroy();
  return { status: response.statusCode, text, certificateFor };
}

describe('the proxy before the local AWS', () => {
  it.each([
    'sts.us-east-1.amazonaws.com',
    'portal.sso.eu-west-1.amazonaws.com',
    'sts.cn-north-1.amazonaws.com.cn',
    'sts.us-west-2.api.aws',
  ])('answers for %s with a certificate for that name', async (host) => {
    const { status, text, certificateFor } = await getThrough(
      `https://${host}/?Action=GetCallerIdentity&Version=2011-06-15`,
    );
    expect(status).toBe(403);
    expect(text).toContain('<Code>MissingAuthenticationToken</Code>');
    expect(certificateFor).toBe(`DNS:${host}`);
    expect(aws.calls.at(-1)).toMatchObject({ host, operation: 'GetCallerIdentity' });
    expect(proxy.connects).toEqual([`${host}:443`]);
  });

  it('leads nowhere else, but to loopback', async () => {
    expect(await getThrough('https://example.com/')).toMatchObject({ status: 403 });
    expect(await getThrough('https://amazonaws.com.evil.example/')).toMatchObject({ status: 403 });
    await using eks = await startLocalEKS({ aws });
    expect(await getThrough(`${eks.server}/healthz`)).toMatchObject({ status: 200, text: 'ok' });
    expect(proxy.connects).toEqual(['example.com:443', 'amazonaws.com.evil.example:443', new URL(eks.server).host]);
  });

  it('serves an AWS that speaks TLS itself just as well', async () => {
    await using secure = await startLocalAWS({ tls: true });
    expect(secure.endpoint).toMatch(/^https:/);
    const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
      https
        .get(`${secure.endpoint}/nothing`, { ca: secure.certificateAuthority, agent: false }, resolve)
        .on('error', reject);
    });
    expect(answer.statusCode).toBe(404);
    answer.resume();
    aws = secure;
    proxy = await secure.startProxy();
    expect(await getThrough('https://sts.amazonaws.com/')).toMatchObject({ status: 404 });
  });

  it('can be cut off', async () => {
    const tunnel = http.request(proxy.url, { method: 'CONNECT', path: 'sts.amazonaws.com:443', agent: false });
    tunnel.end();
    const [, socket] = (await once(tunnel, 'connect')) as [http.IncomingMessage, Socket];
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    expect(proxy.dropConnections()).toBeGreaterThan(0);
    await closed;
    expect(await getThrough('https://sts.amazonaws.com/')).toMatchObject({ status: 404 });
  });
});

const hasAWS = spawnSync('aws', ['--version']).status === 0;
if (!hasAWS) console.log('skipped: no aws');

describe.skipIf(!hasAWS)('the real AWS CLI behind it', () => {
  async function run(...args: string[]): Promise<string> {
    await writeFile(join(home, 'ca.pem'), aws.certificateAuthority);
    const { accessKeyId, secretAccessKey } = aws.identities.admin;
    const env = {
      PATH: process.env.PATH,
      HOME: home,
      HTTPS_PROXY: proxy.url,
      AWS_CA_BUNDLE: join(home, 'ca.pem'),
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_DEFAULT_REGION: 'us-east-1',
    };
    return (await promisify(execFile)('aws', args, { env })).stdout;
  }

  it('finds out who it is', async () => {
    expect(JSON.parse(await run('sts', 'get-caller-identity', '--output', 'json'))).toMatchObject({
      Arn: aws.identities.admin.arn,
    });
  });

  it('makes tokens that the cluster accepts, with and without a role', async () => {
    await using eks = await startLocalEKS({ aws });
    const tokenOf = async (...more: string[]) => {
      const { status } = JSON.parse(
        await run('eks', 'get-token', '--cluster-name', 'dev', '--output', 'json', ...more),
      );
      return (status as { token: string }).token;
    };
    expect(await ask(eks, 'GET', '/api', { token: await tokenOf() })).toMatchObject({ status: 200 });
    expect(await ask(eks, 'GET', '/api', { token: await tokenOf('--role-arn', ROLE) })).toMatchObject({ status: 200 });
    expect(aws.calls.at(-1)).toMatchObject({
      operation: 'AssumeRole',
      host: 'sts.us-east-1.amazonaws.com',
      sessionName: 'EKSGetTokenAuth',
    });
    expect(eks.requests.map(({ username }) => username)).toEqual([
      'arn:aws:iam::123456789012:user/admin',
      'arn:aws:sts::123456789012:assumed-role/eks-admin/EKSGetTokenAuth',
    ]);
  });

  it('writes the very kubeconfig that the cluster hands out', async () => {
    await using eks = await startLocalEKS({ aws, clusterName: 'prod' });
    const written = async (...more: string[]) => {
      await rm(join(home, 'kubeconfig'), { force: true });
      await run('eks', 'update-kubeconfig', '--name', 'prod', '--kubeconfig', join(home, 'kubeconfig'), ...more);
      return readFile(join(home, 'kubeconfig'), 'utf8');
    };
    expect(eks.kubeconfig()).toBe(await written());
    expect(eks.kubeconfig({ roleArn: ROLE })).toBe(await written('--role-arn', ROLE));
    await writeFile(join(home, 'credentials'), '');
    await eks.writeAWSFiles(home);
    expect(eks.kubeconfig({ profile: 'admin' })).toBe(await written('--profile', 'admin'));
  });
});
