import { EKSAuthError } from '../../errors.ts';
import type { Environment } from '../../host.ts';
import { runProgram } from '../../system/run-program.ts';
import type { EKSAuthConfig } from '../stanza/eks-auth-config.ts';
import { profileInForce } from '../stanza/profile-in-force.ts';
import { commandFailure } from './command-failure.ts';
import { type BearerCredential, parseExecCredential } from './exec-credential.ts';
import { EXEC_API_GROUP } from './exec-info.ts';

/** Counts how often an original command has led back here: a script called `aws` may call ekspress itself. */
const CALLS = 'EKSPRESS_CALLS';
const MAX_CALLS = 3;
/** `aws` starts in 1–2 s; a credential_process behind it may ask a slow service. */
const DEFAULT_TIMEOUT_MS = 60_000;

export interface OriginalCommandOptions {
  /** The variables of the process, overridden by those of the stanza. */
  readonly env: Environment;
  /**
   * `captured`: a prompt cannot be answered, and stderr goes into the error (a service).
   * `terminal`: the command uses stdin and stderr of this process (kubectl on a terminal).
   */
  readonly stdio: 'captured' | 'terminal';
  /** Default 60 s when captured, none on a terminal. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs the command that the kubeconfig names, without a shell, and reads the credential it prints.
 * @throws EKSAuthError EXEC_FAILED or what its stderr tells (SESSION_EXPIRED, …); TIMEOUT where it took too long
 */
export async function runOriginalCommand(
  config: EKSAuthConfig,
  options: OriginalCommandOptions,
): Promise<BearerCredential> {
  const { command, args } = config.exec;
  const { signal } = options;
  const calls = Number(options.env[CALLS] ?? 0);
  if (calls >= MAX_CALLS) throw leadsBack(command);
  const interactive = options.stdio === 'terminal';
  const timeoutMs = options.timeoutMs ?? (interactive ? undefined : DEFAULT_TIMEOUT_MS);
  const outcome = await runProgram({
    command,
    args,
    env: { KUBERNETES_EXEC_INFO: execInfo(interactive), ...options.env, [CALLS]: String(calls + 1) },
    ...(interactive && { stdin: 'terminal', stderr: 'terminal' }),
    timeoutMs,
    signal,
  });
  const failed = (ended: string, stderr: string): EKSAuthError =>
    commandFailure(command, ended, interactive ? undefined : stderr, profileInForce(config, options.env));
  switch (outcome.kind) {
    case 'exited':
      if (outcome.status !== 0) throw failed(`exited with status ${outcome.status}`, outcome.stderr);
      return parseExecCredential(outcome.stdout.toString('utf8'), command);
    case 'killed':
      throw failed(`was ended by ${outcome.signal}`, outcome.stderr);
    case 'not-started':
      throw notStarted(command, outcome.error);
    case 'too-much-output':
      throw tooMuchOutput(command);
    case 'timed-out':
      throw tookTooLong(command, timeoutMs ?? 0);
    case 'aborted':
      throw aborted(command, signal);
  }
}

function execInfo(interactive: boolean): string {
  return JSON.stringify({
    kind: 'ExecCredential',
    apiVersion: `${EXEC_API_GROUP}/v1beta1`,
    spec: { interactive },
  });
}

/** The AWS CLI, by its name or its path. */
const PROGRAM_OF_AWS = /(?:^|[\\/])aws(?:\.\w+)?$/;

function notStarted(command: string, cause: NodeJS.ErrnoException): EKSAuthError {
  const missing = cause.code === 'ENOENT';
  const batch = cause.code === undefined;
  const program = PROGRAM_OF_AWS.test(command) ? 'the AWS CLI' : command;
  return new EKSAuthError(
    'EXEC_FAILED',
    missing
      ? `${command} is needed to get this token, and it was not found${command.includes('/') ? '' : ' on PATH'}.`
      : `${command} could not be started: ${cause.code ?? cause.message}.`,
    {
      remedy: missing
        ? `Install ${program}, or write its absolute path into the kubeconfig (programs started from a desktop have a short PATH).`
        : batch
          ? 'Install the AWS CLI with its own installer, which brings aws.exe, or use names of letters, digits, blanks and _ . / : @ + = , -.'
          : 'Check that the file is executable by this user.',
      cause,
    },
  );
}

function leadsBack(command: string): EKSAuthError {
  return new EKSAuthError('EXEC_FAILED', `${command} leads back to ekspress instead of getting a token.`, {
    remedy: `See what \`${command}\` is: a script of that name has to start the AWS CLI by its path.`,
  });
}

/** For a program that has not ended in time. */
export function tookTooLong(command: string, timeoutMs: number): EKSAuthError {
  return new EKSAuthError('TIMEOUT', `${command} had not answered after ${timeoutMs / 1000} s and was ended.`, {
    remedy: 'Run the command by hand to see what it waits for (a prompt, a proxy, a login in a browser).',
  });
}

/** For a program that printed more than an ExecCredential may have. */
export function tooMuchOutput(command: string): EKSAuthError {
  return new EKSAuthError('EXEC_FAILED', `${command} printed more than 1 MiB where an ExecCredential was expected.`, {
    remedy: 'Run the command by hand: it has to print one ExecCredential in JSON and nothing else.',
  });
}

function aborted(command: string, signal: AbortSignal | undefined): EKSAuthError {
  return new EKSAuthError('TIMEOUT', `Waiting for ${command} was aborted by the caller.`, {
    remedy: 'Ask again, or give the signal more time.',
    cause: signal?.reason,
  });
}
