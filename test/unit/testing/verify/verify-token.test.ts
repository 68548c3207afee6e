import { describe, expect, it } from 'vitest';
import { createIdentityStore, defaultIdentities, type LocalIdentity } from '../../../../src/testing/identities.ts';
import { type VerifyTokenOptions, verifyToken } from '../../../../src/testing/verify/verify-token.ts';
import { SEED } from '../../../support/seed.ts';
import { type SignOptions, signToken, tokenOf, urlOf } from '../../../support/sign-token.ts';
import { type TokenVector, tokenVectors } from '../../../support/verifier-vectors.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const ADMIN = defaultIdentities('aws', '123456789012').admin;
const SESSION: LocalIdentity = {
  ...ADMIN,
  accessKeyId: 'ASIASESSION',
  sessionToken: 'tok/+==',
  expiresAt: new Date('2026-03-01T12:10:00Z'),
};

function judge(token: string, options: Partial<VerifyTokenOptions> = {}): string {
  const identities = createIdentityStore([ADMIN, SESSION]);
  const verdict = verifyToken(token, { clusterName: 'dev', identities, now: NOW, ...options });
  return verdict.accepted ? 'accepted' : verdict.reason;
}

function sign(options: SignOptions = {}): string {
  return signToken(ADMIN, { at: NOW, ...options });
}

describe('a token that real AWS CLIs made', () => {
  // These point where no EKS cluster looks: whoever configures such an endpoint gets tokens that are refused.
  const REFUSED: Readonly<Record<string, string>> = {
    'endpoint-url/AWS_ENDPOINT_URL_STS-http': 'SCHEME',
    'endpoint-url/AWS_ENDPOINT_URL_STS-over-AWS_ENDPOINT_URL': 'HOST',
    'endpoint-url/config-profile': 'HOST',
    'role-arn/endpoint-url': 'HOST',
    // The authenticator knows no dual-stack domain of the iso partitions.
    'endpoint-dualstack/us-iso-east-1': 'HOST',
    // Not signed at all.
    'argv/no-sign-request': 'PARAMETER',
  };
  const vectors = tokenVectors();

  it.each(vectors)('is accepted at its time unless a cluster would refuse it: $id', (vector) => {
    expect(judgeVector(vector, vector.token)).toBe(REFUSED[vector.id.replace(/ \(v\d\)$/, '')] ?? 'accepted');
  });

  it('has a vector for each of the valid and each of the refused ones', () => {
    const ids = new Set(vectors.map(({ id }) => id.replace(/ \(v\d\)$/, '')));
    expect(vectors.length).toBeGreaterThan(300);
    for (const id of Object.keys(REFUSED)) expect(ids).toContain(id);
  });

  it('names its signer', () => {
    const vector = vectors.find(({ identity }) => identity.sessionToken !== undefined) as TokenVector;
    const identities = createIdentityStore([vector.identity]);
    const { clusterName, region, time: now } = vector;
    const verdict = verifyToken(vector.token, { clusterName, region, now, identities });
    expect(verdict).toEqual({ accepted: true, identity: vector.identity, signedAt: now });
  });

  it('is refused for another cluster, a session later, by another secret', () => {
    for (const vector of vectors.filter((one) => judgeVector(one, one.token) === 'accepted')) {
      const later = new Date(vector.time.getTime() + 16 * 60_000);
      expect(judgeVector({ ...vector, clusterName: `${vector.clusterName}x` }, vector.token)).toBe('SIGNATURE');
      expect(judgeVector({ ...vector, time: later }, vector.token)).toBe('EXPIRED');
      const identity = { ...vector.identity, secretAccessKey: `${vector.identity.secretAccessKey}x` };
      expect(judgeVector({ ...vector, identity }, vector.token)).toBe('SIGNATURE');
    }
  });
});

