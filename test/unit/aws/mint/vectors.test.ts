import { readFile, rm } from 'node:fs/promises';
import { afterAll, describe, expect, it } from 'vitest';
import type { CLIVersion } from '../../../../src/aws/stanza/get-token-arguments.ts';
import { EKSAuthError } from '../../../../src/errors.ts';
import { expectedCode } from '../../../support/expected-code.ts';
import { arrange, foundDifferences, mintVector, type Vector, vectors } from '../../../support/mint-vectors.ts';
import { stubAWS } from '../../../support/stub-aws.ts';

/** Where our answer is another one than the CLI's, on purpose. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'argv/no-sign-request': 'the CLI makes a token that no cluster accepts; ours is an error',
  'output/flag-table': 'the CLI prints a table, which no Kubernetes client reads; ours is the token',
  'output/config-text': 'the CLI prints plain text, which no Kubernetes client reads; ours is the token',
  'cred/assume-role-mfa': 'only the CLI can ask for the code, so it decides',
};

const homes: string[] = [];
afterAll(() => Promise.all(homes.map((home) => rm(home, { recursive: true, force: true }))));

const VERSIONS: readonly CLIVersion[] = ['v1', 'v2'];

describe.each(VERSIONS)('the recorded AWS CLI %s and ekspress in 203 situations', (version) => {
  it.each(vectors.filter(({ id }) => !(id in EXCEPTIONS)))('agree: $id', async (vector) => {
    const want = vector[version];
    const { got, requests } = await play(vector, version);
    if (want.exitCode === 0) {
      expect(got).toMatchObject({
        kind: 'minted',
        token: want.execCredential?.status.token,
        accessKeyId: want.accessKeyId,
        mintedAt: new Date(vector.time),
      });
      expect(requests).toEqual(want.requests);
    } else {
      expect(got).toBeInstanceOf(EKSAuthError);
      expect(got).toMatchObject({ code: expectedCode(want.stderr) });
      expect((got as EKSAuthError).remedy).not.toBe('');
    }
  });
});

describe('the exceptions among the vectors', () => {
  it('are four of the 203', () => {
    expect(vectors).toHaveLength(203);
    expect(vectors.filter(({ id }) => id in EXCEPTIONS)).toHaveLength(4);
  });

  it.each(VERSIONS)('are what they are said to be (%s)', async (version) => {
    const outcomes = new Map<string, unknown>();
    for (const vector of vectors.filter(({ id }) => id in EXCEPTIONS)) {
      const { got } = await play(vector, version);
      outcomes.set(vector.id, got instanceof EKSAuthError ? got.code : got.kind);
    }
    expect(Object.fromEntries(outcomes)).toEqual({
      'argv/no-sign-request': 'INVALID_CONFIG',
      'output/flag-table': 'minted',
      'output/config-text': 'minted',
      'cred/assume-role-mfa': 'undecided',
    });
  });
});

it('A renewed SSO login is written back as the CLI writes it', async () => {
  const vector = vectors.find(({ id }) => id === 'cred/sso-session-expired-refreshable') as Vector;
  const { home } = await play(vector, 'v2');
  const file = `${home}/.aws/sso/cache/c1c93f88d273660be5358cd4ee2df2c2f3f0e8e7.json`;
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
    startUrl: 'https://x.awsapps.com/start',
    region: 'us-east-1',
    accessToken: 'refreshed-sso-token',
    expiresAt: '2024-06-15T13:34:56Z',
    clientId: 'cid',
    clientSecret: 'csec',
    registrationExpiresAt: '2024-09-01T00:00:00Z',
    refreshToken: 'rt2',
  });
});

async function play(vector: Vector, version: CLIVersion) {
  const env = await arrange(vector);
  const home = env.HOME ?? '';
  homes.push(home);
  const { transport, requests } = stubAWS({ now: new Date(vector.time), stub: vector.stub });
  const got = await mintVector(vector, version, env, { transport });
  return { got, home, requests };
}

/** What Python makes of values that JSON or we do not have is left to Python. */
const LEFT_TO_THE_CLI = [
  'process/session-token-number',
  'process/session-token-true',
  'process/session-token-list',
  'process/nan',
  'process/infinity',
  'cli-cache/session-token-null',
  'cli-cache/session-token-number',
];

describe.each(VERSIONS)('the AWS CLI %s and ekspress in situations that once differed', (version) => {
  it.each(foundDifferences)('agree: $id', async (vector) => {
    const { exitCode, execCredential } = vector[version];
    const { got } = await play(vector, version);
    const token = execCredential?.status.token;
    if (LEFT_TO_THE_CLI.includes(vector.id)) expect(got).toMatchObject({ kind: 'undecided' });
    else if (exitCode === 0) expect(got).toMatchObject({ kind: 'minted', token });
    else if (got instanceof EKSAuthError) expect(got.remedy).not.toBe('');
    else expect(got).toMatchObject({ kind: 'undecided' });
  });
});
