import type { ChildProcess } from 'node:child_process';

/** What programs of ours never say to a user, and what only those see who ask for the log. */
const FOREIGN: readonly RegExp[] = [
  // Node: `(node:123) MaxListenersExceededWarning: …`, and its advice.
  /^\(node:\d+\) /,
  /^\(Use `node --trace-/,
  // The AWS SDK.
  /NodeVersionSupportWarning|The AWS SDK for JavaScript/,
];
const UNDER_DEBUG: readonly RegExp[] = [
  // The log: `[WARN] no new token {…}`.
  /^\[(DEBUG|INFO|WARN|ERROR)\] /,
  // A Node that dies; tests that take the descriptors or the memory away have debug on.
  /^node:internal\//,
  /^Node\.js v\d+\./,
  // A stack: `    at run (file:///…:12:3)`.
  /^\s+at .+:\d+:\d+\)?$/,
  /^\s+at (async )?\S+ \(.*\)$/,
];

/** How a program was started. */
export interface Started {
  /** With `--debug` or EKS_TOKEN_DEBUG=1. Default: no. */
  readonly debug?: boolean;
}

/** Whether a program was asked for its log. */
export function isDebugged(env: Readonly<Record<string, string | undefined>>, words: readonly string[] = []): Started {
  return { debug: env.EKSPRESS_DEBUG === '1' || env.EKS_TOKEN_DEBUG === '1' || words.includes('--debug') };
}

/**
 * Reads what a program has said on stderr.
 * @throws Error with the lines that are not ours: warnings of Node or of the AWS SDK, lines of the log, stacks
 */
export function expectOwnWords(stderr: string, { debug = false }: Started = {}): void {
  const rules = debug ? FOREIGN : [...FOREIGN, ...UNDER_DEBUG];
  const lines = stderr.split('\n').filter((line) => rules.some((rule) => rule.test(line.replace(/\r$/, ''))));
  if (lines.length > 0) throw new Error(`On stderr stands what no user is to see:\n${lines.join('\n')}`);
}

/** The same for a program that runs on: read when its stderr ends. The test file fails then, as with any error that nothing catches. */
export function expectOwnWordsOf<T extends ChildProcess>(child: T, started: Started = {}): T {
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stderr?.once('end', () => expectOwnWords(stderr, started));
  return child;
}