describe('one changed byte', () => {
  const accepted = tokenVectors().filter((vector) => judgeVector(vector, vector.token) === 'accepted');
  const longest = accepted.reduce((one, other) => (other.token.length > one.token.length ? other : one));
  const global = accepted.find(({ token }) => urlOf(token).startsWith('https://sts.amazonaws.com/')) as TokenVector;
  const thorough = [accepted[0] as TokenVector, longest, global, accepted.at(-1) as TokenVector];

  it.each(thorough)('is noticed at every position of the token of $id', (vector) => {
    const missed: string[] = [];
    for (let at = 0; at < vector.token.length; at++) {
      for (const byte of replacements(vector.token.charAt(at))) {
        if (judgeVector(vector, replaced(vector.token, at, byte)) === 'accepted') missed.push(`${at}: ${byte}`);
      }
    }
    expect(missed).toEqual([]);
  });

  it.each(thorough)('is noticed at every position of the URL inside the token of $id', (vector) => {
    const url = urlOf(vector.token);
    const missed: string[] = [];
    for (let at = 0; at < url.length; at++) {
      const code = url.charCodeAt(at);
      // Every single flipped bit (capitals are one), and what could end or split something.
      const others = [0, 1, 2, 3, 4, 5, 6, 7].map((bit) => String.fromCharCode(code ^ (1 << bit)));
      for (const byte of [...others, '&', '=', '#', '?', '/', '%', '+', ' ', ';', '.'].filter(
        (one) => one !== url[at],
      )) {
        const changed = Buffer.from(replaced(url, at, byte), 'latin1').toString('base64url');
        if (judgeVector(vector, `k8s-aws-v1.${changed}`) === 'accepted') missed.push(`${at}: ${byte}`);
      }
    }
    expect(missed).toEqual([]);
  });

  it('is noticed wherever it is tried in every other token', () => {
    const seed = SEED;
    console.log(`one-byte changes: EKSPRESS_SEED=${seed}`);
    const random = generator(seed);
    const missed: string[] = [];
    for (const vector of accepted) {
      for (let round = 0; round < 60; round++) {
        const at = Math.floor(random() * vector.token.length);
        const byte = String.fromCharCode(33 + Math.floor(random() * 94));
        if (byte === vector.token[at]) continue;
        if (judgeVector(vector, replaced(vector.token, at, byte)) === 'accepted')
          missed.push(`${vector.id} ${at}: ${byte}`);
      }
    }
    expect(missed).toEqual([]);
  });

  it('is noticed in the last characters, where base64 leaves bits without meaning', () => {
    for (const vector of accepted.slice(0, 40)) {
      const { token } = vector;
      for (const byte of ALPHABET) {
        const [last, padded] = [replaced(token, token.length - 1, byte), token + byte];
        if (last !== token) expect(judgeVector(vector, last)).not.toBe('accepted');
        expect(judgeVector(vector, padded)).not.toBe('accepted');
      }
      for (const end of ['=', '==', '\n', ' ', '\0']) expect(judgeVector(vector, token + end)).toBe('BASE64');
    }
  });
});

