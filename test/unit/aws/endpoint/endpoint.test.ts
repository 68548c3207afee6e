import { describe, expect, it } from 'vitest';
import type { EndpointSettings } from '../../../../src/aws/endpoint/endpoint-settings.ts';
import { serviceEndpoint } from '../../../../src/aws/endpoint/service-endpoint.ts';
import { signInEndpoint } from '../../../../src/aws/endpoint/sign-in-endpoint.ts';
import { stsEndpoint } from '../../../../src/aws/endpoint/sts-endpoint.ts';
import { objectionOfServer } from '../../../../src/aws/sign/server-rules.ts';

const settings = (more: Partial<EndpointSettings> = {}): EndpointSettings => ({
  fips: false,
  dualstack: false,
  legacyGlobal: false,
  ...more,
});
const FIPS = settings({ fips: true });
const DUAL = settings({ dualstack: true });
const LEGACY = settings({ legacyGlobal: true });
const CUSTOM = settings({ customUrl: 'https://x.example.com' });

describe('the host of STS', () => {
  it.each<[string | undefined, EndpointSettings, string, string]>([
    [undefined, settings(), 'sts.amazonaws.com', 'us-east-1'],
    ['aws-global', settings(), 'sts.amazonaws.com', 'us-east-1'],
    ['aws-global', FIPS, 'sts-fips.aws-global.amazonaws.com', 'us-east-1'],
    [undefined, DUAL, 'sts.aws-global.api.aws', 'us-east-1'],
    ['aws-global', CUSTOM, 'x.example.com', 'aws-global'],
    ['us-west-2', CUSTOM, 'x.example.com', 'us-west-2'],
    ['aws-cn-global', settings(), 'sts.aws-cn-global.amazonaws.com.cn', 'aws-cn-global'],
    ['aws-us-gov-global', FIPS, 'sts.aws-us-gov-global.amazonaws.com', 'aws-us-gov-global'],
    ['us-east-1-fips', DUAL, 'sts-fips.us-east-1.api.aws', 'us-east-1'],
    ['fips-us-gov-west-1', settings(), 'sts.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
    ['cn-north-1-fips', settings(), 'sts-fips.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
    ['us-west-2', LEGACY, 'sts.amazonaws.com', 'us-east-1'],
    ['us-west-2', { ...LEGACY, fips: true }, 'sts-fips.us-west-2.amazonaws.com', 'us-west-2'],
    ['ap-east-1', LEGACY, 'sts.ap-east-1.amazonaws.com', 'ap-east-1'],
    ['mx-north-9', settings(), 'sts.mx-north-9.amazonaws.com', 'mx-north-9'],
    ['eusc-de-west-7', settings(), 'sts.eusc-de-west-7.amazonaws.eu', 'eusc-de-west-7'],
    ['nowhere', settings(), 'sts.nowhere.amazonaws.com', 'nowhere'],
    // As both generations of the AWS CLI answer for --region.
    ['fips-us-east-1', settings(), 'sts-fips.us-east-1.amazonaws.com', 'us-east-1'],
    ['fips-us-east-1-fips', settings(), 'sts-fips.us-east-1.amazonaws.com', 'us-east-1'],
    ['fips-fips-us-east-1', settings(), 'sts-fips.us-east-1.amazonaws.com', 'us-east-1'],
    ['us-fips-east-1', settings(), 'sts-fips.us-east-1.amazonaws.com', 'us-east-1'],
    ['us-east-1-fips-dkr', settings(), 'sts-fips.us-east-1-dkr.amazonaws.com', 'us-east-1-dkr'],
    ['fips-aws-global', settings(), 'sts-fips.aws-global.amazonaws.com', 'us-east-1'],
    ['aws-global-fips', settings(), 'sts-fips.aws-global.amazonaws.com', 'us-east-1'],
    ['aws-us-gov-global', settings(), 'sts.aws-us-gov-global.amazonaws.com', 'aws-us-gov-global'],
    ['us-gov-west-1-fips', settings(), 'sts.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
    ['fips-cn-north-1', settings(), 'sts-fips.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
    ['aws-iso-global', settings(), 'sts.aws-iso-global.c2s.ic.gov', 'aws-iso-global'],
    ['eu-isoe-west-1', settings(), 'sts.eu-isoe-west-1.cloud.adc-e.uk', 'eu-isoe-west-1'],
    ['fips-xx-new-1', settings(), 'sts-fips.xx-new-1.amazonaws.com', 'xx-new-1'],
    ['fips-ca-west-1', settings(), 'sts-fips.ca-west-1.amazonaws.com', 'ca-west-1'],
    ['fips', settings(), 'sts.fips.amazonaws.com', 'fips'],
  ])('is found: %s %o', (region, given, host, scopeRegion) => {
    expect(stsEndpoint(region, given)).toEqual({ url: `https://${host}`, scopeRegion });
  });
});

describe('the host of IAM Identity Center', () => {
  it.each<[string, EndpointSettings, string]>([
    ['us-east-1', settings(), 'https://portal.sso.us-east-1.amazonaws.com'],
    ['cn-north-1', settings(), 'https://portal.sso.cn-north-1.amazonaws.com.cn'],
    ['us-west-2', FIPS, 'https://portal.sso-fips.us-west-2.amazonaws.com'],
    ['us-gov-west-1', FIPS, 'https://portal.sso.us-gov-west-1.amazonaws.com'],
    ['eu-west-1', DUAL, 'https://portal.sso.eu-west-1.api.aws'],
    ['us-west-2', settings({ customUrl: 'http://localhost:4566/' }), 'http://localhost:4566'],
  ])('is found: %s %o', (region, given, url) => {
    expect(serviceEndpoint('portal.sso', region, given)).toBe(url);
  });
});

describe('the host of AWS Sign-In', () => {
  it.each<[string, EndpointSettings, string]>([
    ['us-west-2', settings(), 'https://us-west-2.signin.aws.amazon.com'],
    ['cn-north-1', settings(), 'https://cn-north-1.signin.amazonaws.cn'],
    ['us-gov-west-1', settings(), 'https://us-gov-west-1.signin.amazonaws-us-gov.com'],
    ['eusc-de-east-1', settings(), 'https://signin.eusc-de-east-1.amazonaws.eu'],
    ['us-iso-east-1', settings(), 'https://signin.us-iso-east-1.c2s.ic.gov'],
    ['us-west-2', FIPS, 'https://signin-fips.us-west-2.amazonaws.com'],
    ['us-gov-west-1', FIPS, 'https://signin-fips.us-gov-west-1.amazonaws.com'],
    ['us-gov-west-1', { ...FIPS, dualstack: true }, 'https://signin-fips.us-gov-west-1.api.aws'],
    ['cn-north-1', DUAL, 'https://signin.cn-north-1.api.amazonwebservices.com.cn'],
    ['us-west-2-fips', settings(), 'https://signin-fips.us-west-2.amazonaws.com'],
    ['us-west-2', settings({ customUrl: 'http://localhost:4566/' }), 'http://localhost:4566'],
  ])('is the one of botocore: %s %o', (region, given, url) => {
    expect(signInEndpoint(region, given)).toBe(url);
  });
});

describe('the warnings about what an EKS cluster will object to', () => {
  const objection = (region: string, given: EndpointSettings) => objectionOfServer(stsEndpoint(region, given));

  it.each([settings(), FIPS, DUAL, { ...FIPS, dualstack: true }, LEGACY])(
    'say nothing about the names of AWS: %o',
    (given) => {
      for (const region of [
        'us-west-2',
        'eu-central-1',
        'us-gov-west-1',
        'cn-north-1',
        'eusc-de-east-1',
        'us-west-2-fips',
      ]) {
        expect(objection(region, given)).toBeUndefined();
      }
    },
  );

  it.each([
    ['https://sts.example.com', /does not know sts.example.com/],
    ['http://sts.us-west-2.amazonaws.com', /https/],
    ['https://sts.us-west-2.amazonaws.com/base', /without a path/],
    ['https://sts.us-west-2.amazonaws.com.evil.com', /does not know/],
  ])('are given: %s', (customUrl, message) => {
    expect(objection('us-west-2', settings({ customUrl }))).toMatch(message);
  });
});
