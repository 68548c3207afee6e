import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseExecConfig } from '../../../../src/aws/stanza/parse-exec-config.ts';
import { stanzaForCluster } from '../../../../src/aws/stanza/stanza.ts';
import type { TokenManagerOptions } from '../../../../src/aws/token/token-provider.ts';
import { ClusterAuth } from '../../../../src/cluster/requests/cluster-auth.ts';
import { EKSIdentity } from '../../../../src/cluster/requests/eks-identity.ts';
import { Passage } from '../../../../src/cluster/transport/passage.ts';
import type { EKSAuthError } from '../../../../src/errors.ts';

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'x' };

function identity(clusterName: string): EKSIdentity {
  const env = { HOME: '/nonexistent', ...KEYS };
  const config = parseExecConfig(stanzaForCluster({ clusterName, region: 'us-east-1' }));
  return new EKSIdentity(config, () => ({ env, cache: false }));
}

/** A request of that identity whose token was refused. */
function refused(one: EKSIdentity): Passage<EKSIdentity | undefined> {
  const route = { origin: { secure: true, host: 'dev.example', port: 443 }, name: 'dev.example', verify: true };
  const passage = new Passage<EKSIdentity | undefined>(route, one);
  passage.authorize('refused');
  return passage;
}

describe('the error about a server that refuses a fresh token', () => {
  const refusal = async (env: Record<string, string>, options: Partial<TokenManagerOptions> = {}) => {
    const home = mkdtempSync(join(tmpdir(), 'ekspress-auth-'));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    mkdirSync(join(home, '.aws'));
    const keys = 'aws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = x\n';
    writeFileSync(join(home, '.aws', 'credentials'), `[acme]\n${keys}[default]\n${keys}`);
    const config = parseExecConfig(stanzaForCluster({ clusterName: 'dev', region: 'us-east-1' }));
    const tokens = { env: { HOME: home, ...env }, cache: false as const, ...options };
    const refusing = new EKSIdentity(config, () => tokens);
    const auth = new ClusterAuth('id', refusing);
    return auth.heal(refused(refusing), async () => false).catch((error: EKSAuthError) => error);
  };

  it('names the profile that the environment chooses', async () => {
    const error = await refusal({ AWS_DEFAULT_PROFILE: 'acme' });
    expect(error).toMatchObject({
      message: expect.stringContaining('the profile "acme", the access key AKIAEXAMPLE'),
      remedy: expect.stringContaining('`aws sts get-caller-identity --profile acme`'),
    });
  });

  it.each<[string, Record<string, string>, Partial<TokenManagerOptions>]>([
    ['there is none', {}, {}],
    ['keys in the environment stand before it', { AWS_PROFILE: 'acme', ...KEYS }, {}],
    [
      'the caller brings the keys',
      { AWS_PROFILE: 'acme' },
      { credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'x' } },
    ],
  ])('names no profile where %s', async (_, env, options) => {
    const error = await refusal(env, options);
    expect(error).toMatchObject({
      message: expect.stringContaining('of the access key AKIAEXAMPLE'),
      remedy: expect.stringContaining('`aws sts get-caller-identity`'),
    });
  });
});

it('A request that is healed while its cluster becomes another one gets no token of that one', async () => {
  const [one, other] = [identity('one'), identity('other')];
  const auth = new ClusterAuth('id', one);
  const sent: string[] = [];
  const healing = auth.heal(refused(one), async (token) => {
    sent.push(token);
    return true;
  });
  auth.replaceIdentity(other);
  await healing;
  expect(sent).toEqual([(await one.tokens.getValidToken()).token]);
  expect(sent).not.toEqual([(await other.tokens.getValidToken()).token]);
});
