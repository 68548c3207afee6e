import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalAWS, startLocalAWS, startLocalEKS } from '../../../../src/testing/index.ts';
import { type SignRequestOptions, send, sendSigned } from '../../../support/sign-request.ts';
import { signToken, urlOf } from '../../../support/sign-token.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const WHO = 'Action=GetCallerIdentity&Version=2011-06-15';

let aws: LocalAWS;
beforeAll(async () => {
  aws = await startLocalAWS({ now: () => NOW });
});
afterAll(() => aws.close());

const ask = (options: SignRequestOptions = {}, path = '/') => {
  return sendSigned(aws.endpoint, path, aws.identities.admin, { at: NOW, body: WHO, ...options });
};
const codeOf = ({ text }: { text: string }) => /<Code>(.*)<\/Code>/.exec(text)?.[1];

describe('the signature of a call', () => {
  it('is good in the headers of POST and GET, for any region on loopback, within 15 minutes', async () => {
    const { status, text, headers } = await ask();
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'text/xml', date: 'Sun, 01 Mar 2026 12:00:00 GMT' });
    expect(text).toMatch(
      /^<GetCallerIdentityResponse xmlns="https:\/\/sts\.amazonaws\.com\/doc\/2011-06-15\/">\n<GetCallerIdentityResult>\s*<Arn>arn:aws:iam::123456789012:user\/admin<\/Arn>/,
    );
    expect(await ask({ method: 'GET', body: '' }, `/?${WHO}`)).toMatchObject({ status: 200 });
    expect(await ask({ region: 'eu-west-3' })).toMatchObject({ status: 200 });
    expect(await ask({ host: 'sts.eu-west-3.amazonaws.com', region: 'eu-west-3' })).toMatchObject({ status: 200 });
    expect(await ask({ at: new Date('2026-03-01T11:45:00Z') })).toMatchObject({ status: 200 });
    expect(await ask({ at: new Date('2026-03-01T12:05:00Z') })).toMatchObject({ status: 200 });
  });

  it('is good in the query: a token is such a call', async () => {
    const host = 'sts.us-east-1.amazonaws.com';
    const url = new URL(urlOf(signToken(aws.identities.reader, { at: NOW })));
    const headers = { host, 'x-k8s-aws-id': 'dev' };
    const { text } = await send(aws.endpoint, 'GET', url.pathname + url.search, {
      ...headers,
      accept: 'application/json',
    });
    expect(JSON.parse(text).GetCallerIdentityResponse.GetCallerIdentityResult).toMatchObject({
      Arn: aws.identities.reader.arn,
      Account: '123456789012',
    });
    expect(
      codeOf(await send(aws.endpoint, 'GET', url.pathname + url.search, { ...headers, 'x-k8s-aws-id': 'prod' })),
    ).toBe('SignatureDoesNotMatch');
  });

  const refusals: readonly [string, string, SignRequestOptions][] = [
    ['another body', 'SignatureDoesNotMatch', { instead: { body: `${WHO}&More=1` } }],
    ['another signed header', 'SignatureDoesNotMatch', { instead: { headers: { 'content-type': 'text/plain' } } }],
    ['another service', 'SignatureDoesNotMatch', { service: 'eks' }],
    ["a region that is not the endpoint's", 'SignatureDoesNotMatch', { host: 'sts.eu-west-3.amazonaws.com' }],
    ['an old signature', 'SignatureDoesNotMatch', { at: new Date('2026-03-01T11:44:59Z') }],
    ['a signature from the future', 'SignatureDoesNotMatch', { at: new Date('2026-03-01T12:05:01Z') }],
    ['an unsigned host', 'IncompleteSignature', { unsigned: ['host'] }],
    ['an unsigned date', 'IncompleteSignature', { unsigned: ['x-amz-date'] }],
    ['another day', 'SignatureDoesNotMatch', { instead: { headers: { 'x-amz-date': '20260228T115900Z' } } }],
    ['no signature', 'MissingAuthenticationToken', { instead: { headers: { authorization: undefined } } }],
    ['another scheme', 'IncompleteSignature', { instead: { headers: { authorization: 'Bearer x' } } }],
    ['another action', 'InvalidAction', { body: 'Action=GetSessionToken&Version=2011-06-15' }],
    ['another version', 'InvalidAction', { body: 'Action=GetCallerIdentity&Version=2010-01-01' }],
  ];
  it.each(refusals)('is refused with %s: %s', async (_, code, options) => {
    expect(codeOf(await ask(options))).toBe(code);
  });

  it('is refused if it is scoped to another day than it was made on', async () => {
    expect(await ask({ day: '20260228' })).toMatchObject({
      status: 403,
      text: expect.stringContaining('Date in Credential scope does not match'),
    });
  });

  it('is refused in JSON to those who ask for JSON', async () => {
    const { status, text } = await ask({ service: 'eks', accept: 'application/json' });
    expect(status).toBe(403);
    expect(JSON.parse(text).Error).toMatchObject({ Type: 'Sender', Code: 'SignatureDoesNotMatch' });
  });
});

