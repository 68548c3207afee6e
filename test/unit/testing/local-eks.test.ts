import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startLocalEKS } from '../../../src/testing/index.ts';
import { kubeconfigText } from '../../../src/testing/kubeconfig.ts';
import { ask, events, next, open } from '../../support/local-eks-request.ts';
import { signToken } from '../../support/sign-token.ts';

describe('a local EKS cluster', () => {
  it('is called dev, lives in us-east-1 and knows an admin and a reader, unless told otherwise', async () => {
    await using eks = await startLocalEKS();
    expect(eks.server).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(eks.clusterArn).toBe('arn:aws:eks:us-east-1:123456789012:cluster/dev');
    expect(Object.keys(eks.identities)).toEqual(['admin', 'reader']);
    expect(Buffer.from(eks.certificateAuthorityData, 'base64').toString()).toBe(eks.certificateAuthority);

    const facts = { accessKeyId: 'AKIAOPS', secretAccessKey: 's', arn: 'arn:aws-cn:iam::111122223333:user/ops' };
    await using other = await startLocalEKS({
      clusterName: 'prod',
      region: 'cn-north-1',
      accountId: '111122223333',
      identities: { ops: { ...facts, groups: ['readers'] } },
    });
    expect(other.clusterArn).toBe('arn:aws-cn:eks:cn-north-1:111122223333:cluster/prod');
    expect(other.identities.admin.arn).toBe('arn:aws-cn:iam::111122223333:user/admin');
    const token = signToken(facts, {
      clusterName: 'prod',
      region: 'cn-north-1',
      host: 'sts.cn-north-1.amazonaws.com.cn',
    });
    expect(await ask(other, 'GET', '/api/v1/pods', { token })).toMatchObject({ status: 200 });
  });

  it('says which port it cannot have', async () => {
    const occupant = createServer();
    const port = await new Promise<number>((resolve) => {
      occupant.listen(0, '127.0.0.1', () => resolve((occupant.address() as { port: number }).port));
    });
    await expect(startLocalEKS({ port })).rejects.toMatchObject({
      name: 'EKSAuthError',
      code: 'INVALID_CONFIG',
      message: `cannot listen on 127.0.0.1:${port}: listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
      remedy: 'Leave `port` out to get a free one.',
    });
    occupant.close();
  });

  it('tells 401 from 403, and writes down every decision without a token', async () => {
    await using eks = await startLocalEKS();
    const good = signToken(eks.identities.reader);
    const foreign = signToken(eks.identities.admin, { clusterName: 'prod' });
    expect(await ask(eks, 'GET', '/api/v1/pods', { token: good })).toMatchObject({ status: 200 });
    expect(await ask(eks, 'DELETE', '/api/v1/namespaces/default/pods/x', { token: good })).toMatchObject({
      status: 403,
    });
    const refused = await ask(eks, 'GET', '/api/v1/pods?limit=1', { token: foreign, headers: { 'User-Agent': 'me' } });
    expect(refused.body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'Unauthorized',
      reason: 'Unauthorized',
      code: 401,
    });
    expect(await ask(eks, 'GET', '/api/v1/pods', { as: null })).toMatchObject({ status: 401 });
    expect(await ask(eks, 'GET', '/api/v1/pods', { as: null, headers: { Authorization: 'Basic YTpi' } })).toMatchObject(
      { status: 401 },
    );
    expect(await ask(eks, 'GET', '/readyz', { as: null })).toMatchObject({ status: 200, text: 'ok' });

    const hashOf = (token: string) => createHash('sha256').update(token).digest('hex').slice(0, 12);
    expect(eks.reviews.map(({ at: _at, ...review }) => review)).toEqual([
      { accepted: true, accessKeyId: 'AKIAI44QH8DHBEXAMPLE', tokenHash: hashOf(good) },
      { accepted: true, accessKeyId: 'AKIAI44QH8DHBEXAMPLE', tokenHash: hashOf(good) },
      { accepted: false, accessKeyId: 'AKIAIOSFODNN7EXAMPLE', tokenHash: hashOf(foreign), reason: 'SIGNATURE' },
    ]);
    expect(eks.requests[2]).toMatchObject({
      method: 'GET',
      path: '/api/v1/pods?limit=1',
      status: 401,
      tokenHash: hashOf(foreign),
      userAgent: 'me',
    });
    expect(eks.requests[0]).toMatchObject({ status: 200, username: eks.identities.reader.arn });
    const written = JSON.stringify([eks.requests, eks.reviews]);
    expect(written).not.toContain('k8s-aws-v1');
    expect(written).not.toContain(eks.identities.reader.secretAccessKey);
  });

  it('revokes, restores and adds identities while it runs', async () => {
    await using eks = await startLocalEKS();
    const token = signToken(eks.identities.admin);
    const status = async () => (await ask(eks, 'GET', '/api', { token })).status;
    expect(await status()).toBe(200);
    eks.revoke(eks.identities.admin.accessKeyId);
    expect(await status()).toBe(401);
    expect(eks.identities.admin.name).toBe('admin');
    eks.restore(eks.identities.admin.accessKeyId);
    expect(await status()).toBe(200);
    const guest = {
      name: 'guest',
      accessKeyId: 'AKIAGUEST',
      secretAccessKey: 's',
      arn: 'arn:aws:iam::123456789012:user/guest',
    };
    eks.addIdentity(guest);
    expect(await ask(eks, 'GET', '/api', { token: signToken(guest) })).toMatchObject({ status: 401 });
    expect(eks.reviews.at(-1)).toMatchObject({ accepted: false, reason: 'NO_ACCESS_ENTRY', accessKeyId: 'AKIAGUEST' });
    eks.addIdentity({ ...guest, groups: [] });
    expect(await ask(eks, 'GET', '/api', { token: signToken(guest) })).toMatchObject({ status: 200 });
    expect(await ask(eks, 'GET', '/api/v1/pods', { token: signToken(guest) })).toMatchObject({ status: 403 });
    expect(() => eks.revoke('AKIATYPO')).toThrow('no identity has the access key id AKIATYPO');
  });

  it('judges by the clock it is given', async () => {
    let now = new Date('2026-03-01T12:00:00Z');
    await using eks = await startLocalEKS({ now: () => now });
    const token = signToken(eks.identities.admin, { at: now });
    expect(await ask(eks, 'GET', '/api', { token })).toMatchObject({ status: 200 });
    now = new Date('2026-03-01T12:15:01Z');
    expect(await ask(eks, 'GET', '/api', { token })).toMatchObject({ status: 401 });
    expect(eks.reviews.map(({ at, reason }) => [at.toISOString(), reason])).toEqual([
      ['2026-03-01T12:00:00.000Z', undefined],
      ['2026-03-01T12:15:01.000Z', 'EXPIRED'],
    ]);
  });

  it('cuts connections and ends watches on demand', async () => {
    await using eks = await startLocalEKS();
    const stream = events(await open(eks, 'GET', '/api/v1/namespaces?watch=true&fieldSelector=metadata.name=default'));
    expect(await next(stream, 1)).toEqual(['ADDED default']);
    expect(eks.closeWatches()).toBe(1);
    expect(await next(stream, 1)).toEqual(['END']);
    const cut = events(await open(eks, 'GET', '/api/v1/namespaces?watch=true&fieldSelector=metadata.name=default'));
    await next(cut, 1);
    expect(eks.dropConnections()).toBeGreaterThan(0);
    await expect(next(cut, 1)).rejects.toThrow(/aborted|terminated|ECONNRESET/);
    expect(await ask(eks, 'GET', '/api')).toMatchObject({ status: 200 });
  });

  it('leaves nothing behind when it is closed: the process ends, whatever was going on', () => {
    const source = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
    const program = `
      import { spawnSync } from 'node:child_process';
      import { once } from 'node:events';
      import { connect } from 'node:net';
      import { startLocalEKS } from ${source('../../../src/testing/index.ts')};
      import { open } from ${source('../../support/local-eks-request.ts')};
      const eks = await startLocalEKS();
      const shakingHands = connect(Number(new URL(eks.server).port), '127.0.0.1');
      await once(shakingHands, 'connect');
      const path = '/api/v1/namespaces?watch=true&allowWatchBookmarks=true&timeoutSeconds=600';
      (await open(eks, 'GET', path)).on('error', () => {});
      await eks.close();
      await eks.close();
      console.log('closed');
    `;
    const register = `import{register}from"node:module";register(${source('../../support/typescript-hooks.mjs')})`;
    const hooks = `data:text/javascript,${encodeURIComponent(register)}`;
    const flags = ['--import', hooks, '--input-type=module', '--eval', program];
    const run = spawnSync(process.execPath, flags, { encoding: 'utf8', timeout: 55_000 });
    expect(run).toMatchObject({ stderr: '', stdout: 'closed\n', status: 0 });
  }, 60_000);
});

describe('the kubeconfig of a local cluster', () => {
  const file = (name: string) => readFileSync(new URL(`../../kubeconfigs/${name}`, import.meta.url), 'utf8');
  const factsOf = (text: string) => ({
    server: /server: (.*)/.exec(text)?.[1] ?? '',
    certificateAuthorityData: /certificate-authority-data: (.*)/.exec(text)?.[1] ?? '',
    clusterArn: /current-context: (.*)/.exec(text)?.[1] ?? '',
    clusterName: 'dev',
    region: 'us-east-1',
  });

  it.each([
    ['plain.yaml', {}],
    ['profile.yaml', { profile: 'acme' }],
    ['role.yaml', { roleArn: 'arn:aws:iam::123456789012:role/eks-admin' }],
  ])('is what `aws eks update-kubeconfig` wrote into %s, byte for byte', (name, options) => {
    const text = file(name);
    expect(kubeconfigText(factsOf(text), options)).toBe(text);
  });

  it('names another command, more variables, another server', async () => {
    await using eks = await startLocalEKS();
    const text = eks.kubeconfig({
      command: '/opt/my aws',
      profile: 'a b',
      env: { ONE: '1', YES: 'yes' },
      server: 'https://evil.example',
    });
    expect(text).toContain('      command: /opt/my aws\n');
    expect(text).toContain(
      "      env:\n      - name: AWS_PROFILE\n        value: a b\n      - name: ONE\n        value: '1'\n      - name: 'YES'\n        value: 'yes'\n",
    );
    expect(text).toContain('    server: https://evil.example\n');
    expect(eks.kubeconfig()).toContain(`    server: ${eks.server}\n`);
  });
});

describe('a string in the kubeconfig of a local cluster', () => {
  // What PyYAML 6 writes for each.
  it.each([
    ['a b', 'a b'],
    ['yes', "'yes'"],
    ['y', 'y'],
    ['1', "'1'"],
    ['123456789012', "'123456789012'"],
    ['1.5', "'1.5'"],
    ['1e3', '1e3'],
    ['0755', "'0755'"],
    ['0x1f', "'0x1f'"],
    ['12:30', "'12:30'"],
    ['2024-01-01', "'2024-01-01'"],
    ['', "''"],
    ['null', "'null'"],
    ['~', "'~'"],
    ['-', "'-'"],
    ['--role', '--role'],
    ['a: b', "'a: b'"],
    ['a:b', 'a:b'],
    ['a:', "'a:'"],
    ['x #y', "'x #y'"],
    ['#x', "'#x'"],
    ['a#b', 'a#b'],
    ['*a', "'*a'"],
    ['%x', "'%x'"],
    ['a%b', 'a%b'],
    ['?x', '?x'],
    ['---', "'---'"],
    ["a'b", "a'b"],
    ["'a'", "'''a'''"],
    [' lead', "' lead'"],
    ['trail ', "'trail '"],
    ['tab\tx', '"tab\\tx"'],
  ])('is written as the AWS CLI writes it: %j', (value, written) => {
    const facts = { server: 's', certificateAuthorityData: 'c', clusterArn: 'arn', clusterName: 'n', region: 'r' };
    expect(kubeconfigText(facts, { env: { NAME: value } })).toMatch(
      new RegExp(`\n        value: ${escaped(written)}\n$`),
    );
  });
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

describe('the AWS files of a local cluster', () => {
  it('hold a profile for each identity and a default, for their owner alone', async () => {
    const home = mkdtempSync(join(tmpdir(), 'aws-files-'));
    await using eks = await startLocalEKS({
      identities: {
        temporary: {
          accessKeyId: 'ASIAX',
          secretAccessKey: 's',
          sessionToken: 't+/=',
          arn: 'arn:aws:sts::123456789012:assumed-role/r/s',
        },
      },
    });
    const files = await eks.writeAWSFiles(home, { defaultProfile: 'reader', region: 'us-east-1' });
    expect(files).toEqual({ credentials: join(home, '.aws', 'credentials'), config: join(home, '.aws', 'config') });
    expect(readFileSync(files.credentials, 'utf8')).toBe(
      [
        '[default]\naws_access_key_id = AKIAI44QH8DHBEXAMPLE\naws_secret_access_key = je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY\n',
        '[admin]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n',
        '[reader]\naws_access_key_id = AKIAI44QH8DHBEXAMPLE\naws_secret_access_key = je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY\n',
        '[temporary]\naws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t+/=\n',
      ].join('\n'),
    );
    const sections = ['[default]', '[profile admin]', '[profile reader]', '[profile temporary]'];
    expect(readFileSync(files.config, 'utf8')).toBe(sections.map((one) => `${one}\nregion = us-east-1\n`).join('\n'));
    for (const path of Object.values(files)) expect(statSync(path).mode & 0o777).toBe(0o600);
    rmSync(home, { recursive: true });
  });
});
