import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type OriginalCommandOptions, runOriginalCommand } from '../../../../src/aws/command/original-command.ts';
import type { EKSAuthConfig } from '../../../../src/aws/stanza/eks-auth-config.ts';
import { parseExecConfig } from '../../../../src/aws/stanza/parse-exec-config.ts';
import { EKSAuthError, type EKSAuthErrorCode } from '../../../../src/errors.ts';
import { isRunning } from '../../../support/is-running.ts';
import { NOWHERE } from '../../../support/paths.ts';
import { quoted } from '../../../support/sh.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const directory = temporaryFolder('command');
const ANSWER =
  '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","status":{"token":"from-the-command"}}';
let scripts = 0;

function command(body: string, cluster = 'dev'): EKSAuthConfig {
  scripts += 1;
  const folder = join(directory, String(scripts));
  mkdirSync(folder);
  const path = join(folder, 'aws');
  writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return stanzaOf(path, cluster);
}

function stanzaOf(command: string, cluster = 'dev'): EKSAuthConfig {
  return parseExecConfig({ command, args: ['eks', 'get-token', '--cluster-name', cluster, '--profile', 'acme'] });
}

const captured: OriginalCommandOptions = { env: { PATH: process.env.PATH }, stdio: 'captured' };

async function failure(config: EKSAuthConfig, options: Partial<OriginalCommandOptions> = {}): Promise<EKSAuthError> {
  try {
    await runOriginalCommand(config, { ...captured, ...options });
  } catch (error) {
    if (error instanceof EKSAuthError) return error;
    throw error;
  }
  throw new Error('the command succeeded');
}

describe('the original command', () => {
  it('gets its arguments as they are, without a shell', async () => {
    const config = command(`[ "$4" = 'a b;$(touch x)' ] && echo '${ANSWER}'`, 'a b;$(touch x)');
    await expect(runOriginalCommand(config, captured)).resolves.toEqual({ token: 'from-the-command' });
  });

  it('gets KUBERNETES_EXEC_INFO as client-go sets it', async () => {
    const out = join(directory, 'info');
    await runOriginalCommand(command(`printf %s "$KUBERNETES_EXEC_INFO" >'${out}'; echo '${ANSWER}'`), captured);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual({
      kind: 'ExecCredential',
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      spec: { interactive: false },
    });
  });

  it('cannot wait for input', async () => {
    await expect(runOriginalCommand(command(`cat >/dev/null; echo '${ANSWER}'`), captured)).resolves.toBeDefined();
  });
});