describe('DescribeCluster of the local AWS', () => {
  const describeCluster = (name: string, options: SignRequestOptions = {}) => {
    return ask({ method: 'GET', body: '', service: 'eks', ...options }, `/clusters/${encodeURIComponent(name)}`);
  };

  it('finds the clusters that stand on this AWS, for as long as they stand', async () => {
    const eks = await startLocalEKS({ aws, clusterName: 'über', region: 'eu-west-3' });
    const { status, text } = await describeCluster('über', { region: 'eu-west-3' });
    expect(status).toBe(200);
    expect(JSON.parse(text).cluster).toEqual({
      name: 'über',
      arn: 'arn:aws:eks:eu-west-3:123456789012:cluster/über',
      status: 'ACTIVE',
      version: '1.33',
      endpoint: eks.server,
      certificateAuthority: { data: eks.certificateAuthorityData },
    });
    const inParis = { host: 'eks.eu-west-3.amazonaws.com', region: 'eu-west-3' };
    expect(await describeCluster('über', inParis)).toMatchObject({ status: 200 });
    const elsewhere = await describeCluster('über', { host: 'eks.us-east-1.amazonaws.com' });
    expect([elsewhere.status, elsewhere.headers['x-amzn-errortype']]).toEqual([404, 'ResourceNotFoundException']);
    expect(await describeCluster('über', { service: 'sts' })).toMatchObject({ status: 403 });
    await eks.close();
    expect(await describeCluster('über')).toMatchObject({ status: 404 });
  });
});

describe('an SSO login', () => {
  it('leaves the file that the CLI leaves, under the name that it looks for', async () => {
    const home = mkdtempSync(join(tmpdir(), 'sso-'));
    const session = await aws.ssoLogin(home, {
      sessionName: 'ss',
      startUrl: 'https://x.awsapps.com/start',
      region: 'eu-west-1',
    });
    // sha1 of `ss`, as in real homes
    expect(session).toBe(join(home, '.aws', 'sso', 'cache', 'c1c93f88d273660be5358cd4ee2df2c2f3f0e8e7.json'));
    expect(statSync(session).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(session, 'utf8'))).toMatchObject({
      startUrl: 'https://x.awsapps.com/start',
      region: 'eu-west-1',
      expiresAt: '2026-03-01T20:00:00Z',
      registrationExpiresAt: '2026-05-30T12:00:00Z',
      refreshToken: expect.stringContaining('EKSPRESSLOCALREFRESH'),
    });
    const legacy = await aws.ssoLogin(home, { startUrl: 'https://x.awsapps.com/start', expiresInSeconds: -1 });
    expect(legacy).toBe(join(home, '.aws', 'sso', 'cache', '3947de8b16688092197fa616c34e01335f21d256.json'));
    const file = JSON.parse(readFileSync(legacy, 'utf8'));
    expect(file).toMatchObject({ expiresAt: '2026-03-01T11:59:59Z' });
    expect(file).not.toHaveProperty('refreshToken');
    rmSync(home, { recursive: true });
  });

  it('is over when it has expired', async () => {
    const home = mkdtempSync(join(tmpdir(), 'sso-'));
    const file = JSON.parse(readFileSync(await aws.ssoLogin(home, { expiresInSeconds: 0 }), 'utf8'));
    const headers = { 'x-amz-sso_bearer_token': file.accessToken };
    expect(await send(aws.endpoint, 'GET', '/federation/credentials?role_name=a&account_id=1', headers)).toMatchObject({
      status: 401,
    });
    expect(await send(aws.endpoint, 'POST', '/token', {}, '{')).toMatchObject({ status: 400 });
    expect(await send(aws.endpoint, 'POST', '/token', {}, '{"grantType":"device"}')).toMatchObject({ status: 400 });
    rmSync(home, { recursive: true });
  });
});
