import { spawn } from 'node:child_process';
import { EKSAuthError } from '../errors.ts';
import type { Environment } from '../host.ts';
import { commandFailure } from './command-failure.ts';
import type { EKSAuthConfig } from './eks-auth-config.ts';
import { type BearerCredential, EXEC_API_GROUP, parseExecCredential } from './exec-credential.ts';
import { onAbort } from './link-signals.ts';
import { profileInForce } from './profile-in-force.ts';

/** An ExecCredential has at most some 8 KB; what prints more is not one. */
const MAX_OUTPUT_BYTES = 1024 * 1024;
/** Counts how often an original command has led back here: a script called `aws` may call ekspress itself. */
const CALLS = 'EKSPRESS_CALLS';
const MAX_CALLS = 3;
/** `aws` starts in 1–2 s; a credential_process behind it may ask a slow service. */
const DEFAULT_TIMEOUT_MS = 60_000;

export interface OriginalCommandOptions {
  /** The stanza's variables already over the process's. */
  readonly env: Environment;
  /**
   * `captured`: nobody can answer a prompt, stderr goes into the error (a service).
   * `terminal`: stdin and stderr are the caller's own and time is the user's (kubectl on a terminal).
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
  if (signal?.aborted) throw aborted(command, signal);
  const calls = Number(options.env[CALLS] ?? 0);
  if (calls >= MAX_CALLS) throw leadsBack(command);
  const interactive = options.stdio === 'terminal';
  const timeoutMs = options.timeoutMs ?? (interactive ? undefined : DEFAULT_TIMEOUT_MS);
  const child = spawn(command, [...args], {
    env: { KUBERNETES_EXEC_INFO: execInfo(interactive), ...options.env, [CALLS]: String(calls + 1) },
    stdio: interactive ? ['inherit', 'pipe', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that a command that never ends is killed with what it started. On a terminal it has to
    // stay in the caller's group: only that one may read from the terminal.
    detached: !interactive && process.platform !== 'win32',
    windowsHide: true,
  });
  const output = { stdout: '', stderr: '' };
  let stop: EKSAuthError | undefined;
  const end = (error: EKSAuthError): void => {
    stop ??= error;
    killTree(child.pid, !interactive);
    // Something that left the group may hold the pipes open; we have stopped listening.
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  const collect = (name: 'stdout' | 'stderr', chunk: string): void => {
    if (output[name].length + chunk.length > MAX_OUTPUT_BYTES) {
      if (name === 'stdout') end(tooMuchOutput(command));
      return;
    }
    output[name] += chunk;
  };
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => collect('stdout', chunk));
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => collect('stderr', chunk));
  const callOff = signal && onAbort(signal, () => end(aborted(command, signal)));
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => end(tookTooLong(command, timeoutMs)), timeoutMs);
  try {
    const ended = await new Promise<string | undefined>((resolve, reject) => {
      child.once('error', (cause: NodeJS.ErrnoException) => reject(notStarted(command, cause)));
      child.once('close', (code, killedBy) => {
        resolve(code === 0 ? undefined : killedBy ? `was ended by ${killedBy}` : `exited with status ${code}`);
      });
    });
    if (stop) throw stop;
    if (ended !== undefined)
      throw commandFailure(
        command,
        ended,
        interactive ? undefined : output.stderr,
        profileInForce(config, options.env),
      );
    return parseExecCredential(output.stdout, command);
  } finally {
    clearTimeout(timer);
    callOff?.();
  }
}

function execInfo(interactive: boolean): string {
  return JSON.stringify({
    kind: 'ExecCredential',
    apiVersion: `${EXEC_API_GROUP}/v1beta1`,
    spec: { interactive },
  });
}

function killTree(pid: number | undefined, ownGroup: boolean): void {
  if (pid === undefined) return;
  try {
    process.kill(ownGroup && process.platform !== 'win32' ? -pid : pid, 'SIGKILL');
  } catch {
    // It has ended in the meantime.
  }
}

function notStarted(command: string, cause: NodeJS.ErrnoException): EKSAuthError {
  const missing = cause.code === 'ENOENT';
  return new EKSAuthError(
    'EXEC_FAILED',
    missing
      ? `${command} is needed to get this token, and it was not found${command.includes('/') ? '' : ' on PATH'}.`
      : `${command} could not be started: ${cause.code ?? cause.message}.`,
    {
      remedy: missing
        ? 'Install the AWS CLI, or write its absolute path into the kubeconfig (programs started from a desktop have a short PATH).'
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

function tookTooLong(command: string, timeoutMs: number): EKSAuthError {
  return new EKSAuthError('TIMEOUT', `${command} had not answered after ${timeoutMs / 1000} s and was ended.`, {
    remedy: 'Run the command by hand to see what it waits for (a prompt, a proxy, a login in a browser).',
  });
}

function tooMuchOutput(command: string): EKSAuthError {
  return new EKSAuthError('EXEC_FAILED', `${command} printed more than 1 MiB where an ExecCredential was expected.`, {
    remedy: 'Run the command by hand: it has to print one ExecCredential in JSON and nothing else.',
  });
}

function aborted(command: string, signal: AbortSignal): EKSAuthError {
  return new EKSAuthError('TIMEOUT', `Waiting for ${command} was aborted by the caller.`, {
    remedy: 'Ask again, or give the signal more time.',
    cause: signal.reason,
  });
}
