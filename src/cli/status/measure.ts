import { EXEC_API_GROUP, formatExecInfo } from '../../aws/command/exec-info.ts';
import { ExecEnvironment } from '../../aws/stanza/exec-environment.ts';
import { overlaid } from '../../host.ts';
import type { PlainExecStanza } from '../../kubeconfig/read/exec-stanza.ts';
import { type ProgramOutcome, runProgram } from '../../system/run-program.ts';
import type { Terminal } from '../command.ts';
import { contextArgument } from '../contexts/context-words.ts';
import { Measured, type Run } from '../contexts/measured.ts';
import { namesByWords } from '../contexts/shared-words.ts';
import { startProgress } from '../terminal/progress.ts';
import { runOf, type Status, type StatusLine } from './read-status.ts';

/** In milliseconds. How long one command may take. */
const LIMIT_MS = 60_000;

/**
 * Runs the command of each context, as kubectl does for each of its commands, and remembers how long it takes. One after
 * the other, because commands beside each other are slower.
 * @returns the contexts whose command failed, a line for each way in which they failed
 */
export async function measure({ lines }: Status, terminal: Terminal): Promise<readonly string[]> {
  const { env, signal } = terminal;
  const failures: [words: string, names: readonly string[]][] = [];
  const measured: { stanza: PlainExecStanza; run: Run; seconds: number }[] = [];
  const seen = new Set<string>();
  const todo = lines.filter(({ context: { exec, state } }) => {
    if (!exec || state === 'other' || state === 'invalid') return false;
    const key = JSON.stringify([exec.command, exec.args, exec.env]);
    return !seen.has(key) && seen.add(key);
  });
  const progress = startProgress(terminal);
  try {
    for (const [index, line] of todo.entries()) {
      const { name, exec: stanza } = line.context;
      if (!stanza) continue;
      progress.update(index, todo.length, name);
      const first = await timed(stanza, terminal);
      signal.throwIfAborted();
      if (!printed(first.outcome)) {
        failures.push([endOf(first.outcome), [name]]);
        continue;
      }
      measured.push({ stanza, run: runOf(line), seconds: first.seconds });
      // The next one of these has a token, and that is what most commands of kubectl wait for.
      if (makesToken(line)) {
        const next = await timed(stanza, terminal);
        if (printed(next.outcome)) measured.push({ stanza, run: 'from the cache', seconds: next.seconds });
      }
    }
  } finally {
    progress.end();
  }
  await Measured.remember(env, measured);
  return [...namesByWords(failures)].map(([end, names]) => {
    const [first = '', ...others] = names;
    const whose = others.length === 0 ? 'its command' : 'their commands';
    return `${names.join(', ')}: ${whose} failed (${end}): \`ekspress doctor ${contextArgument(first)}\``;
  });
}

function makesToken(line: StatusLine): boolean {
  // On Windows a second question of one process is one after a refused token, which is answered by a new token.
  return line.context.state === 'applied' && runOf(line) === 'without the cache' && process.platform !== 'win32';
}

async function timed(
  { command, args, env: variables }: PlainExecStanza,
  { env, signal }: Terminal,
): Promise<{ readonly outcome: ProgramOutcome; readonly seconds: number }> {
  const own = {
    ...overlaid(env, new ExecEnvironment(variables).toEnvironment()),
    KUBERNETES_EXEC_INFO: formatExecInfo(`${EXEC_API_GROUP}/v1beta1`, undefined),
  };
  // The plugin would take a second question of this process for one after a refused token, so a shell of its own asks.
  const call =
    process.platform === 'win32'
      ? { command, args: args.map(String) }
      : { command: 'sh', args: ['-c', '"$@"; exit $?', 'sh', command, ...args.map(String)] };
  const began = performance.now();
  const outcome = await runProgram({ ...call, env: own, timeoutMs: LIMIT_MS, signal });
  return { outcome, seconds: (performance.now() - began) / 1000 };
}

function printed(outcome: ProgramOutcome): boolean {
  return outcome.kind === 'exited' && outcome.status === 0 && outcome.stdout.length > 0;
}

function endOf(outcome: ProgramOutcome): string {
  if (outcome.kind === 'exited') return outcome.status === 0 ? 'it printed nothing' : `exit status ${outcome.status}`;
  if (outcome.kind === 'not-started') return outcome.error.code ?? outcome.error.message;
  return outcome.kind === 'killed' ? outcome.signal : outcome.kind;
}
