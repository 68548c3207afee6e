import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { packageFile } from '../../src/plugin/package-file.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { onWindows, type WindowsOutcome, windowsPath } from '../support/wine.ts';

const WORDS = ['aws', 'eks', 'get-token', '--cluster-name', 'dev', '--region', 'us-east-1'];
const MINIMAL = 'C:\\windows\\system32';

/** The home of a person, with two profiles, and a folder that Git Bash or a company calls HOME, with other keys. */
let profile: string;
let other: string;
beforeEach(() => {
  profile = homeWith({ default: 'AKIADEFAULT', reader: 'AKIAREADER' });
  other = homeWith({ default: 'AKIAOTHERHOME', reader: 'AKIAOTHERHOME' });
});

function homeWith(keys: Readonly<Record<string, string>>): string {
  const home = temporaryFolder('windows-home');
  mkdirSync(join(home, '.aws'));
  const sections = Object.entries(keys).map(
    ([name, id]) => `[${name}]\naws_access_key_id = ${id}\naws_secret_access_key = SECRET\n`,
  );
  writeFileSync(join(home, '.aws', 'credentials'), sections.join(''));
  return home;
}

/** Whose key signed the token of an answer. */
function signerOf({ stdout, stderr }: WindowsOutcome): string {
  if (!stdout.startsWith('{')) return stderr || stdout;
  const token: string = JSON.parse(stdout).status.token;
  const url = Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString();
  return /X-Amz-Credential=([^%]+)/.exec(url)?.[1] ?? token;
}

/** Asks Node's first file of the plugin once for each environment. */
async function signers(environments: readonly Readonly<Record<string, string>>[]): Promise<string[]> {
  const hit = windowsPath(packageFile('dist/exec/hit.cjs'));
  const outcomes = await onWindows(
    environments.map((env) => ({
      args: [hit, ...WORDS],
      env: { ...(!env.Path && { PATH: MINIMAL }), USERPROFILE: windowsPath(profile), ...env },
    })),
  );
  return outcomes.map(signerOf);
}

describe('the identity of a token on Windows', () => {
  it('does not depend on how the names of variables are written', async () => {
    const names = ['AWS_PROFILE', 'aws_profile', 'Aws_Profile', 'AWS_profile'];
    expect(await signers(names.map((name) => ({ [name]: 'reader' })))).toEqual(names.map(() => 'AKIAREADER'));
  });

  it('does not depend on how the names are written in an entry of the cache either', async () => {
    const cases = [{ AWS_PROFILE: 'reader' }, { aws_profile: 'default' }, { aws_profile: 'reader' }, {}];
    expect(await signers(cases)).toEqual(['AKIAREADER', 'AKIADEFAULT', 'AKIAREADER', 'AKIADEFAULT']);
  });

  it('is that of USERPROFILE, whatever HOME says', async () => {
    expect(await signers([{ HOME: windowsPath(other) }, { home: windowsPath(other) }])).toEqual([
      'AKIADEFAULT',
      'AKIADEFAULT',
    ]);
  });

  it('is that of a batch file called aws which may choose another one: it runs, with names that cmd.exe cannot misread', async () => {
    const bin = temporaryFolder('windows-bin');
    const token = `k8s-aws-v1.${Buffer.from('https://sts/?X-Amz-Credential=WRAPPER%2F').toString('base64url')}`;
    const answer = {
      kind: 'ExecCredential',
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      status: { token, expirationTimestamp: '2099-01-01T00:00:00Z' },
    };
    writeFileSync(join(bin, 'aws.cmd'), `@echo ${JSON.stringify(answer)}\r\n`);
    const path = `${windowsPath(bin)};${MINIMAL}`;
    expect(await signers([{ PATH: path }, { Path: path }])).toEqual(['WRAPPER', 'WRAPPER']);
  });
});

describe('words of a kubeconfig that cmd.exe reads as commands', () => {
  const evil = [
    'x&echo made>made',
    'x|echo made>made',
    '%USERNAME%',
    'x"&echo made>made&"',
    'x^&echo made>made',
    '!x!',
  ];

  it('run nothing: a batch file called aws does not get them', async () => {
    const bin = temporaryFolder('windows-bin');
    writeFileSync(join(bin, 'aws.cmd'), '@echo ran %* >> "%~dp0ran"\r\n');
    const main = windowsPath(packageFile('dist/exec/main.cjs'));
    const env = { PATH: `${windowsPath(bin)};${MINIMAL}`, USERPROFILE: windowsPath(profile) };
    const outcomes = await onWindows(evil.map((word) => ({ args: [main, ...WORDS, '--profile', word], env })));
    for (const { stdout, stderr, status } of outcomes) {
      expect({ stdout, status }).toEqual({ stdout: '', status: 77 });
      expect(stderr).toMatch(/aws could not be started: it is a batch file, and cmd\.exe could misread the word/);
    }
  });
});
