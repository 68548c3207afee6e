import { describe, expect, it } from 'vitest';
import { stsEndpoint } from '../../../../src/aws/endpoint/sts-endpoint.ts';
import { objectionOfServer } from '../../../../src/aws/sign/server-rules.ts';
import { stsSigningRegion } from '../../../../src/testing/verify/sts-hosts.ts';

const PLAIN = { fips: false, dualstack: false, legacyGlobal: false };

describe('an address of STS', () => {
  it.each([
    'us-east-1',
    'cn-north-1',
    'us-gov-west-1',
    'us-iso-east-1',
    'us-isob-east-1',
    'eusc-de-east-1',
    'us-east-9',
    'US-EAST-1',
  ])('is known to a cluster: that of %s', (region) => {
    const endpoint = stsEndpoint(region, PLAIN);
    expect(objectionOfServer(endpoint)).toBe(undefined);
    expect(stsSigningRegion(endpoint.url.slice(8), region)).toBe(region);
  });

  it.each(['us-iso-east-1', 'us-isob-east-1'])('is not known to a cluster with dual stack: that of %s', (region) => {
    const endpoint = stsEndpoint(region, { ...PLAIN, dualstack: true });
    expect(objectionOfServer(endpoint)).toContain('does not know sts.');
    expect(stsSigningRegion(endpoint.url.slice(8), region)).toBe(undefined);
  });

  it.each([
    'https://sts.us-east-1.amazonaws.com:443',
    'https://STS.us-east-1.amazonaws.com',
    'https://sts.us-east-1.AmazonAWS.com',
    'https://sts.example.com',
    'http://sts.us-east-1.amazonaws.com',
    'https://sts.us-east-1.amazonaws.com/a',
  ])('is not known to a cluster where it is written like this: %s', (customUrl) => {
    expect(objectionOfServer(stsEndpoint('us-east-1', { ...PLAIN, customUrl }))).toMatch(
      /^EKS (?:takes|does not know)/,
    );
  });
});

describe('the local cluster', () => {
  it.each([
    ['sts.us-east-1.amazonaws.com', 'us-gov-west-1', 'us-east-1'],
    ['sts.us-gov-west-1.amazonaws.com', 'us-east-1', 'us-gov-west-1'],
    ['sts.amazonaws.com', 'us-gov-west-1', undefined],
    ['sts.us-east-1.amazonaws.com', 'cn-north-1', undefined],
    ['sts.cn-north-1.amazonaws.com.cn', 'us-east-1', undefined],
    ['sts.US-EAST-1.amazonaws.com', 'us-east-1', 'US-EAST-1'],
    ['sts.us-east-1.amazonaws.com:443', 'us-east-1', undefined],
    ['STS.us-east-1.amazonaws.com', 'us-east-1', undefined],
  ])('takes %s in %s as aws-iam-authenticator does', (host, clusterRegion, signedIn) => {
    expect(stsSigningRegion(host, clusterRegion)).toBe(signedIn);
  });
});
