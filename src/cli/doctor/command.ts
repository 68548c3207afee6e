import { parseArgs } from 'node:util';
import { ekspressHome } from '../../kubeconfig/ekspress-home.ts';
import { type Command, EXIT, type Terminal } from '../command.ts';
import { describeContexts } from '../contexts/describe-context.ts';
import { type LoadedContext, loadContexts, pickContexts } from '../contexts/load-contexts.ts';
import { printable, wrapped } from '../terminal/display-width.ts';
import { type Colour, painter } from '../terminal/paint.ts';
import { printResult } from '../terminal/print-result.ts';
import { startProgress } from '../terminal/progress.ts';
import { contextChecks } from './context-checks.ts';
import type { Check, Finding } from './finding.ts';
import { localChecks } from './local-checks.ts';

const help = `ekspress doctor: find out why kubectl is slow or refused

  ekspress doctor [CONTEXT]           default: the current context

Checks, side by side: who AWS says you are, how long an SSO login lasts, this machine's clock, whether STS and the API
server answer (through proxies), as whom the API server knows you, the cache, left-over locks, the installed script,
what programs started from the desktop find, and kubectl's own plugin policy. A fresh token is made for it, which is not
shared. Offline the checks of this machine still tell something.

Exit status 1 if a check fails; -o json for scripts.
`;

/** `ekspress doctor`. */
export const doctor: Command = { name: 'doctor', summary: 'find out why kubectl is slow or refused', help, run };

/** How long one check may take, in milliseconds. */
const TIMEOUT_MS = 10_000;

async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  const { positionals } = parseArgs({ args: [...words], options: {}, allowPositionals: true });
  const loaded = await loadContexts(terminal);
  const chosen = positionals.length > 0 ? pickContexts(loaded, positionals) : currentOf(loaded.contexts);
  for (const { problem } of chosen) if (problem) throw problem;
  const all = await describeContexts(loaded.contexts, terminal.env);
  const own = localChecks({
    env: terminal.env,
    home: ekspressHome(terminal.env),
    files: loaded.files,
    commands: all.flatMap(({ config, original }) => (config && original ? [original.command] : [])),
    applied: all.some(({ state, portable }) => state === 'applied' && !portable),
  });
  const contexts = chosen.flatMap(({ name, selected }) => {
    const described = all.find((one) => one.name === name);
    return described && selected ? contextChecks(described, selected.cluster, terminal) : [];
  });
  const findings = await runAll([...contexts, ...own], terminal);
  printResult(terminal, { findings }, () => findings.map((finding) => lineOf(finding, terminal)).join(''));
  return findings.some(({ result }) => result === 'failure') ? EXIT.failure : EXIT.ok;
}

function currentOf(contexts: readonly LoadedContext[]): readonly LoadedContext[] {
  return contexts.filter(({ current }) => current);
}

async function runAll(checks: readonly Check[], terminal: Terminal): Promise<readonly (Finding & { title: string })[]> {
  const progress = startProgress(terminal);
  const waiting = new Set(checks.map(({ title }) => title));
  const update = (): void => progress.update(checks.length - waiting.size, checks.length, [...waiting].join(', '));
  update();
  try {
    const found = await Promise.all(
      checks.map(async ({ check, title, run: work }) => {
        const signal = AbortSignal.any([terminal.signal, AbortSignal.timeout(TIMEOUT_MS)]);
        const results = await work(signal);
        waiting.delete(title);
        update();
        return results.map((result) => ({ check, title, ...result }));
      }),
    );
    terminal.signal.throwIfAborted();
    return found.flat();
  } finally {
    progress.end();
  }
}

const MARKS: Readonly<Record<Finding['result'], readonly [string, Colour]>> = {
  ok: ['✓', 'green'],
  warning: ['!', 'yellow'],
  failure: ['✗', 'red'],
  skipped: ['-', 'dim'],
};

/** Below the messages. */
const INDENT = ' '.repeat(14);

function lineOf({ result, title, message, remedy }: Finding & { title: string }, { screen }: Terminal): string {
  const paint = painter(screen);
  const [mark, colour] = MARKS[result];
  const lines = [message, ...(remedy === undefined ? [] : [remedy])].map((text) =>
    wrapped(`${INDENT}${printable(text)}`, screen.columns, INDENT).trimStart(),
  );
  return `${paint(colour, mark)} ${title.padEnd(12)}${lines.join(`\n${INDENT}`)}\n`;
}
