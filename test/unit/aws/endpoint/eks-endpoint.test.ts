import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eksEndpoint } from '../../../../src/aws/endpoint/eks-endpoint.ts';
import { root } from '../../../support/pages.ts';

const { hosts } = JSON.parse(readFileSync(join(root, 'test/vectors/eks-endpoints.json'), 'utf8')) as {
  readonly hosts: Readonly<Record<string, readonly string[]>>;
};
const WAYS = [
  { fips: false, dualstack: false },
  { fips: false, dualstack: true },
  { fips: true, dualstack: false },
  { fips: true, dualstack: true },
];

describe('the address of EKS', () => {
  it.each(Object.entries(hosts))('is in %s that of botocore, also with FIPS and dual stack', (region, names) => {
    const ours = WAYS.map((way) => eksEndpoint(region, { ...way, legacyGlobal: false }));
    expect(ours).toEqual(names.map((name) => `https://${name}`));
  });

  it('is the configured one, whatever else is set', () => {
    const settings = { fips: true, dualstack: true, legacyGlobal: false, customUrl: 'http://127.0.0.1:4566/' };
    expect(eksEndpoint('us-east-1', settings)).toBe('http://127.0.0.1:4566');
  });
});
