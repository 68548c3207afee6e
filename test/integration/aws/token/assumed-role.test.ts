import { existsSync, readdirSync } from 'node:fs';
import { ClusterRegistry, EKSAuthError, getEKSToken, parseExecConfig, TokenManager } from 'ekspress';
import { startLocalAWS, startLocalEKS } from 'ekspress/testing';
import { describe, expect, it } from 'vitest';
import { FakeHome } from '../../../support/fake-aws-home.ts';

const ROLE = 'arn:aws:iam::123456789012:role/backstage';

/** A local AWS whose role wants an external id, and a home with keys that may assume it. */
async function arrange() {
  const aws = await startLocalAWS({ roles: { [ROLE]: { externalId: 'acme-42' } } });
  const { accessKeyId = '', secretAccessKey = '' } = aws.identities.admin ?? {};
  const home = new FakeHome().withStaticKeys({ accessKeyId, secretAccessKey });
  const env = { ...home.env, AWS_ENDPOINT_URL_STS: aws.endpoint };
  return { aws, home, env };
}

const REQUEST = { clusterName: 'dev', region: 'us-west-2', roleArn: ROLE };

describe('the role of a cluster without a profile for it', () => {
  it('is assumed with the external id, the session name and the duration that the caller gives', async () => {
    const { aws, env } = await arrange();
    await using _aws = aws;
    const own = { externalId: 'acme-42', sessionName: 'kim@example', durationSeconds: 900 };
    await getEKSToken({ ...REQUEST, ...own, env, cache: false });
    const [call] = aws.calls.filter(({ operation }) => operation === 'AssumeRole');
    expect(call).toMatchObject({ ...own, roleArn: ROLE, status: 200 });
  });

  it('is assumed as the AWS CLI does it where the caller gives nothing', async () => {
    const { aws, env } = await arrange();
    await using _aws = aws;
    const failure = await getEKSToken({ ...REQUEST, env, cache: false }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'ACCESS_DENIED' });
    const [call] = aws.calls;
    expect(call).toMatchObject({ operation: 'AssumeRole', sessionName: 'EKSGetTokenAuth' });
    expect(call).not.toHaveProperty('externalId');
    expect(call).not.toHaveProperty('durationSeconds');
  });

  it('is refused with a remedy that names the trust policy, and never the external id', async () => {
    const { aws, env } = await arrange();
    await using _aws = aws;
    const call = getEKSToken({ ...REQUEST, externalId: 'acme-43', env, cache: false });
    const failure = await call.catch((error: unknown) => error);
    const { message, remedy } = failure as EKSAuthError;
    expect(message).toContain(`is not authorized to perform: sts:AssumeRole on resource: ${ROLE}`);
    expect(remedy).toContain('the external id, if it asks for one (sent by this call: yes)');
    expect(remedy).toContain('`aws iam get-role --role-name backstage`');
    expect(`${message}${remedy}`).not.toContain('acme-43');
  });

  it.each([
    [{ externalId: 'acme-42' }, { externalId: 'acme-42', sessionName: 'second' }],
    [
      { externalId: 'acme-42', sessionName: 'first' },
      { externalId: 'acme-42', sessionName: 'second' },
    ],
    [{ externalId: 'acme-42' }, { externalId: 'acme-42', durationSeconds: 1800 }],
    [{ externalId: 'acme-42' }, { externalId: 'acme-42', tags: { team: 'blue' } }],
    [
      { externalId: 'acme-42', tags: { team: 'blue', unit: '' } },
      { externalId: 'acme-42', tags: { team: 'blue', unit: 'x' } },
    ],
    [
      { externalId: 'acme-42', tags: { team: 'blue', unit: 'x' } },
      { externalId: 'acme-42', tags: { team: 'blue', unit: 'x' }, transitiveTagKeys: ['unit'] },
    ],
  ])('has a shared entry of its own for other options: %o and %o', async (one, other) => {
    const { aws, home, env } = await arrange();
    await using _aws = aws;
    await getEKSToken({ ...REQUEST, ...one, env });
    await getEKSToken({ ...REQUEST, ...one, env });
    expect(aws.count('AssumeRole')).toBe(1);
    await getEKSToken({ ...REQUEST, ...other, env });
    expect(aws.count('AssumeRole')).toBe(2);
    expect(existsSync(home.cacheDirectory) && readdirSync(home.cacheDirectory).length).toBeGreaterThan(0);
    // A token with an external id never answers a caller who gives none.
    await expect(getEKSToken({ ...REQUEST, env })).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });

  it('is assumed with the session tags that the caller gives', async () => {
    const { aws, env } = await arrange();
    await using _aws = aws;
    const own = { tags: { team: 'blue', 'cost center': 'é/1=2' }, transitiveTagKeys: ['team'] };
    await getEKSToken({ ...REQUEST, externalId: 'acme-42', ...own, env, cache: false });
    expect(aws.calls.at(-1)).toMatchObject({ operation: 'AssumeRole', status: 200, ...own });
  });

  it('has one shared entry for the same tags in another order, and for empty lists of them', async () => {
    const { aws, env } = await arrange();
    await using _aws = aws;
    const asked = { ...REQUEST, externalId: 'acme-42', env };
    const tags = { team: 'blue', unit: 'x' };
    await getEKSToken({ ...asked, tags, transitiveTagKeys: ['team', 'unit'] });
    await getEKSToken({ ...asked, tags: { unit: 'x', team: 'blue' }, transitiveTagKeys: ['unit', 'team', 'unit'] });
    expect(aws.count('AssumeRole')).toBe(1);
    await getEKSToken(asked);
    await getEKSToken({ ...asked, tags: {}, transitiveTagKeys: [] });
    expect(aws.count('AssumeRole')).toBe(2);
  });

  it('keeps the tags that it was made with, whatever becomes of the object of the caller', async () => {
    const { aws, env } = await arrange();
    await using _aws = aws;
    const tags: Record<string, string> = { team: 'blue' };
    const manager = new TokenManager({ ...REQUEST, externalId: 'acme-42', tags }, { env, cache: false });
    tags.team = 'red';
    await manager.getValidToken();
    expect(aws.calls.at(-1)).toMatchObject({ tags: { team: 'blue' } });
  });

  it('takes the options with the credentials of the caller', async () => {
    const { aws, env } = await arrange();
    await using _aws = aws;
    const { accessKeyId = '', secretAccessKey = '' } = aws.identities.admin ?? {};
    const credentials = { accessKeyId, secretAccessKey };
    await getEKSToken({ ...REQUEST, externalId: 'acme-42', sessionName: 'given', tags: { a: 'b' }, credentials, env });
    expect(aws.calls.at(-1)).toMatchObject({
      sessionName: 'given',
      externalId: 'acme-42',
      tags: { a: 'b' },
      status: 200,
    });
  });

  it('is assumed with them for DescribeCluster and the tokens of a registered cluster', async () => {
    const { aws, env } = await arrange();
    await using _aws = aws;
    await using eks = await startLocalEKS({ aws, clusterName: 'dev', region: 'us-west-2' });
    expect(eks.server).toMatch(/^https/);
    await using registry = new ClusterRegistry({ env: { ...env, AWS_ENDPOINT_URL: aws.endpoint }, cache: false });
    const own = { externalId: 'acme-42', sessionName: 'service', tags: { team: 'blue' } };
    const cluster = await registry.registerAWSCluster({ name: 'dev', region: 'us-west-2', roleArn: ROLE, ...own });
    await cluster.getToken();
    const calls = aws.calls.filter(({ operation }) => operation === 'AssumeRole');
    expect(calls.length).toBeGreaterThan(0);
    for (const call of calls) expect(call).toMatchObject({ ...own, status: 200 });
    expect(cluster.eksAuth).toMatchObject(own);
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{ externalId: 'a' }, /externalId/],
    [{ externalId: 'with blanks' }, /externalId/],
    [{ sessionName: 'a/b' }, /sessionName/],
    [{ durationSeconds: 899 }, /899 seconds/],
    [{ durationSeconds: 1.5 }, /seconds/],
    [{ externalId: 'acme-42', roleArn: undefined }, /no role/],
    [{ tags: { team: 'blue' }, roleArn: undefined }, /no role for the tags/],
    [{ tags: [{ Key: 'team', Value: 'blue' }] }, /not an object/],
    [{ tags: null }, /not an object/],
    [{ tags: { '': 'x' } }, /key "" of a tag/],
    [{ tags: { ['k'.repeat(129)]: 'x' } }, /key .k+.* of a tag/],
    [{ tags: { 'a,b': 'x' } }, /key "a,b"/],
    [{ tags: { 'aws:team': 'x' } }, /begins with aws:/],
    [{ tags: { 'AWS:team': 'x' } }, /begins with aws:/],
    [{ tags: { team: 'v'.repeat(257) } }, /value of the tag "team"/],
    [{ tags: { team: 7 } }, /value of the tag "team"/],
    [{ tags: { team: undefined } }, /value of the tag "team"/],
    [{ tags: { team: 'a', Team: 'b' } }, /capitals only/],
    [{ tags: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, ''])) }, /at most 50/],
    [{ tags: { team: 'a' }, transitiveTagKeys: ['unit'] }, /"unit" is not a key of the tags/],
    [{ transitiveTagKeys: ['unit'] }, /"unit" is not a key of the tags/],
    [{ tags: { team: 'a' }, transitiveTagKeys: 'team' }, /not a list/],
  ])('is not asked for with what STS does not take: %o', async (more, message) => {
    const { aws, env } = await arrange();
    await using _aws = aws;
    const failure = await getEKSToken({ ...REQUEST, env, cache: false, ...more }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'INVALID_CONFIG', message: expect.stringMatching(message) });
    expect(aws.calls).toHaveLength(0);
  });

  it('is never left to the original command, which has no flags for them', async () => {
    const { aws, env, home } = await arrange();
    await using _aws = aws;
    const args = ['eks', 'get-token', '--cluster-name', 'dev', '--role-arn', ROLE, '--query', 'x'];
    const config = parseExecConfig({ command: 'aws', args }, { externalId: 'acme-42' });
    const failure = await new TokenManager(config, { env, cache: false })
      .getValidToken()
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(EKSAuthError);
    expect(failure).toMatchObject({ code: 'EXEC_FAILED', remedy: expect.stringContaining('external_id') });
    expect(home.awsCalls).toBe(0);
  });

  it('names a way for tags that no profile can have', async () => {
    const { aws, env } = await arrange();
    await using _aws = aws;
    const args = ['eks', 'get-token', '--cluster-name', 'dev', '--role-arn', ROLE, '--query', 'x'];
    const config = parseExecConfig({ command: 'aws', args }, { tags: { team: 'blue' } });
    await expect(new TokenManager(config, { env, cache: false }).getValidToken()).rejects.toMatchObject({
      code: 'EXEC_FAILED',
      remedy: expect.stringContaining('fromTemporaryCredentials'),
    });
  });

  it.each([
    ['50 tags', { tags: Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`k${n}`, ''])) }],
    ['a key of 128 and a value of 256 characters', { tags: { ['é'.repeat(128)]: 'ß'.repeat(256) } }],
    ['a key with every character', { tags: { 'a b_.:/=+-@1é': 'a b_.:/=+-@1é' } }],
  ])('takes what STS takes: %s', (_, options) => {
    const args = ['eks', 'get-token', '--cluster-name', 'dev', '--role-arn', ROLE];
    expect(parseExecConfig({ command: 'aws', args }, options).tags).toEqual(options.tags);
  });

  it.each([
    { command: 'aws-iam-authenticator', args: ['token', '-i', 'dev', '--role', ROLE] },
    {
      command: 'aws-vault',
      args: ['exec', 'p', '--', 'aws', 'eks', 'get-token', '--cluster-name', 'c', '--role-arn', ROLE],
    },
  ])('takes no options beside a command that decides them itself: $command', (stanza) => {
    expect(() => parseExecConfig(stanza, { externalId: 'acme-42' })).toThrow(/for `aws eks get-token` only/);
  });
});
