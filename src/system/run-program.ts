import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Environment } from '../host.ts';
import { onAbort } from './link-signals.ts';
import { windowsCall } from './windows-call.ts';

/** The most that a program may print on stdout, in bytes: an ExecCredential has some tens of kilobytes at most. */
export const MAX_OUTPUT_BYTES: number = 1024 * 1024;

/** A program that is started without a shell. */
export interface ProgramRequest {
  /** A path, or a name that the system looks for on the PATH of `env`. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Environment;
  /**
   * `terminal`: the standard input of this process, so that the program can ask the user. The program then stays in the
   * process group of this process, as only that group may read from the terminal. Default `closed`: an empty input.
   */
  readonly stdin?: 'terminal' | 'closed';
  /** `terminal`: the stderr of this process. Default: `collected`. */
  readonly stderr?: 'terminal' | 'collected';
  /** In milliseconds. Undefined: no limit. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a program printed before it ended. */
export interface ProgramOutput {
  /** The whole stdout. */
  readonly stdout: Buffer;
  /** The last {@link MAX_OUTPUT_BYTES} of stderr. Empty if it went to the terminal. */
  readonly stderr: string;
}

/** How a program ended. `not-started` has the system's error, ENOENT if there is no such program. */
export type ProgramOutcome =
  | ({ readonly kind: 'exited'; readonly status: number } & ProgramOutput)
  | ({ readonly kind: 'killed'; readonly signal: NodeJS.Signals } & ProgramOutput)
  | { readonly kind: 'not-started'; readonly error: NodeJS.ErrnoException }
  | { readonly kind: 'too-much-output' | 'timed-out' | 'aborted' };

/**
 * Runs a program and collects its output. A program is killed if it prints too much, takes too long or is aborted, with
 * all processes in its process group. Never rejects.
 */
export function runProgram(request: ProgramRequest): Promise<ProgramOutcome> {
  return new Promise((resolve) => {
    const { timeoutMs, signal } = request;
    if (signal?.aborted) return resolve({ kind: 'aborted' });
    const ownGroup = request.stdin !== 'terminal' && process.platform !== 'win32';
    let child: ChildProcess;
    try {
      child = start(request, ownGroup);
    } catch (error) {
      return resolve({ kind: 'not-started', error: error as NodeJS.ErrnoException });
    }
    let stopped: ProgramOutcome | undefined;
    const stop = (kind: 'too-much-output' | 'timed-out' | 'aborted'): void => {
      stopped ??= { kind };
      kill(child.pid, ownGroup);
      // A process that has left the group may hold the pipes open. Its output is not awaited.
      child.stdout?.destroy();
      child.stderr?.destroy();
    };
    const callOff = signal && onAbort(signal, () => stop('aborted'));
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => stop('timed-out'), timeoutMs);
    const finish = (outcome: ProgramOutcome): void => {
      clearTimeout(timer);
      callOff?.();
      resolve(stopped ?? outcome);
    };
    const stdout = collectAll(child.stdout, () => stop('too-much-output'));
    const stderr = collectEnd(child.stderr);
    child.once('error', (error) => finish({ kind: 'not-started', error }));
    child.once('close', (status, killedBy) => {
      const output = { stdout: stdout(), stderr: stderr().toString('utf8') };
      if (killedBy !== null) finish({ kind: 'killed', signal: killedBy, ...output });
      else finish({ kind: 'exited', status: status ?? 1, ...output });
    });
  });
}

function start({ command, args, env, stdin, stderr }: ProgramRequest, ownGroup: boolean): ChildProcess {
  const call = process.platform === 'win32' ? windowsCall(command, args, env) : { command, args };
  return spawn(call.command, [...call.args], {
    ...('windowsVerbatimArguments' in call && { windowsVerbatimArguments: call.windowsVerbatimArguments }),
    env: { ...env },
    stdio: [stdin === 'terminal' ? 'inherit' : 'ignore', 'pipe', stderr === 'terminal' ? 'inherit' : 'pipe'],
    detached: ownGroup,
    windowsHide: true,
  });
}

function kill(pid: number | undefined, ownGroup: boolean): void {
  if (pid === undefined) return;
  try {
    process.kill(ownGroup ? -pid : pid, 'SIGKILL');
  } catch {
    // The process has ended in the meantime.
  }
}

/** Keeps the whole output of a stream, up to the limit. */
function collectAll(stream: Readable | null, onTooMuch: () => void): () => Buffer {
  const chunks: Buffer[] = [];
  let length = 0;
  stream?.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > MAX_OUTPUT_BYTES) onTooMuch();
    else chunks.push(chunk);
  });
  return () => Buffer.concat(chunks);
}

/** Keeps the end of the output of a stream: the last lines of a log tell why a program failed. */
function collectEnd(stream: Readable | null): () => Buffer {
  const chunks: Buffer[] = [];
  let length = 0;
  stream?.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    while (length - (chunks[0]?.length ?? 0) >= MAX_OUTPUT_BYTES) length -= chunks.shift()?.length ?? 0;
  });
  return () => Buffer.concat(chunks).subarray(-MAX_OUTPUT_BYTES);
}
