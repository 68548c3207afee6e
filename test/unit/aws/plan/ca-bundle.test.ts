import { join } from 'node:path';
import { getEKSToken } from 'ekspress';
import { describe, expect, it } from 'vitest';
import { FakeHome } from '../../../support/fake-aws-home.ts';

const ROLE = '[profile role]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = default\n';

function ask(home: FakeHome, more: Record<string, string>) {
  const env = { ...home.env, AWS_ENDPOINT_URL_STS: 'https://127.0.0.1:9', ...more };
  return getEKSToken({ clusterName: 'dev', region: 'us-east-1', profile: 'role', env, cache: false });
}

describe('the certificates that a profile or a variable names', () => {
  it.each([
    ['AWS_CA_BUNDLE', '', { AWS_CA_BUNDLE: '~/corp/ca.pem' }],
    ['REQUESTS_CA_BUNDLE', '', { REQUESTS_CA_BUNDLE: '~/corp/ca.pem' }],
    ['ca_bundle', 'ca_bundle = ~/corp/ca.pem\n', {}],
  ])('are looked for below the home directory: %s with a tilde', async (_, setting, variables) => {
    const home = new FakeHome().withStaticKeys().withConfig(`${ROLE}${setting}`);
    await expect(ask(home, variables)).rejects.toMatchObject({
      code: 'NETWORK',
      message: expect.stringContaining(`${join(home.directory, 'corp', 'ca.pem')} cannot be read`),
    });
  });
});
