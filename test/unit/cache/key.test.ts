import { describe, expect, it } from 'vitest';
import { cacheKey, type IdentityFacts } from '../../../src/cache/identity/key.ts';
import { IDENTITY_VARIABLES } from '../../../src/cache/rules.ts';
import { facts } from '../../support/test-cache.ts';

const identityOf = (overrides: Partial<IdentityFacts>): string => cacheKey(facts(overrides)).identity;

describe('an identity', () => {
  it('is the same for the same facts, whatever else is in the environment', () => {
    expect(identityOf({ env: { HOME: '/home/kim', EDITOR: 'vi' } })).toBe(identityOf({}));
  });

  it.each<[string, Partial<IdentityFacts>]>([
    ['tool', { tool: 'aws-iam-authenticator' }],
    ['cluster', { cluster: 'prod' }],
    ['region', { region: 'eu-west-1' }],
    ['profile', { profile: 'acme' }],
    ['role', { roleArn: 'arn:aws:iam::111122223333:role/admin' }],
    ['further word', { extra: ['external-id=1'] }],
  ])('differs with another %s', (_, overrides) => {
    expect(identityOf(overrides)).not.toBe(identityOf({}));
  });

  it.each(IDENTITY_VARIABLES)('depends on $name: unset, empty and set are three identities', ({ name }) => {
    const { HOME: _, ...rest } = facts().env;
    const home = name === 'HOME' ? rest : facts().env;
    const identities = [undefined, '', '/a'].map((value) => identityOf({ env: { ...home, [name]: value } }));
    expect(new Set(identities).size).toBe(3);
  });

  it('never holds a secret, only whether there is one', () => {
    const secret = 'wJalrXUtnFEMI';
    const env = { AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: secret, AWS_SECURITY_TOKEN: secret };
    const key = cacheKey(facts({ env }));
    expect(JSON.stringify(key)).not.toContain(secret);
  });

  it('cannot be imitated by separators inside a value', () => {
    expect(identityOf({ env: { AWS_PROFILE: 'a|=b' } })).not.toBe(
      identityOf({ env: { AWS_PROFILE: 'a', AWS_DEFAULT_PROFILE: 'b' } }),
    );
    expect(identityOf({ extra: ['a', 'b'] })).not.toBe(identityOf({ extra: ['a&b'] }));
    expect(identityOf({ profile: '' })).not.toBe(identityOf({}));
    expect(identityOf({ cluster: 'a b' })).not.toBe(identityOf({ cluster: 'a%20b' }));
  });

  it('is refused where Node cannot tell two environments apart', () => {
    const unreadable = Buffer.from([0xff]).toString();
    expect(cacheKey(facts({ env: { AWS_PROFILE: unreadable } })).unusable).toBe('AWS_PROFILE is not valid UTF-8');
    expect(cacheKey(facts({ cluster: unreadable })).unusable).toBe('an argument is not valid UTF-8');
  });

  it('is refused for files whose place depends on the working directory', () => {
    expect(cacheKey(facts({ env: { AWS_CONFIG_FILE: 'config' } })).unusable).toBe(
      'AWS_CONFIG_FILE depends on the working directory',
    );
    expect(cacheKey(facts({ env: { AWS_CONFIG_FILE: '~/config' } })).unusable).toBeUndefined();
  });
});

describe('the file name of an identity', () => {
  const nameOf = (overrides: Partial<IdentityFacts>): string => cacheKey(facts(overrides)).fileName;

  it.each<[string, Partial<IdentityFacts>]>([
    ['dev_us-east-1.json', {}],
    ['dev_us-east-1_acme.json', { profile: 'acme' }],
    ['dev_us-east-1_acme.json', { env: { AWS_PROFILE: 'acme' } }],
    ['dev_eu-west-1.json', { region: '', env: { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-2' } }],
    ['dev_eu-west-2.json', { region: '', env: { AWS_DEFAULT_REGION: 'eu-west-2' } }],
    ['dev_default.json', { region: '' }],
    ['dev_us-east-1~AKID.json', { env: { AWS_ACCESS_KEY_ID: 'AKID' } }],
    ['dev_us-east-1_acme.json', { profile: 'acme', env: { AWS_ACCESS_KEY_ID: 'AKID' } }],
    ['dev_us-east-1~arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fx.json', { roleArn: 'arn:aws:iam::1:role/x' }],
    ['dev_us-east-1~%2Fetc%2Faws.json', { env: { AWS_CONFIG_FILE: '/etc/aws' } }],
    ['dev_us-east-1~%2Fhome%2Fkim.json', { env: { HOME: '/home/kim', EKS_TOKEN_CACHE_DIR: '/cache' } }],
    ['a%20b_us-east-1.json', { cluster: 'a b' }],
    ['..%2F..%2Fetc_us-east-1.json', { cluster: '../../etc' }],
  ])('is %s for %j', (name, overrides) => {
    expect(nameOf(overrides)).toBe(name);
  });

  it('is never too long for a file system, and still unique', () => {
    const long = 'x'.repeat(5000);
    const name = nameOf({ env: { AWS_CONFIG_FILE: `/${long}` } });
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(205);
    expect(name).toMatch(/^dev_us-east-1~%2Fx+~[0-9a-f]{32}\.json$/);
    expect(nameOf({ env: { AWS_CONFIG_FILE: `/${long}y` } })).not.toBe(name);
  });
});
