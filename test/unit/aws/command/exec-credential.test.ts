import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  formatExecCredential,
  parseExecCredential,
  readExecCredential,
  signedAt,
} from '../../../../src/aws/command/exec-credential.ts';
import { askedApiVersion } from '../../../../src/aws/command/exec-info.ts';
import { EKSAuthError } from '../../../../src/errors.ts';

interface Vector {
  readonly id: string;
  readonly time: string;
  readonly env: Record<string, string>;
  readonly v2: {
    readonly exitCode: number;
    readonly execCredential?: { apiVersion: string; status: { token: string } };
  };
}
const vectors: Vector[] = JSON.parse(readFileSync('test/vectors/aws-eks-get-token.json', 'utf8')).cases;
const good =
  '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","spec":{},"status":{"expirationTimestamp":"2026-01-02T03:04:05Z","token":"t"}}';

function failure(stdout: string): EKSAuthError {
  try {
    parseExecCredential(stdout, 'aws');
  } catch (error) {
    if (error instanceof EKSAuthError) return error;
  }
  throw new Error('no EKSAuthError');
}

describe('the reader of what an EKS command printed', () => {
  it('takes the pretty-printed answer of the CLI with its trailing lines', () => {
    expect(parseExecCredential(`${JSON.stringify(JSON.parse(good), null, 4)}\n\n`, 'aws')).toEqual({
      token: 't',
      expiresAt: new Date('2026-01-02T03:04:05Z'),
    });
  });

  it.each([
    ['', 'printed nothing'],
    ['   \n', 'printed nothing'],
    ['Usage: aws', 'not JSON'],
    [`${good}\n${good}`, 'more than one JSON document'],
    ['[]', 'not an ExecCredential'],
    ['{"kind":"Status"}', 'not an ExecCredential'],
    ['{"kind":"ExecCredential","status":{}}', 'without status.token'],
    ['{"kind":"ExecCredential","status":{"token":""}}', 'without status.token'],
    ['{"kind":"ExecCredential","status":{"token":"t","expirationTimestamp":"soon"}}', 'is not a date'],
    ['{"kind":"ExecCredential","status":{"token":"a\\r\\nb"}}', 'characters that no HTTP header can hold'],
    [
      `{"kind":"ExecCredential","status":{"token":"${'x'.repeat(4097)}"}}`,
      'a token of 4097 characters; EKS accepts 4096',
    ],
  ])('refuses %j', (stdout, why) => {
    const error = failure(stdout);
    expect(error.code).toBe('EXEC_FAILED');
    expect(error.message).toContain(why);
    expect(error.message).toMatch(/^aws /);
    expect(error.remedy).toContain('Run the command by hand');
  });
});

describe('the reader of what any plugin printed', () => {
  const read = (status: object) => readExecCredential(JSON.stringify({ kind: 'ExecCredential', status }));
  const certificate = { clientCertificateData: 'c', clientKeyData: 'k' };

  it('takes a token, a certificate with its key, or both, after a byte order mark too', () => {
    expect(readExecCredential(`\uFEFF${good}`)).toEqual({ token: 't', expiresAt: new Date('2026-01-02T03:04:05Z') });
    expect(read(certificate)).toEqual({ token: '', certificate });
    expect(read({ token: 't', ...certificate, expirationTimestamp: null })).toEqual({ token: 't', certificate });
  });

  it.each([
    ['half of a certificate', { token: 't', clientKeyData: 'k' }, 'half of a client certificate'],
    ['neither', { clientCertificateData: '', clientKeyData: '' }, 'without status.token'],
    ['a token that is no text', { token: 1 }, 'without status.token'],
    [
      'an end without a zone, which means another moment on each machine',
      { token: 't', expirationTimestamp: '2026-01-02T03:04:05' },
      'is not a date',
    ],
    [
      'an end on a day that does not exist',
      { token: 't', expirationTimestamp: '2026-02-30T03:04:05Z' },
      'is not a date',
    ],
  ])('refuses %s', (_, status, why) => {
    expect(read(status)).toContain(why);
  });

  it('takes the time that Go writes for none as no time, also in the answer of a command for EKS', () => {
    const never = { token: 't', expirationTimestamp: '0001-01-01T00:00:00Z' };
    expect(read(never)).toEqual({ token: 't' });
    expect(parseExecCredential(JSON.stringify({ kind: 'ExecCredential', status: never }), 'aws')).toEqual({
      token: 't',
    });
  });

  it('reads again what was written', () => {
    const credential = { token: 't', certificate, expiresAt: new Date('2026-01-02T03:04:05Z') };
    const line = formatExecCredential('client.authentication.k8s.io/v1', credential);
    expect(readExecCredential(line)).toEqual(credential);
    expect(readExecCredential(formatExecCredential('x', { token: '', certificate }))).toEqual({
      token: '',
      certificate,
    });
  });
});

describe('the time inside a token', () => {
  it('is the time at which every vector was signed', () => {
    const tokens = vectors.filter(({ v2 }) => v2.execCredential?.status.token.includes('.') && v2.exitCode === 0);
    let checked = 0;
    for (const { time, v2 } of tokens) {
      const at = signedAt(v2.execCredential?.status.token ?? '');
      if (at === undefined) continue; // the one unsigned answer of --no-sign-request
      expect(at.toISOString()).toBe(new Date(time).toISOString());
      checked += 1;
    }
    expect(checked).toBeGreaterThan(120);
  });

  it('is unknown in another kind of token', () => {
    expect(signedAt('eyJhbGciOi')).toBeUndefined();
    expect(signedAt('k8s-aws-v1.bm90IGEgdXJs')).toBeUndefined();
  });
});

describe('the apiVersion of the answer', () => {
  const cases = vectors.filter(({ id, v2 }) => id.startsWith('exec-info/') && v2.exitCode === 0);
  it('is covered by vectors', () => expect(cases.length).toBeGreaterThanOrEqual(8));
  it.each(cases.map((vector) => [vector.id, vector] as const))('%s is answered as the CLI answers it', (_, vector) => {
    const { apiVersion } = askedApiVersion(vector.env.KUBERNETES_EXEC_INFO);
    expect(apiVersion).toBe(vector.v2.execCredential?.apiVersion);
  });

  it('is written on one line, in whole seconds', () => {
    const line = formatExecCredential('client.authentication.k8s.io/v1', {
      token: 't',
      expiresAt: new Date('2026-01-02T03:04:05.678Z'),
    });
    expect(line).toBe(
      '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{},"status":{"expirationTimestamp":"2026-01-02T03:04:05Z","token":"t"}}',
    );
  });
});