describe('the original command, when it fails,', () => {
  const cases: [string, string, EKSAuthErrorCode, string, string][] = [
    [
      'an expired SSO session',
      'Error when retrieving token from sso: Token has expired and refresh failed',
      'SESSION_EXPIRED',
      'Token has expired',
      'aws sso login --profile acme',
    ],
    [
      'a legacy SSO session',
      'The SSO session associated with this profile has expired or is otherwise invalid.',
      'SESSION_EXPIRED',
      'has expired',
      'aws sso login --profile acme',
    ],
    [
      'no credentials',
      'Unable to locate credentials. You can configure credentials by running "aws configure".',
      'NO_CREDENTIALS',
      'Unable to locate',
      'aws configure --profile acme',
    ],
    [
      'a denied role',
      'An error occurred (AccessDenied) when calling the AssumeRole operation: User: x is not authorized',
      'ACCESS_DENIED',
      'AssumeRole',
      'Check the trust policy of the role in the account of the role (`aws iam get-role --role-name ROLE` shows it)',
    ],
    [
      'an unknown profile',
      'The config profile (acme) could not be found',
      'PROFILE_NOT_FOUND',
      '(acme)',
      'aws configure list-profiles',
    ],
    [
      'no network',
      'Could not connect to the endpoint URL: "https://sts.us-east-1.amazonaws.com/"',
      'NETWORK',
      'sts.us-east-1',
      'HTTPS_PROXY',
    ],
    ['anything else', 'something odd', 'EXEC_FAILED', 'something odd', 'by hand'],
  ];
  it.each(cases)('is named: %s', async (_, stderr, code, said, remedy) => {
    const error = await failure(command(`cat >&2 <<'X'\n${stderr}\nX\nexit 255`));
    expect(error.code).toBe(code);
    expect(error.message).toContain('exited with status 255');
    expect(error.message).toContain(said);
    expect(error.remedy).toContain(remedy);
  });

  it('says that it asks for an MFA code, and where to type it', async () => {
    const prompt = 'Warning: Password input may be echoed.\\nEnter MFA code for arn:aws:iam::123456789012:mfa/me: ';
    const error = await failure(command(`printf '${prompt}' >&2; read code || exit 255`));
    expect(error.code).toBe('EXEC_FAILED');
    expect(error.remedy).toMatch(
      /MFA code is needed.*: run `aws sts get-caller-identity --profile acme` in a terminal.*`mfaCode`/,
    );
  });

  it('shows no token or key of its stderr', async () => {
    const error = await failure(
      command(
        `echo 'k8s-aws-v1.aHR0cHM "SecretAccessKey": "wJalr" SessionToken=sess1 X-Amz-Security-Token=sess2&x secret: sess3 Authorization: Bearer sess4 accessToken=sess5 {\\"SessionToken\\":\\"sess6\\"}' >&2; exit 1`,
      ),
    );
    expect(error.message).not.toMatch(/aHR0cHM|wJalr|sess\d/);
  });

  it('is reported where it dies by a signal', async () => {
    const error = await failure(command('kill -SEGV $$'));
    expect(error.code).toBe('EXEC_FAILED');
    expect(error.message).toContain('was ended by SIGSEGV');
  });

  it('is reported where it is missing', async () => {
    const error = await failure(stanzaOf('aws'), { env: { PATH: NOWHERE } });
    expect(error.code).toBe('EXEC_FAILED');
    expect(error.message).toContain('not found on PATH');
    expect(error.remedy).toMatch(/^Install the AWS CLI, or write its absolute path/);
  });

  it('is named in the remedy where it is a wrapper that is missing', async () => {
    const wrapper = parseExecConfig({
      command: 'aws-vault',
      args: ['exec', 'prod', '--', 'aws', 'eks', 'get-token', '--cluster-name', 'c', '--region', 'us-east-1'],
    });
    const error = await failure(wrapper, { env: { PATH: NOWHERE } });
    expect(error.remedy).toMatch(/^Install aws-vault, or write its absolute path/);
  });

  it('is reported where it is not executable', async () => {
    const path = join(directory, 'not-executable', 'aws');
    mkdirSync(path, { recursive: true });
    const error = await failure(stanzaOf(path));
    expect(error.message).toContain('could not be started: EACCES');
  });

  it('is killed at its limit with everything it started', async () => {
    const pidFile = join(directory, 'grandchild');
    const error = await failure(command(`sleep 600 & echo $! >'${pidFile}'; wait`), { timeoutMs: 300 });
    expect(error.code).toBe('TIMEOUT');
    expect(error.message).toContain('had not answered after 0.3 s');
    const grandchild = Number(readFileSync(pidFile, 'utf8'));
    await expect.poll(() => isRunning(grandchild)).toBe(false);
  });

  it('returns without waiting for a process that it left behind with its output open', async () => {
    // A group of its own, as that of a daemon: what the call ends does not include it.
    const pidFile = join(directory, 'daemon');
    const leaver = join(directory, 'leaver.cjs');
    writeFileSync(
      leaver,
      `const { pid } = require('node:child_process').spawn('sleep', ['600'], { detached: true, stdio: 'inherit' });
       require('node:fs').writeFileSync(process.argv[2], String(pid));
       process.exit();`,
    );
    const error = await failure(command([process.execPath, leaver, pidFile].map(quoted).join(' ')), {
      timeoutMs: 1500,
    });
    process.kill(Number(readFileSync(pidFile, 'utf8')));
    expect(error.code).toBe('TIMEOUT');
  });

  it('is stopped where it prints without end', async () => {
    const error = await failure(command('while :; do echo 0123456789012345678901234567890123456789; done'));
    expect(error.message).toContain('more than 1 MiB');
  });

  it('is stopped where the caller gives up', async () => {
    const signal = AbortSignal.timeout(200);
    const error = await failure(command('sleep 600'), { signal });
    expect(error.code).toBe('TIMEOUT');
    expect(error.message).toContain('aborted by the caller');
  });
});
