import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { fromIni } from '@aws-sdk/credential-providers';
import { CoreV1Api } from '@kubernetes/client-node';
import { startLocalEKS } from 'ekspress/testing';
import { describe, expect, it } from 'vitest';
import { parseExecConfig } from '../../../../src/aws/stanza/parse-exec-config.ts';
import { stanzaForCluster } from '../../../../src/aws/stanza/stanza.ts';
import { getEKSToken } from '../../../../src/aws/token/eks-token.ts';
import { TokenManager } from '../../../../src/aws/token/token-manager.ts';
import { ClusterRegistry } from '../../../../src/cluster/registry/registry.ts';
import { EKSAuthError } from '../../../../src/errors.ts';
import { FakeHome, KEYS } from '../../../support/fake-aws-home.ts';
import { kubeconfigText, TRUSTED } from '../../../support/kubeconfig-text.ts';

const theirs = { accessKeyId: 'ASIATHEIRS', secretAccessKey: 'their-secret', sessionToken: 'their-session' };

function urlOf(token: string): URL {
  return new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString());
}

function entriesOf(home: FakeHome): string[] {
  return existsSync(home.cacheDirectory)
    ? readdirSync(home.cacheDirectory).filter((name) => name.endsWith('.json'))
    : [];
}

describe('credentials that the caller brings', () => {
  it('sign the token, whatever profile or keys the environment names', async () => {
    const home = new FakeHome().withStaticKeys();
    Object.assign(home.env, { AWS_PROFILE: 'nobody', AWS_ACCESS_KEY_ID: KEYS.accessKeyId, AWS_SECRET_ACCESS_KEY: 'x' });
    const request = { clusterName: 'dev', region: 'eu-west-1', env: home.env, credentials: async () => theirs };
    const url = urlOf((await getEKSToken(request)).token);
    expect(url.searchParams.get('X-Amz-Credential')).toMatch(/^ASIATHEIRS\/\d+\/eu-west-1\/sts\/aws4_request$/);
    expect(url.searchParams.get('X-Amz-Security-Token')).toBe('their-session');
    expect(url.host).toBe('sts.eu-west-1.amazonaws.com');
  });

  it('may come from any provider of the AWS SDK', async () => {
    const home = new FakeHome().withStaticKeys();
    const filepath = join(home.directory, '.aws', 'credentials');
    const credentials = fromIni({ filepath, configFilepath: '/dev/null', ignoreCache: true });
    const { token } = await getEKSToken({
      clusterName: 'dev',
      region: 'us-east-1',
      env: {},
      cache: false,
      credentials,
    });
    expect(urlOf(token).searchParams.get('X-Amz-Credential')).toMatch(new RegExp(`^${KEYS.accessKeyId}/`));
  });

  it('make tokens that stay in memory, as nothing says whose they are', async () => {
    const home = new FakeHome();
    await getEKSToken({ clusterName: 'dev', region: 'us-east-1', env: home.env, credentials: async () => theirs });
    expect(entriesOf(home)).toEqual([]);
  });

  it('make tokens that are shared under the name that the caller gives the identity', async () => {
    const home = new FakeHome();
    let asked = 0;
    const request = {
      clusterName: 'dev',
      region: 'us-east-1',
      env: home.env,
      credentials: async () => {
        asked += 1;
        return theirs;
      },
    };
    const { token } = await getEKSToken({ ...request, identityKey: 'role/reader' });
    await expect(getEKSToken({ ...request, identityKey: 'role/reader' })).resolves.toMatchObject({ token });
    expect(asked).toBe(1);
    await getEKSToken({ ...request, identityKey: 'role/admin' });
    expect(asked).toBe(2);
  });

  it('may be the keys themselves, as clients of the AWS SDK take them', async () => {
    const request = { clusterName: 'dev', region: 'us-east-1', env: new FakeHome().env, credentials: theirs };
    const url = urlOf((await getEKSToken(request)).token);
    expect(url.searchParams.get('X-Amz-Credential')).toMatch(/^ASIATHEIRS\//);
    expect(url.searchParams.get('X-Amz-Security-Token')).toBe('their-session');
  });

  it.each([
    ['null', null],
    ['a string', 'EXAMPLEKEY'],
    ['an object without accessKeyId and secretAccessKey', { secretAccessKey: 'EXAMPLEKEY' }],
    ['a promise: pass the function itself, without calling it', Promise.resolve(theirs)],
  ])('are refused before any call waits for a token where they are not credentials: %s', async (what, credentials) => {
    await using registry = new ClusterRegistry({ env: { HOME: new FakeHome().directory } });
    const error = await registry
      .registerEKSByString(kubeconfigText(), { trustedServers: [TRUSTED], credentials: credentials as never })
      .catch((cause: unknown) => cause);
    expect(error).toMatchObject({
      code: 'INVALID_CONFIG',
      message: `The credentials given to ekspress are neither a provider function nor keys, but ${what}.`,
      remedy:
        'Pass a provider such as `fromNodeProviderChain()`, or { accessKeyId, secretAccessKey, sessionToken?, expiration? }.',
    });
    expect(inspect(error, { depth: 9 })).not.toContain('EXAMPLEKEY');
    expect(registry.list()).toEqual([]);
    expect(() => new TokenManager({} as never, { credentials: credentials as never })).toThrow('neither a provider');
  });

  it('are for a cluster that has a name', async () => {
    await expect(getEKSToken({ clusterName: undefined as never, env: {} })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: 'getEKSToken needs the name of the cluster.',
      remedy: "Pass { clusterName: 'prod', region: 'us-west-2' }; `aws eks list-clusters` shows the names.",
    });
  });

  it('have an identity with a name, or none', async () => {
    const credentials = async () => theirs;
    for (const identityKey of ['', 5 as never]) {
      const request = { clusterName: 'dev', region: 'us-east-1', env: {}, credentials, identityKey };
      await expect(getEKSToken(request)).rejects.toMatchObject({
        code: 'INVALID_CONFIG',
        message: 'The identityKey given to ekspress is not a text, or is empty.',
      });
    }
  });

  it('are waited for until the manager is stopped at the latest, also where their provider never answers', async () => {
    const credentials = () => new Promise<never>(() => {});
    for (const identityKey of [undefined, 'theirs']) {
      const options = { env: new FakeHome().env, credentials, ...(identityKey && { identityKey }) };
      const stanza = stanzaForCluster({ clusterName: 'dev', region: 'us-east-1' });
      const tokens = new TokenManager(parseExecConfig(stanza), options);
      const waiting = tokens.getValidToken().catch((error: unknown) => error);
      await new Promise((resolve) => setTimeout(resolve, 50));
      tokens.stop();
      expect(await waiting).toMatchObject({ code: 'TIMEOUT' });
    }
  });

  it('end the token when they end', async () => {
    const expiration = new Date(Math.ceil(Date.now() / 1000) * 1000 + 300_000);
    const credentials = async () => ({ ...theirs, expiration });
    const token = await getEKSToken({ clusterName: 'dev', region: 'us-east-1', env: new FakeHome().env, credentials });
    expect(token.expiresAt.getTime()).toBe(expiration.getTime() - 60_000);
  });

  it.each([
    ['a provider that fails', () => Promise.reject(new Error('vault is sealed')), 'failed', 'See the cause'],
    [
      'a provider without keys',
      async () => ({ accessKeyId: '', secretAccessKey: '' }),
      'handed out no keys',
      'Let it resolve to',
    ],
    [
      'one that hands out keys with an end that is none',
      async () => ({ accessKeyId: 'AKIA', secretAccessKey: 'their-secret', expiration: new Date('soon') }),
      'name no valid end',
      'be a Date',
    ],
  ])('are checked: %s is named', async (_, credentials, message, remedy) => {
    const request = { clusterName: 'dev', region: 'us-east-1', env: new FakeHome().env, credentials };
    const error = await getEKSToken(request).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(EKSAuthError);
    expect(error).toMatchObject({ code: 'NO_CREDENTIALS' });
    expect((error as EKSAuthError).message).toContain(message);
    expect((error as EKSAuthError).remedy).toContain(remedy);
    expect(inspect(error, { depth: 9 })).not.toContain('their-secret');
  });
});

describe('a registered cluster', () => {
  it('signs with the credentials that it was registered with', async () => {
    await using eks = await startLocalEKS();
    await using registry = new ClusterRegistry({ env: { HOME: new FakeHome().directory } });
    const { accessKeyId, secretAccessKey } = eks.identities.reader;
    const cluster = await registry.registerEKSByString(eks.kubeconfig(), {
      trustedServers: 'kubeconfig',
      credentials: async () => ({ accessKeyId, secretAccessKey }),
    });
    await cluster.makeApiClient(CoreV1Api).listNamespace();
    expect(eks.requests.map(({ username }) => username)).toEqual([eks.identities.reader.arn]);
  });
});
