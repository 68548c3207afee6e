import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseExecConfig } from '../../../../src/aws/stanza/parse-exec-config.ts';
import { EKSAuthError } from '../../../../src/errors.ts';
import { hostFrom } from '../../../../src/host.ts';
import { writeAWSProgram } from '../../../support/aws-program.ts';
import { mintInProcess } from '../../../support/mint-in-process.ts';
import { arrange } from '../../../support/mint-vectors.ts';
import { stubAWS } from '../../../support/stub-aws.ts';

interface Answer {
  readonly exitCode: number;
  readonly token: string | null;
  readonly accessKeyId: string | null;
  readonly requests: readonly { host: string; method: string; form?: Record<string, string> }[];
}

interface Case {
  readonly id: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | null>>;
  readonly files: Readonly<Record<string, string>>;
  readonly time: string;
  readonly stub: Readonly<Record<string, unknown>>;
  readonly answers: Readonly<Record<string, Answer>>;
}

const file = new URL('../../../vectors/newest-clis.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: readonly Case[] };

/** Where our answer is another one than the CLI's, on purpose. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'ends/now': 'the CLI hands out what ends this very second; above the mint that is SESSION_EXPIRED',
  'exec-info/deep': 'Python cannot read JSON of a thousand levels',
  'session-token/too-long': 'the CLI makes a token that no cluster accepts; ours is an error',
  'argv/no-sign-request': 'the CLI makes a token that no cluster accepts; ours is an error',
};

/** What is left to the installed CLI. */
const LEFT_TO_THE_CLI: Readonly<Record<string, readonly string[]>> = {
  'models/partitions': ['1.45.11', '2.36.7', '1.46.3', '1.46.3+awscrt'],
  'models/sts': ['1.45.11', '2.36.7', '1.46.3', '1.46.3+awscrt'],
  'retry-mode/legacy-env': ['2.36.7'],
  's3/no-group': ['1.45.11', '2.36.7', '1.46.3', '1.46.3+awscrt'],
  'login/v1': ['1.45.11', '1.46.3', '1.46.3+awscrt'],
  'cached-role/login-missing': ['1.45.11', '2.36.7', '1.46.3', '1.46.3+awscrt'],
  'ca-bundle/blank': ['1.45.11', '2.36.7', '1.46.3', '1.46.3+awscrt'],
  'output-encoding/unknown': ['1.45.11', '2.36.7', '1.46.3', '1.46.3+awscrt'],
  'argv/dashes': ['1.45.11', '2.36.7', '1.46.3', '1.46.3+awscrt'],
};

const RELEASES = ['1.45.11', '2.36.7', '1.46.3', '1.46.3+awscrt'];

/** What ekspress does where an `aws` of that release is installed. */
async function play({ argv, env, files, time, stub }: Case, release: string) {
  const given = Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
  const arranged = await arrange({ files, env: given });
  const home = arranged.HOME ?? '';
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const program = join(home, 'bin', 'aws');
  writeAWSProgram(program, `echo "aws-cli/${release.split('+')[0]} Python/3.11.7 Linux/6.1"`);
  const unset = Object.entries(env).flatMap(([name, value]) => (value === null ? [name] : []));
  const all = { AWS_EC2_METADATA_DISABLED: 'true', ...arranged, PATH: `${join(home, 'bin')}:${arranged.PATH}` };
  const own = Object.fromEntries(Object.entries(all).filter(([name]) => !unset.includes(name)));
  const { transport, requests } = stubAWS({ now: new Date(time), stub });
  try {
    const config = parseExecConfig({ command: 'aws', args: argv });
    const host = hostFrom({ env: own, now: () => new Date(time) });
    return { got: await mintInProcess({ config, host, transport }), requests };
  } catch (error) {
    if (error instanceof EKSAuthError) return { got: error, requests };
    throw error;
  }
}

describe.each(RELEASES)('the AWS CLI %s and ekspress beside it', (release) => {
  it.each(cases.filter(({ id }) => !(id in EXCEPTIONS)))('agree: $id', async (one) => {
    const want = one.answers[release] as Answer;
    const { got, requests } = await play(one, release);
    if (LEFT_TO_THE_CLI[one.id]?.includes(release)) {
      expect(got).toMatchObject({ kind: 'undecided' });
    } else if (want.exitCode !== 0) {
      expect(got).toBeInstanceOf(EKSAuthError);
    } else {
      expect(got).toMatchObject({ kind: 'minted', mintedAt: new Date(one.time) });
      // Each stub of AWS gives other keys, so a token that needs them is compared by what was asked.
      const asked = requests.map(({ method, url, form }) => ({ method, host: new URL(url).host, form: named(form) }));
      expect(asked).toEqual(want.requests.map(({ method, host, form }) => ({ method, host, form: named(form ?? {}) })));
      if (want.requests.length === 0) expect(tokenOf(got)).toBe(inOurOrder(want.token ?? ''));
    }
  });
});

describe('the exceptions among the vectors of the newest CLIs', () => {
  it.each(RELEASES)('are what they are said to be beside %s', async (release) => {
    const outcomes = new Map<string, unknown>();
    for (const one of cases.filter(({ id }) => id in EXCEPTIONS)) {
      const { got } = await play(one, release);
      outcomes.set(one.id, got instanceof EKSAuthError ? got.code : got.kind);
    }
    expect(Object.fromEntries(outcomes)).toEqual({
      'ends/now': 'minted',
      'exec-info/deep': 'minted',
      'session-token/too-long': 'INVALID_CONFIG',
      'argv/no-sign-request': 'INVALID_CONFIG',
    });
  });
});

/** Without the time in a session name that the CLI made up. */
function named(form: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { RoleSessionName = '' } = form;
  return { ...form, ...(RoleSessionName && { RoleSessionName: RoleSessionName.replace(/-\d+$/, '') }) };
}

function tokenOf(minted: object): string {
  return 'token' in minted ? String(minted.token) : '';
}

/** v1 with awscrt writes the same parameters with the same signature in another order. */
function inOurOrder(token: string): string {
  const url = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  const ours = url.replace(/&(X-Amz-SignedHeaders=[^&]*)&(X-Amz-Expires=[^&]*)/, '&$2&$1');
  return `k8s-aws-v1.${Buffer.from(ours).toString('base64url')}`;
}