describe('the rules of an EKS cluster', () => {
  const accepted: readonly [string, () => string, Partial<VerifyTokenOptions>?][] = [
    ['the regional host', () => sign()],
    ['the global host', () => sign({ host: 'sts.amazonaws.com' })],
    ['another region of the partition', () => sign({ region: 'eu-west-1' })],
    ['the FIPS host', () => sign({ host: 'sts-fips.us-east-1.amazonaws.com' })],
    ['the dual-stack host', () => sign({ host: 'sts.us-east-1.api.aws' })],
    [
      "another partition's host, for a cluster in it",
      () => sign({ region: 'cn-north-1', host: 'sts.cn-north-1.amazonaws.com.cn' }),
      { region: 'cn-northwest-1' },
    ],
    ['an expiry of 0', () => sign({ query: { 'X-Amz-Expires': '0' } })],
    ['an expiry of 900', () => sign({ query: { 'X-Amz-Expires': '900' } })],
    ['an age of 15 minutes', () => sign({ at: new Date('2026-03-01T11:45:00Z') })],
    ['5 minutes in the future', () => sign({ at: new Date('2026-03-01T12:05:00Z') })],
    ['blanks in the name', () => sign({ clusterName: 'my cluster' }), { clusterName: ' my \t cluster ' }],
    ['temporary credentials', () => signToken(SESSION, { at: NOW })],
  ];
  it.each(accepted)('accept %s', (_, make, options) => {
    expect(judge(make(), options)).toBe('accepted');
  });

  const refused: readonly [string, string, () => string, Partial<VerifyTokenOptions>?][] = [
    ['TOO_LONG', '4097 bytes', () => `k8s-aws-v1.${'A'.repeat(4086)}`],
    ['BASE64', '4096 bytes of something else', () => `k8s-aws-v1.${'='.repeat(4085)}`],
    ['PREFIX', 'another version', () => sign().replace('k8s-aws-v1.', 'k8s-aws-v2.')],
    ['PREFIX', 'an empty token', () => ''],
    ['BASE64', 'padding', () => `${sign()}=`],
    ['BASE64', 'nothing but the prefix', () => 'k8s-aws-v1.'],
    ['URL', 'no URL', () => tokenOf('what is this?')],
    ['URL', 'a fragment', () => tokenOf(`${urlOf(sign())}#fragment`)],
    ['URL', 'lower-case escapes', () => tokenOf(urlOf(sign()).replace('%2F', '%2f'))],
    ['URL', 'escapes that nobody needs', () => tokenOf(urlOf(sign()).replace('Action', '%41ction'))],
    ['URL', 'half an escape', () => tokenOf(`${urlOf(sign())}%2`)],
    ['URL', 'an empty parameter', () => tokenOf(`${urlOf(sign())}&`)],
    ['URL', 'a parameter without a value', () => tokenOf(urlOf(sign()).replace('&X-Amz-Date', '&Flag&X-Amz-Date'))],
    ['SCHEME', 'plain http', () => sign({ scheme: 'http' })],
    ['HOST', 'a foreign host', () => sign({ host: 'sts.evil.example' })],
    ['HOST', 'a user before the host', () => tokenOf(urlOf(sign()).replace('https://', 'https://me@'))],
    ['HOST', 'a host that only begins well', () => sign({ host: 'sts.us-east-1.amazonaws.com.evil.example' })],
    ['HOST', 'a port', () => sign({ host: 'sts.us-east-1.amazonaws.com:8443' })],
    ['HOST', 'another service', () => sign({ host: 'iam.us-east-1.amazonaws.com' })],
    ['HOST', 'a pseudo-region', () => sign({ host: 'sts.aws-global.amazonaws.com' })],
    ['HOST', 'another partition', () => sign({ region: 'cn-north-1', host: 'sts.cn-north-1.amazonaws.com.cn' })],
    ['HOST', "another partition's domain", () => sign({ host: 'sts.us-east-1.amazonaws.com.cn' })],
    ['HOST', 'the global host in China', () => sign({ host: 'sts.amazonaws.com' }), { region: 'cn-north-1' }],
    ['HOST', 'the global host in GovCloud', () => sign({ host: 'sts.amazonaws.com' }), { region: 'us-gov-west-1' }],
    [
      'HOST',
      'a FIPS name that GovCloud does not have',
      () => sign({ region: 'us-gov-west-1', host: 'sts-fips.us-gov-west-1.amazonaws.com' }),
      { region: 'us-gov-west-1' },
    ],
    ['PATH', 'another path', () => sign({ path: '/base/' })],
    ['PATH', 'no path', () => tokenOf(urlOf(sign()).replace('.com/?', '.com?'))],
    ['PARAMETER', 'one too many', () => sign({ query: { 'X-Amz-User-Agent': 'me' } })],
    ['PARAMETER', 'no date', () => sign({ query: { 'X-Amz-Date': null } })],
    ['PARAMETER', 'no query', () => tokenOf('https://sts.us-east-1.amazonaws.com/')],
    ['PARAMETER', 'another algorithm', () => sign({ query: { 'X-Amz-Algorithm': 'AWS4-HMAC-SHA512' } })],
    ['DUPLICATE_PARAMETER', 'the same in other capitals', () => sign({ query: { 'x-amz-expires': '60' } })],
    ['ACTION', 'other capitals', () => sign({ query: { Action: 'getCallerIdentity' } })],
    ['ACTION', 'another action', () => sign({ query: { Action: 'AssumeRole' } })],
    ['ACTION', 'another version', () => sign({ query: { Version: '2012-01-01' } })],
    ['SIGNED_HEADERS', 'no cluster', () => sign({ query: { 'X-Amz-SignedHeaders': 'host' } })],
    ['SIGNED_HEADERS', 'no host', () => sign({ query: { 'X-Amz-SignedHeaders': 'x-k8s-aws-id' } })],
    [
      'SIGNED_HEADERS',
      'one too many',
      () => sign({ query: { 'X-Amz-SignedHeaders': 'content-type;host;x-k8s-aws-id' } }),
    ],
    ['SIGNED_HEADERS', 'another order', () => sign({ query: { 'X-Amz-SignedHeaders': 'x-k8s-aws-id;host' } })],
    ['EXPIRES', 'more than 900', () => sign({ query: { 'X-Amz-Expires': '901' } })],
    ['EXPIRES', 'less than 0', () => sign({ query: { 'X-Amz-Expires': '-1' } })],
    ['EXPIRES', 'no number', () => sign({ query: { 'X-Amz-Expires': 'soon' } })],
    ['DATE', 'month 13', () => sign({ query: { 'X-Amz-Date': '20261301T120000Z' } })],
    ['DATE', 'another format', () => sign({ query: { 'X-Amz-Date': '2026-03-01T12:00:00Z' } })],
    ['EXPIRED', 'older than 15 minutes', () => sign({ at: new Date('2026-03-01T11:44:59Z') })],
    ['NOT_YET_VALID', 'more than 5 minutes ahead', () => sign({ at: new Date('2026-03-01T12:05:01Z') })],
    ['CREDENTIAL_SCOPE', "not the host's region", () => sign({ host: 'sts.us-west-2.amazonaws.com' })],
    [
      'CREDENTIAL_SCOPE',
      'the global host is us-east-1',
      () => sign({ region: 'us-west-2', host: 'sts.amazonaws.com' }),
    ],
    [
      'CREDENTIAL_SCOPE',
      'another service',
      () => sign({ query: { 'X-Amz-Credential': scoped('20260301/us-east-1/iam') } }),
    ],
    [
      'CREDENTIAL_SCOPE',
      'another day',
      () => sign({ query: { 'X-Amz-Credential': scoped('20260228/us-east-1/sts') } }),
    ],
    ['CREDENTIAL_SCOPE', 'no scope', () => sign({ query: { 'X-Amz-Credential': ADMIN.accessKeyId } })],
    ['UNKNOWN_ACCESS_KEY', 'a stranger', () => signToken({ ...ADMIN, accessKeyId: 'AKIANOBODY' }, { at: NOW })],
    ['SESSION_TOKEN', 'one too many', () => signToken({ ...ADMIN, sessionToken: 'x' }, { at: NOW })],
    ['SESSION_TOKEN', 'none', () => signToken({ ...ADMIN, accessKeyId: SESSION.accessKeyId }, { at: NOW })],
    [
      'CREDENTIALS_EXPIRED',
      'at their end',
      () => signToken(SESSION, { at: NOW }),
      { now: new Date('2026-03-01T12:10:00Z') },
    ],
    ['SIGNATURE', 'another secret', () => signToken({ ...ADMIN, secretAccessKey: 'wrong' }, { at: NOW })],
    ['SIGNATURE', 'another cluster', () => sign({ clusterName: 'prod' })],
    ['SIGNATURE', 'none', () => tokenOf(urlOf(sign()).replace(/&X-Amz-Signature=.*$/, ''))],
  ];
  it.each(refused)('refuse by the name %s: %s', (reason, _, make, options) => {
    expect(judge(make(), options)).toBe(reason);
  });
});

function scoped(scope: string): string {
  return `${ADMIN.accessKeyId}/${scope}/aws4_request`;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=';

function judgeVector(vector: TokenVector, token: string): string {
  const { clusterName, region, time: now, identity } = vector;
  return judge(token, { clusterName, region, now, identities: new Map([[identity.accessKeyId, identity]]) });
}

/** Some other characters: neighbours in both orders, the far end of the alphabet, another case, and what is no base64. */
function replacements(character: string): string[] {
  const at = ALPHABET.indexOf(character);
  const near = [1, 2, 4, 8, 16, 32].map((distance) => ALPHABET.charAt((at + distance) % 64));
  return [...near, '=', '+', '\u00e9'].filter((one) => one !== character);
}

function replaced(text: string, at: number, byte: string): string {
  return text.slice(0, at) + byte + text.slice(at + 1);
}

/** Mulberry32. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
