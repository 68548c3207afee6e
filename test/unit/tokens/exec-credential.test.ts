import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  askedApiVersion,
  formatExecCredential,
  parseExecCredential,
  signedAt,
} from '../../../src/aws/exec-credential.ts';
import { EKSAuthError } from '../../../src/errors.ts';

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

describe('reading what a command printed', () => {
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
    const line = formatExecCredential('client.authentication.k8s.io/v1', 't', new Date('2026-01-02T03:04:05.678Z'));
    expect(line).toBe(
      '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{},"status":{"expirationTimestamp":"2026-01-02T03:04:05Z","token":"t"}}',
    );
  });
});
