import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ClusterRegistry, EKSAuthError, getEKSToken } from 'ekspress';
import { startLocalAWS } from 'ekspress/testing';
import { describe, expect, it } from 'vitest';
import { FakeHome } from '../../../support/fake-aws-home.ts';

const ROLE = 'arn:aws:iam::123456789012:role/dev';

async function refused(env: Record<string, string>, roleArn?: string): Promise<EKSAuthError> {
  const request = { clusterName: 'dev', region: 'us-west-2', env, cache: false as const };
  const error = await getEKSToken({ ...request, ...(roleArn !== undefined && { roleArn }) }).catch((e: unknown) => e);
  if (error instanceof EKSAuthError) return error;
  throw new Error('there was a token');
}

describe('what AWS says of a refusal', () => {
  it.each([
    ['InvalidIdentityToken', 'Incorrect token audience', 'ACCESS_DENIED', /audience/],
    ['InvalidIdentityToken', "Couldn't retrieve verification key from your identity provider", 'NETWORK', /try again/],
    ['ExpiredTokenException', 'Token expired', 'SESSION_EXPIRED', /AWS_WEB_IDENTITY_TOKEN_FILE/],
  ])('reaches the person with a web identity: %s, %s', async (code, said, ours, remedy) => {
    await using aws = await startLocalAWS({ roles: { [ROLE]: {} } });
    const home = new FakeHome();
    writeFileSync(`${home.directory}/jwt`, 'eyJhbGciOiJub25lIn0.e30.x');
    aws.failNext('AssumeRoleWithWebIdentity', { code, status: 400, message: said }, Number.POSITIVE_INFINITY);
    const web = { AWS_WEB_IDENTITY_TOKEN_FILE: `${home.directory}/jwt`, AWS_ROLE_ARN: ROLE };
    const error = await refused({ ...home.env, AWS_ENDPOINT_URL_STS: aws.endpoint, ...web });
    expect(error).toMatchObject({ code: ours, message: expect.stringContaining(said) });
    expect(error.remedy).toMatch(remedy);
    expect(error.remedy).not.toContain('sso login');
  });

  it.each([
    [
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
      /duration_seconds 3600/,
    ],
    [
      'SignatureDoesNotMatch',
      'Signature expired: 20261127T000000Z is now earlier than 20261127T001500Z',
      /^Set .*clock/,
    ],
    ['SignatureDoesNotMatch', 'Signature not yet current: 20261127T003000Z is still later than …', /^Set .*clock/],
    ['RequestExpired', 'Request has expired. Timestamp date is 2026-11-27T00:00:00Z', /^Set .*clock/],
    [
      'InvalidClientTokenId',
      'The security token included in the request is invalid',
      /partition.*region is not enabled/,
    ],
    ['RegionDisabledException', 'STS is not activated in this region for account:123456789012', /^Enable the region/],
    ['OptInRequired', 'The AWS Access Key Id needs a subscription for the service', /^Enable the region/],
    ['PackedPolicyTooLarge', 'Packed policy consumes 104% of allotted space', /fewer or shorter session tags/],
  ])('reaches the person with a role: %s', async (code, said, remedy) => {
    await using aws = await startLocalAWS({ roles: { [ROLE]: {} } });
    aws.failNext('AssumeRole', { code, status: 400, message: said });
    const home = new FakeHome().withStaticKeys();
    const error = await refused({ ...home.env, AWS_ENDPOINT_URL_STS: aws.endpoint }, ROLE);
    expect(error.message).toContain(said);
    expect(error.remedy).toMatch(remedy);
  });

  it('sends the person with another secret key to that key, and then to the clock', async () => {
    await using aws = await startLocalAWS({ roles: { [ROLE]: {} } });
    const { accessKeyId } = aws.identities.admin;
    const home = new FakeHome().withStaticKeys({ accessKeyId, secretAccessKey: 'wrong/EXAMPLEKEY' });
    const error = await refused({ ...home.env, AWS_ENDPOINT_URL_STS: aws.endpoint }, ROLE);
    expect(error).toMatchObject({ code: 'ACCESS_DENIED', message: expect.stringContaining('SignatureDoesNotMatch') });
    expect(error.remedy).toMatch(/^Write the secret key again.*clock/);
  });

  it.each([
    ['UnrecognizedClientException', 'The security token included in the request is invalid', /partition/],
    ['InvalidSignatureException', 'Signature expired: 20261127T000000Z is now earlier than …', /clock/],
    ['AccessDeniedException', 'User: x is not authorized to perform: eks:DescribeCluster', /Allow eks:DescribeCluster/],
  ])('reaches the person who registers a cluster by its name: %s', async (code, said, remedy) => {
    await using aws = await startLocalAWS();
    const { accessKeyId, secretAccessKey } = aws.identities.admin;
    const home = new FakeHome().withStaticKeys({ accessKeyId, secretAccessKey });
    aws.failNext('DescribeCluster', { code, status: 403, message: said });
    await using registry = new ClusterRegistry({ env: { ...home.env, AWS_ENDPOINT_URL: aws.endpoint }, cache: false });
    const registered = registry.registerAWSCluster({ clusterName: 'dev', region: 'us-west-2' });
    await expect(registered).rejects.toMatchObject({ code: 'ACCESS_DENIED', remedy: expect.stringMatching(remedy) });
  });

  it.each([
    [
      'SignatureDoesNotMatch',
      'The Canonical String for this request was x-amz-security-token:hidden-words',
      'hidden-words',
    ],
    ['ValidationError', "Value 'hidden-words' at 'webIdentityToken' failed to satisfy constraint", 'hidden-words'],
  ])('is left out where it quotes the request: %s', async (code, said, secret) => {
    await using aws = await startLocalAWS({ roles: { [ROLE]: {} } });
    aws.failNext('AssumeRole', { code, status: 400, message: said });
    const home = new FakeHome().withStaticKeys();
    const error = await refused({ ...home.env, AWS_ENDPOINT_URL_STS: aws.endpoint }, ROLE);
    expect(`${error.message} ${error.remedy}`).not.toContain(secret);
  });

  it('reaches the person whose pod has an old authorization token', async () => {
    await using agent = createServer((_, response) => {
      response.statusCode = 400;
      response.end('[id]: (ExpiredTokenException): The token included in the request is expired, fault: client');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => agent.once('listening', resolve));
    const { port } = agent.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/v1/credentials`;
    const error = await refused({ ...new FakeHome().env, AWS_CONTAINER_CREDENTIALS_FULL_URI: url });
    expect(error.message).toContain('The token included in the request is expired');
    expect(error.remedy).toContain('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE');
  });
});
